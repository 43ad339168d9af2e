"""Makes records of threads: masks them, keeps each question once, and puts the answers where the recipe wants them."""

from __future__ import annotations

from typing import Any

import seodang

from seodang_naver_kin.threads import Reply, Thread, date_of, link_of

PEOPLE = {
    "author", "writer", "nickname", "user", "user_id", "userid", "username", "answerer", "questioner",
    "작성자", "닉네임", "글쓴이", "질문자", "답변자", "아이디",
}  # fmt: skip
"""Columns that say who wrote. No pattern finds a nickname, so masking leaves the whole column out."""
AUTHOR = "naver-kin"


class Intake:
    """Takes threads in, one after the other, and remembers which questions it has seen."""

    def __init__(self, options: Any, context: seodang.Context) -> None:
        self._options = options
        self._context = context
        self._seen: dict[str, str] = {}
        # Two queries find the same question as a matter of course. Two rows of a file may say different things of it.
        self._set_aside = context.drop if options.source == "search" else context.quarantine
        if options.mask and not context.locale.personal:
            raise seodang.DataError("seodang_naver_kin:no-patterns", step=context.step, language=context.language)

    def take(self, thread: Thread, where: str) -> seodang.Record | None:
        """The record, or None when the thread was quarantined. What is quarantined is named by place and id, never by its text:
        `seodang forget` finds records, and a text beside them would stay."""
        link = link_of(thread.url)
        document = link.ids.get("docId", "")
        if not thread.question:
            self._context.quarantine(where, "no-question", "it has neither a title nor a body")
            return None
        if document and document in self._seen:
            self._set_aside(where, "repeated", f"docId {document} stands at {self._seen[document]}")
            return None
        if document:
            self._seen[document] = where
        masks = Masks(self._context.locale if self._options.mask else None)
        question = masks.text(thread.question)
        replies = [Reply(masks.text(reply.text), reply.adopted, date_of(reply.date)) for reply in thread.replies]
        chosen = replies[thread.replies.index(thread.chosen)] if thread.chosen else None
        columns = masks.columns(thread.columns)
        if link.url != thread.url.strip():
            columns["url"] = thread.url.strip()
        turns, candidates = [seodang.Message("user", question)], ()
        if chosen and self._options.answers == "none":
            columns["answer"] = chosen.text
        elif chosen:
            turns.append(seodang.Message("assistant", chosen.text))
        if self._options.answers == "all":
            candidates = tuple(candidate_of(reply, ranked=any(each.adopted for each in replies)) for reply in replies)
        facts = {
            **({"url": link.url} if link.url else {}),
            **link.ids,
            **self._facts(thread, replies, chosen),
            **thread.tags,
            **({"masked": dict(sorted(masks.counts.items()))} if masks.counts else {}),
        }
        return seodang.Record(messages=tuple(turns), tags=facts, columns=columns, candidates=candidates)

    def _facts(self, thread: Thread, replies: list[Reply], chosen: Reply | None) -> dict[str, Any]:
        told = any(reply.adopted is not None for reply in replies)
        found = {
            "category": seodang.nfc(thread.category.strip()),
            "date": date_of(thread.date),
            "answered": chosen.date if chosen else "",
            "retrieved": date_of(thread.retrieved or self._options.retrieved),
            "rights": self._options.rights,
        }
        known: dict[str, Any] = {name: value for name, value in found.items() if value}
        if replies:
            known["answers"] = len(replies)
        if told:
            known["adopted"] = any(reply.adopted for reply in replies)
        return known


class Masks:
    """The pseudonyms of one thread: a number that asker and answerer both write has one name. Without a locale nothing is masked."""

    def __init__(self, locale: seodang.Locale | None) -> None:
        self._pseudonyms = seodang.Pseudonyms(locale) if locale else None
        self._left_out = 0

    @property
    def counts(self) -> dict[str, int]:
        found = dict(self._pseudonyms.counts) if self._pseudonyms else {}
        return {**found, "writer-column": self._left_out} if self._left_out else found

    def text(self, text: str) -> str:
        return self._pseudonyms.mask(seodang.nfc(text)) if self._pseudonyms else text

    def columns(self, columns: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self._value(columns)
        return found

    def _value(self, value: Any) -> Any:
        if self._pseudonyms is None:
            return dict(value) if isinstance(value, dict) else value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self._value(each) for each in value]
        if isinstance(value, dict):
            kept = {name: each for name, each in value.items() if name.casefold() not in PEOPLE}
            self._left_out += len(value) - len(kept)
            return {name: self._value(each) for name, each in kept.items()}
        return value


def candidate_of(reply: Reply, *, ranked: bool) -> seodang.Candidate:
    """Adopted before not adopted; where nothing is known of that, no answer is called better than another."""
    return seodang.Candidate(
        seodang.Message("assistant", reply.text), author=AUTHOR, rank=0 if not ranked else 1 if reply.adopted else 2
    )
