"""Two systems side by side, blind: who answers left is drawn anew for every rater and question, and nobody sees which is which."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec
import seodang
from seodang.errors import DataError
from seodang.serving.kept import append, read_kept
from seodang.serving.page import page
from seodang.wording import language, render

WORDS = ("left", "right", "tie", "question", "answer-left", "answer-right", "progress", "done", "gone", "name", "begin", "back")
PLACES = {"voted": "{voted}", "total": "{total}"}
"""Filled in by the page."""
BODY = """
<p class="quiet" id="progress"></p><progress id="bar" max="1" value="0"></progress>
<form id="who" class="card"><label><span id="ask-name"></span><input id="name" autocomplete="off" maxlength="60"></label></form>
<main id="pair" hidden>
<div class="card"><div class="quiet" id="question-label"></div><div class="text" id="question"></div></div>
<div class="pair">
<div class="card"><div class="quiet" id="left-label"></div><div class="text" id="left"></div></div>
<div class="card"><div class="quiet" id="right-label"></div><div class="text" id="right"></div></div>
</div>
</main>
<p id="end" hidden></p>
<div class="keys" id="keys"></div>
"""
SCRIPT = """
let current = null, rater = "";
function draw(told) {
  current = told;
  at("who").hidden = true;
  at("bar").value = told.total ? told.voted / told.total : 1;
  show("progress", words.progress.replace("{voted}", told.voted).replace("{total}", told.total));
  at("pair").hidden = !told.item;
  at("end").hidden = Boolean(told.item);
  show("end", words.done);
  at("keys").replaceChildren();
  if (told.item) {
    show("question-label", words.question); show("left-label", words["answer-left"]); show("right-label", words["answer-right"]);
    show("question", told.item.question); show("left", told.item.left); show("right", told.item.right);
    button("←", "left", () => vote("left"), "ArrowLeft KeyA Digit1");
    button("↓", "tie", () => vote("tie"), "ArrowDown KeyS Digit0");
    button("→", "right", () => vote("right"), "ArrowRight KeyD Digit2");
  }
  if (told.voted) button("B", "back", () => call("back", {rater, item: told.item && told.item.id}).then(draw), "KeyB Backspace");
  window.scrollTo(0, 0);
}
async function vote(side) { draw(await call("vote", {rater, item: current.item.id, vote: side})); }
async function begin(event) {
  if (event) event.preventDefault();
  rater = at("name").value.trim();
  if (rater) draw(await call("begin", {rater}));
}
show("ask-name", words.name);
button("Enter", "begin", begin);
at("who").addEventListener("submit", begin);
at("name").focus();
document.addEventListener("keydown", event => { if (current) press(event); });
"""
Better = Literal["a", "b", "tie"]


class Item(NamedTuple):
    id: str
    question: str
    a: str
    b: str

    @property
    def shown(self) -> str:
        """By which it is known again what a vote was about."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()[:16]


class Vote(msgspec.Struct, frozen=True):
    """One person's word on one question. `left` says which system stood there, `shown` knows the texts, and `systems` are A and B by name."""

    item: str
    rater: str
    left: Literal["a", "b"]
    better: Better
    shown: str = ""
    systems: tuple[str, str] = ("", "")


