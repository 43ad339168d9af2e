"""How pages of KiN have been built, as tables of selectors. They are tried in this order; a page that none fits is not guessed at.

Names of classes change without notice. A new layout is a new row in here and a page of our own making in the tests.
"""

from __future__ import annotations

import msgspec


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """One way of building a page. `proof` has to be there for the layout to be tried; the rest may be missing.

    Selectors of one thing are tried in their order. Those of an answer are looked for inside the answer.
    """

    name: str
    proof: tuple[str, ...]
    title: tuple[str, ...]
    body: tuple[str, ...] = ()
    date: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    texts: str = ""
    """Where question and answers are not told apart: the first of these is the question. Overrides what follows of answers."""
    answer: str = ""
    answer_body: tuple[str, ...] = ()
    answer_date: tuple[str, ...] = ()
    answer_badge: tuple[str, ...] = ()
    """Where it is written that the asker chose this answer. A writer's own figures ("채택률 80%") stand elsewhere."""
    entries: str = ""
    """The links of a page that lists questions."""


LAYOUTS = (
    Layout(
        name="detail",
        proof=(".endTitleSection",),
        title=(".endTitleSection",),
        body=(".questionDetail",),
        date=(".userInfo .infoItem", ".userInfo span"),
        category=(".tagList a",),
        answer="[id^=answer_]",
        answer_body=(".se-main-container", "._endContentsText", ".answerDetail"),
        answer_date=(".answerDate",),
        answer_badge=(".adoptCheck", ".adoptBadge", "strong.title"),
    ),
    Layout(
        name="heading",
        proof=("._questionContentsArea .c-heading__title", ".c-heading__title"),
        title=(".c-heading__title .title", ".c-heading__title-inner", ".c-heading__title"),
        body=(".c-heading__content",),
        date=(".c-userinfo__date", ".c-userinfo__info"),
        category=(".tag-list__item", ".c-heading__tag a"),
        answer="[id^=answer_]",
        answer_body=(".se-main-container", ".c-heading-answer__content-user", "._endContents.c-heading-answer__content"),
        answer_date=(".c-heading-answer__content-date",),
        answer_badge=(".adoptCheck", ".c-heading-answer__badge", ".c-heading-answer__title .badge"),
    ),
    Layout(
        name="classic",
        proof=("._endTitleText",),
        title=("._endTitleText",),
        date=(".tit_cont dd.date", "dd.date"),
        category=(".location a:last-child",),
        texts="._endContentsText",
        answer_date=("dd.date",),
        answer_badge=("em", "strong"),
    ),
    Layout(
        name="list",
        proof=("ul.basic1 > li > dl > dt > a",),
        title=(),
        entries="ul.basic1 > li > dl > dt > a",
    ),
)
