"""Reviewing the rows of a step by hand: one at a time in the browser, every decision kept at once, to be gone on with at any time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from seodang.records import Record
from seodang.serving.decisions import Decision, fitting, read_decisions, row_of
from seodang.serving.kept import append
from seodang.serving.page import page
from seodang.wording import language, render

WORDS = (
    "keep",
    "drop",
    "edit",
    "save",
    "cancel",
    "back",
    "skip",
    "question",
    "input",
    "answer",
    "before",
    "done",
    "progress",
    "gone",
)
PLACES = {"decided": "{decided}", "total": "{total}"}
"""Filled in by the page."""
BODY = """
<p class="quiet" id="progress"></p><progress id="bar" max="1" value="0"></progress>
<main id="row">
<div id="turns"></div>
<form id="form" hidden>
<label><span id="label-question"></span><textarea id="edit-question"></textarea></label>
<label><span id="label-input"></span><textarea id="edit-input"></textarea></label>
<label><span id="label-answer"></span><textarea id="edit-answer"></textarea></label>
</form>
</main>
<p id="end" hidden></p>
<div class="keys" id="keys"></div>
"""
SCRIPT = """
let current = null;
function keys(editing) {
  at("keys").replaceChildren();
  if (editing) {
    button("Ctrl+Enter", "save", save);
    button("Esc", "cancel", () => draw(current));
    return;
  }
  if (current.row) {
    button("K", "keep", () => decide("keep"), "KeyK");
    button("D", "drop", () => decide("drop"), "KeyD");
    button("E", "edit", edit, "KeyE");
    button("S", "skip", () => go("skip"), "KeyS");
  }
  if (current.place > 0) button("B", "back", () => go("back"), "KeyB");
}
function draw(told) {
  current = told;
  at("bar").value = told.total ? told.decided / told.total : 1;
  show("progress", words.progress.replace("{decided}", told.decided).replace("{total}", told.total) + (told.now ? " · " + words[told.now] : ""));
  at("form").hidden = true;
  at("turns").hidden = false;
  at("turns").replaceChildren();
  at("end").hidden = Boolean(told.row);
  show("end", words.done);
  for (const [role, text] of told.row ? told.row.turns : []) {
    const card = document.createElement("div");
    card.className = "card";
    const who = document.createElement("div");
    who.className = "quiet";
    who.textContent = words[role] || role;
    const said = document.createElement("div");
    said.className = "text";
    said.textContent = text;
    card.append(who, said);
    at("turns").append(card);
  }
  keys(false);
  window.scrollTo(0, 0);
}
async function go(where) { draw(await call(where, {place: current.place})); }
async function decide(decision, texts) { draw(await call("decide", {place: current.place, decision, ...texts})); }
function edit() {
  for (const name of ["question", "input", "answer"]) { at("edit-" + name).value = current.row[name]; show("label-" + name, words[name]); }
  at("form").hidden = false;
  at("turns").hidden = true;
  keys(true);
  at("edit-answer").focus();
}
function save() {
  const texts = {};
  // A field writes every line end in one way: another line end alone is no edit.
  const changed = name => at("edit-" + name).value !== current.row[name].replace(/\\r\\n?/g, "\\n");
  for (const name of ["question", "input", "answer"]) if (changed(name)) texts[name] = at("edit-" + name).value;
  decide("edit", texts);
}
document.addEventListener("keydown", event => {
  if (!at("form").hidden) {
    if (event.key === "Escape") draw(current);
    if (event.key === "Enter" && event.ctrlKey) save();
    return;
  }
  press(event);
});
call("begin", null).then(draw);
"""


class Review:
    """The rows and what was decided about them. The page shows one row at a time, and tells what it shows by its place."""

    def __init__(self, records: Sequence[Record], decisions: Path) -> None:
        self._records = records
        self._path = decisions
        self.decided = fitting(read_decisions(decisions), records) if decisions.is_file() else {}

    def verbs(self) -> dict[str, Any]:
        return {"begin": self.begin, "decide": self.decide, "skip": self.skip, "back": self.back}

    def begin(self, _: Any) -> dict[str, Any]:
        return self._told(self._next(-1))

    def decide(self, sent: dict[str, Any]) -> dict[str, Any]:
        place = self._place(sent)
        texts: dict[str, str] = {name: str(sent[name]) for name in ("question", "input", "answer") if name in sent}
        record = self._records[place]
        told: dict[str, Any] = {"id": record.id, "decision": sent["decision"], "row": row_of(record), **texts}
        decision = msgspec.convert(told, Decision)
        if decision.decision == "edit" and not texts:
            decision = Decision(id=decision.id, decision="keep", row=decision.row)
        append(self._path, decision)
        self.decided[decision.id] = decision
        return self._told(self._next(place))

    def skip(self, sent: dict[str, Any]) -> dict[str, Any]:
        return self._told(self._next(self._place(sent)))

    def back(self, sent: dict[str, Any]) -> dict[str, Any]:
        return self._told(max(0, min(int(sent["place"]), len(self._records)) - 1))

    def page(self, title: str) -> str:
        words = {name: render(f"serving.review-{name}", PLACES) for name in WORDS}
        words.update(user=words["question"], assistant=words["answer"])
        return page(language(), title, BODY, SCRIPT, words)

    def _place(self, sent: dict[str, Any]) -> int:
        place = int(sent["place"])
        if not 0 <= place < len(self._records):
            raise ValueError(f"place {place} of {len(self._records)}")
        return place

    def _next(self, place: int) -> int:
        """The first undecided row after this one, else the first of all, else behind the last."""
        after = [*range(place + 1, len(self._records)), *range(min(place + 1, len(self._records)))]
        return next((number for number in after if self._records[number].id not in self.decided), len(self._records))

    def _told(self, place: int) -> dict[str, Any]:
        told: dict[str, Any] = {"place": place, "total": len(self._records), "row": None, "now": ""}
        told["decided"] = sum(record.id in self.decided for record in self._records)
        if place < len(self._records):
            decision = self.decided.get(self._records[place].id)
            record = decision.applied(self._records[place]) if decision else self._records[place]
            told["now"] = decision.decision if decision else ""
            told["row"] = {
                "turns": _turns(record),
                "question": record.question,
                "input": record.input,
                "answer": record.answer,
            }
        return told


def _turns(record: Record) -> list[tuple[str, str]]:
    turns = [(message.role, message.text) for message in record.messages]
    if record.input:
        turns.insert(next((n + 1 for n, turn in enumerate(turns) if turn[0] == "user"), 0), ("input", record.input))
    return turns
