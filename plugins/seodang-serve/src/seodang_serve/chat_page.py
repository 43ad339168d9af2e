"""The page to talk on: one question, and below it what each model says, side by side. Whatever they say is shown as text."""

from __future__ import annotations

from collections.abc import Sequence

from seodang.serving.page import page
from seodang.wording import language

from seodang_serve import said

WORDS = ("question", "send", "stop", "new", "you", "refused", "cut", "gone", "ready", "answering", "student", "base", "teacher")
BODY = """
<p class="quiet" id="measures"></p>
<main class="pair" id="panes"></main>
<form id="form">
<label><span class="quiet" id="label"></span><textarea id="question" rows="3" autofocus></textarea></label>
<p class="quiet" id="state" role="status"></p>
<div class="keys">
<button type="submit" id="send"><kbd>Enter</kbd><span></span></button>
<button type="button" id="stop"><kbd>Esc</kbd><span></span></button>
<button type="button" id="new"><kbd>Alt+N</kbd><span></span></button>
</div>
</form>
"""
SCRIPT = """
const token = decodeURIComponent(location.hash.slice(1));
const headers = {"Content-Type": "application/json", ...(token ? {Authorization: "Bearer " + token} : {})};
const panes = words.models.map(model => {
  const made = document.createElement("section");
  const head = document.createElement("h2");
  head.textContent = words[model] || model;
  head.style.fontSize = "1rem";
  const said = document.createElement("div");
  said.setAttribute("aria-live", "polite");
  said.dataset.model = model;
  made.append(head, said);
  at("panes").append(made);
  return {model, said, messages: []};
});
at("panes").style.gridTemplateColumns = "repeat(auto-fit, minmax(min(18rem, 100%), 1fr))";
let stopping = null;
function card(pane, who, text) {
  const made = document.createElement("div");
  made.className = "card";
  const name = document.createElement("div");
  name.className = "quiet";
  name.textContent = who;
  const shown = document.createElement("div");
  shown.className = "text";
  shown.textContent = text;
  made.append(name, shown);
  pane.said.append(made);
  return {shown, name};
}
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const {done, value} = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\\n");
    rest = lines.pop();
    for (const line of lines) {
      if (!line.startsWith("data: ") || line === "data: [DONE]") continue;
      const told = JSON.parse(line.slice(6));
      if (told.error) throw new Error(told.error.message);
      yield told.choices[0];
    }
  }
}
async function ask(pane, question, signal) {
  card(pane, words.you, question);
  const answer = card(pane, words[pane.model] || pane.model, "");
  const messages = [...pane.messages, {role: "user", content: question}];
  try {
    const reply = await fetch("v1/chat/completions", {
      method: "POST", headers, signal, body: JSON.stringify({model: pane.model, messages, stream: true})});
    if (!reply.ok) throw new Error((await reply.json()).error.message);
    for await (const choice of events(reply.body)) {
      answer.shown.textContent += choice.delta.content || "";
      if (choice.finish_reason === "length") answer.name.textContent += " · " + words.cut;
      if (choice.finish_reason === "content_filter") answer.name.textContent += " · " + words.refused;
    }
    // What was refused, or broke off, is no part of what was talked about.
    if (!answer.name.textContent.endsWith(words.refused))
      pane.messages = [...messages, {role: "assistant", content: answer.shown.textContent}];
  } catch (error) {
    if (error.name === "AbortError") return;
    answer.shown.textContent += answer.shown.textContent ? "\\n" : "";
    answer.shown.textContent += error instanceof TypeError ? words.gone : error.message;
    answer.shown.classList.add("wrong");
  }
}
async function send() {
  const question = at("question").value.trim();
  if (!question || stopping) return;
  stopping = new AbortController();
  at("question").value = "";
  show("state", words.answering);
  await Promise.all(panes.map(pane => ask(pane, question, stopping.signal)));
  stopping = null;
  show("state", words.ready);
  at("question").focus();
}
function stop() { if (stopping) stopping.abort(); }
function begin() {
  stop();
  for (const pane of panes) { pane.messages = []; pane.said.replaceChildren(); }
  at("question").focus();
}
at("form").addEventListener("submit", event => { event.preventDefault(); send(); });
at("stop").addEventListener("click", stop);
at("new").addEventListener("click", begin);
at("question").addEventListener("keydown", event => {
  // While a syllable is being put together Enter belongs to the keyboard.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  send();
});
document.addEventListener("keydown", event => {
  if (event.key === "Escape") stop();
  // By the place of the key: with a Korean keyboard N is another letter.
  if (event.altKey && event.code === "KeyN") { event.preventDefault(); begin(); }
});
show("label", words.question);
show("measures", words.measures);
for (const name of ["send", "stop", "new"]) at(name).lastElementChild.textContent = words[name];
show("state", words.ready);
"""


def chat_page(models: Sequence[str], *, moderated: bool, marked: bool) -> str:
    words: dict[str, object] = {name: said(f"page-{name}") for name in WORDS}
    measures = [said(f"page-{name}") for name, on in (("moderated", moderated), ("marked", marked)) if on]
    words.update(models=list(models), measures=" ".join(measures))
    return page(language(), said("page-title"), BODY, SCRIPT, words)  # type: ignore[arg-type]  # lists are words too