class Blind:
    """The questions, and the votes so far. Every vote is on the disk before the next question is shown; the last on a question counts.

    Votes about other systems or other answers are refused, not counted in.
    """

    def __init__(self, items: Sequence[Item], votes: Path, seed: int = 0, systems: tuple[str, str] = ("a", "b")) -> None:
        if not items:
            raise DataError("seodang_bench:blind-empty")
        self._items = {item.id: item for item in items}
        self._path, self._seed, self._systems = votes, seed, systems
        self.votes: dict[tuple[str, str], Vote] = {}
        for vote in read_votes(votes, systems) if votes.is_file() else []:
            item = self._items.get(vote.item)
            if item is not None and vote.shown not in ("", item.shown):
                raise DataError("seodang_bench:blind-other-answers", path=str(votes), item=vote.item)
            self.votes[vote.rater, vote.item] = vote

    def verbs(self) -> dict[str, Any]:
        return {"begin": self.begin, "vote": self.vote, "back": self.back}

    def begin(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        return self._told(_name(sent), None)

    def vote(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        rater, item = _name(sent), self._items[str(sent["item"])]
        left = self._left(rater, item.id)
        other: Better = "b" if left == "a" else "a"
        better: Better = {"left": left, "right": other, "tie": "tie"}[str(sent["vote"])]  # type: ignore[assignment]
        vote = Vote(item.id, rater, left, better, item.shown, self._systems)
        append(self._path, vote)
        self.votes[rater, item.id] = vote
        return self._told(rater, None)

    def back(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """The question voted on before the one that is shown, to vote again."""
        rater, shown = _name(sent), sent.get("item")
        voted = [vote.item for vote in self.votes.values() if vote.rater == rater and vote.item in self._items]
        place = max(0, voted.index(shown) - 1) if shown in voted else len(voted) - 1
        return self._told(rater, voted[place] if voted else None)

    def page(self) -> str:
        words = {name: render(f"seodang_bench:blind-{name}", PLACES) for name in WORDS}
        return page(language(), render("seodang_bench:blind-title", {}), BODY, SCRIPT, words)

    def order(self, rater: str) -> list[str]:
        """Every rater has the questions in an order of their own, so that who stops early leaves out others."""
        return sorted(self._items, key=lambda item: self._draw("order", rater, item))

    def _left(self, rater: str, item: str) -> Literal["a", "b"]:
        return "a" if self._draw("left", rater, item)[0] & 1 else "b"

    def _draw(self, *of: str) -> bytes:
        return hashlib.sha256("\0".join((str(self._seed), *of)).encode()).digest()

    def _told(self, rater: str, wanted: str | None) -> dict[str, Any]:
        order = self.order(rater)
        open_ = [item for item in order if (rater, item) not in self.votes]
        place = wanted or (open_[0] if open_ else None)
        told: dict[str, Any] = {"total": len(order), "voted": len(order) - len(open_), "item": None}
        if place is not None:
            item = self._items[place]
            sides = (item.a, item.b) if self._left(rater, place) == "a" else (item.b, item.a)
            told["item"] = {"id": item.id, "question": item.question, "left": sides[0], "right": sides[1]}
        return told


def read_votes(path: Path, systems: tuple[str, str] | None = None) -> list[Vote]:
    """In their order. Votes about others than these systems are refused."""
    found = read_kept(path, Vote, "seodang_bench:blind-bad-vote")
    for vote in found if systems else ():
        if vote.systems not in (("", ""), systems):
            raise DataError(
                "seodang_bench:blind-other-systems", path=str(path), found=list(vote.systems), wanted=list(systems or ())
            )
    return found


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What the votes come to. `share` is A's, ties counting half; `alpha` is Krippendorff's, 1 for raters who always agree and 0 for
    raters who agree no more than chance."""

    items: int
    raters: dict[str, int]
    wins_a: int
    wins_b: int
    ties: int
    share: float
    low: float
    high: float
    agreement: float | None
    alpha: float | None


def standing(votes: Sequence[Vote]) -> Standing:
    """Every question counts once, as the mean of its raters; the interval is over questions."""
    last = {(vote.rater, vote.item): vote for vote in votes}
    by_item: dict[str, list[Better]] = defaultdict(list)
    for vote in last.values():
        by_item[vote.item].append(vote.better)
    if not by_item:
        raise DataError("seodang_bench:blind-no-votes")
    worth = {"a": 1.0, "b": 0.0, "tie": 0.5}
    shares = [sum(worth[better] for better in said) / len(said) for said in by_item.values()]
    bounds = seodang.resampled(shares, lambda share, _: share)
    counts = Counter(vote.better for vote in last.values())
    pairs = [pair for said in by_item.values() for pair in combinations(said, 2)]
    return Standing(
        items=len(by_item),
        raters=dict(Counter(vote.rater for vote in last.values())),
        wins_a=counts["a"],
        wins_b=counts["b"],
        ties=counts["tie"],
        share=sum(shares) / len(shares),
        low=bounds.low,
        high=bounds.high,
        agreement=sum(one == other for one, other in pairs) / len(pairs) if pairs else None,
        alpha=_alpha([said for said in by_item.values() if len(said) > 1]),
    )


def _alpha(units: Sequence[Sequence[str]]) -> float | None:
    """Krippendorff's alpha for names: 1 − observed disagreement / that expected of chance."""
    total = sum(map(len, units))
    if not total:
        return None
    observed = sum(_differing(Counter(unit)) / (len(unit) - 1) for unit in units) / total
    expected = _differing(Counter(value for unit in units for value in unit)) / (total * (total - 1))
    return 1.0 if not expected else 1 - observed / expected


def _differing(counts: Counter[str]) -> int:
    """Ordered pairs of different values."""
    whole = counts.total()
    return whole * whole - sum(count * count for count in counts.values())


def _name(sent: Mapping[str, Any]) -> str:
    name = " ".join(str(sent["rater"]).split())[:60]
    if not name:
        raise ValueError("a rater without a name")
    return name
