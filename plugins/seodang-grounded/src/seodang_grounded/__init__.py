"""A post with its accepted answer becomes a new question and answer: the way in which KoAlpaca v1.1 was made."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Annotated

import msgspec
import seodang

from seodang_grounded.copying import Copying
from seodang_grounded.leftovers import Leftovers
from seodang_grounded.posts import Post, post_of
from seodang_grounded.reading import Malformed, Pair, Reading
from seodang_grounded.texts import own_texts

SHOWN = 200


class Grounded(seodang.Lesson):
    """Shows the teacher a post (title, body, accepted answer) as material and asks for a new question and answer on what can be learnt
    from it. The post is used up; the new record has it as its parent, and keeps its address.

    The post is text of strangers: it stands between marks that it cannot close, and an answer that gives the guard's secret away is
    quarantined (`leaked`). A new answer that copies the accepted one, and one with leftovers of the post, is not kept.
    """

    name = "grounded"
    revision = 1

    class Options(seodang.Lesson.Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
        count: Annotated[int, msgspec.Meta(ge=1, le=10, description="So many new questions from every post, in one request.")] = 1
        column: Annotated[
            str,
            msgspec.Meta(
                min_length=1, description="The column with the accepted answer, where the record is not answered by it."
            ),
        ] = "answer"
        copied: Annotated[
            float,
            msgspec.Meta(ge=0, le=1, description="Leave out a new answer of which more than this share stands in the post."),
        ] = 0.3
        leftovers: Annotated[
            bool, msgspec.Meta(description="Leave out what has links, contact data, advertising or words about the post in it.")
        ] = True

    async def teach(
        self, records: AsyncIterator[seodang.Record], context: seodang.Context
    ) -> AsyncIterator[seodang.Record | seodang.Drop]:
        work = _Work(self, context)
        async for record, answer in context.ask.each(records, work.request):
            if answer is None:
                yield seodang.Drop("no-answer", "the post has no accepted answer", id=record.id)
                continue
            for result in work.results(record, answer.message.text):
                yield result


class _Work:
    """One step's work: what is asked about a post, and what is made of the answer."""

    def __init__(self, lesson: Grounded, context: seodang.Context) -> None:
        self._lesson = lesson
        self._options = lesson.options
        self._context = context
        own = context.locale.prompts.get("grounded", "")
        texts = own_texts(context.language)
        if not (own or self._options.prompt):
            raise seodang.SeodangError("seodang_grounded:no-words", step=context.step, language=context.language)
        self._prompt = lesson.prompt(own, context, needs=("answer",), offers=("title", "body", "count"))
        counted = "count" in self._prompt.places or self._options.count == 1
        self._several = "" if counted else "\n\n" + texts.several.replace("{count}", str(self._options.count)).strip()
        self._reading = Reading(context)
        self._copying = Copying(context.locale)
        self._leftovers = Leftovers(context.locale, texts.leftovers) if self._options.leftovers else None

    def request(self, record: seodang.Record) -> seodang.Request | None:
        """The same whenever it is asked: the marks are derived from the texts."""
        post = post_of(record, self._options.column)
        return self._asked(post, seodang.Guard(record, self._context)) if post is not None else None

    def _asked(self, post: Post, guard: seodang.Guard) -> seodang.Request:
        title, body, answer = (guard.enclose(text) if text else "–" for text in (post.title, post.body, post.answer))
        text = self._prompt.fill(title=title, body=body, answer=answer, count=str(self._options.count)) + self._several
        told = guard.system(self._options.system)
        return seodang.Request(messages=(seodang.Message("system", told), seodang.Message("user", text)))

    def results(self, record: seodang.Record, said: str) -> Iterator[seodang.Record | seodang.Drop]:
        """The new records, those that are left out with their reason, and what became of the post when none is left."""
        post = post_of(record, self._options.column)
        assert post is not None  # else nothing was asked
        guard = seodang.Guard(record, self._context)
        self._asked(post, guard)  # the guard knows its marks, and what was suspicious, once the post is enclosed
        if leak := guard.leaked(said):
            self._context.quarantine(record.id, "leaked", f"{leak}: {_shown(said)}")
            return
        read = self._reading.pairs(said, several=self._options.count > 1)
        if all(isinstance(each, Malformed) for each in read):
            self._context.quarantine(record.id, "malformed", _shown(said))
            return
        kept = 0
        for position, each in enumerate(read):
            if isinstance(each, Malformed):
                yield seodang.Drop("malformed", each.reason, record=self._record(record, Pair(each.text, ""), position, guard))
                continue
            made = self._record(record, each, position, guard)
            reason = self._flaw(each, post)
            if reason is None:
                kept += 1
                yield made
            else:
                yield seodang.Drop(reason.code, reason.detail, record=made, other=record.id)
        if not kept:
            yield seodang.Drop("nothing-left", "all that was made from it was left out", id=record.id)

    def _flaw(self, pair: Pair, post: Post) -> seodang.Drop | None:
        if self._copying.same(pair.instruction, post.title) or self._copying.same(pair.instruction, f"{post.title} {post.body}"):
            return seodang.Drop("same-question", _shown(post.title))
        copied = self._copying.share(pair.output, f"{post.answer}\n{post.body}")
        if copied.share > self._options.copied:
            return seodang.Drop("copied", f"{copied.share:.2f} > {self._options.copied:g}: {copied.longest}")
        found = self._leftovers.find(pair.instruction, pair.output) if self._leftovers else None
        return seodang.Drop(found.code, found.phrase) if found else None

    def _record(self, post: seodang.Record, pair: Pair, position: int, guard: seodang.Guard) -> seodang.Record:
        """New, with where it comes from: what is deleted by its address is found here, too."""
        kept = {name: post.tags[name] for name in PROVENANCE if name in post.tags}
        several = {"batch": post.id, "position": position} if self._options.count > 1 else {}
        columns = {"url": post.tags["url"]} if post.tags.get("url") else {}
        return seodang.single_turn(
            pair.instruction, pair.output, parents=(post.id,), tags={**kept, **guard.tags, **several}, columns=columns
        )


PROVENANCE = ("url", "d1id", "dirId", "docId", "category", "date", "retrieved", "rights")
"""What a new record keeps of its post."""


def _shown(text: str) -> str:
    return " ".join(text.split())[:SHOWN]


@seodang.hookimpl
def register_lessons(register: seodang.Register) -> None:
    register(Grounded)
