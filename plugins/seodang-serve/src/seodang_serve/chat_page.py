"""The page to talk on: a question, and below it what each model says, side by side. Whatever they say is shown as text."""

from __future__ import annotations

from collections.abc import Sequence

from seodang.serving.page import page
from seodang.wording import language

from seodang_serve import said

WORDS = ("question", "send", "stop", "new", "refused", "cut", "gone", "ready", "answering", "student", "base", "teacher")
STYLE = """
.round{margin:0 0 1.8rem;scroll-margin-top:1rem}.asked{font-weight:600;margin:0 0 .6rem}
.answers{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(18rem,100%),1fr));gap:.8rem}.answers .card{margin:0}
form{position:sticky;bottom:0;background:var(--paper);border-top:1px solid var(--line);padding-top:.6rem}
form p{margin:.2rem 0}textarea{min-height:0;background:var(--paper)}
"""
BODY = """
<p class="quiet" id="measures"></p>
<main id="talk" aria-live="polite"></main>
<form id="form">
<label><span class="quiet" id="label"></span><textarea id="question" rows="2" autofocus></textarea></label>
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
const speakers = words.models.map(model => ({model, messages: []}));
let stopping = null;
function made(name, style, inside, text = "") {
  const element = document.createElement(name);
  element.className = style;
  element.textContent = text;
  inside.append(element);
  return element;
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
async function ask(speaker, question, answers, signal) {
  const card = made("div", "card", answers);
  const name = made("div", "quiet", card, words[speaker.model] || speaker.model);
  const said = made("div", "text", card);
  const messages = [...speaker.messages, {role: "user", content: question}];
  try {
    const reply = await fetch("v1/chat/completions", {
      method: "POST", headers, signal, body: JSON.stringify({model: speaker.model, messages, stream: true})});
    if (!reply.ok) throw new Error((await reply.json()).error.message);
    for await (const choice of events(reply.body)) {
      said.textContent += choice.delta.content || "";
      if (choice.finish_reason === "length") name.textContent += " · " + words.cut;
      if (choice.finish_reason === "content_filter") name.textContent += " · " + words.refused;
    }
    // What was refused, or broke off, is no part of what was talked about.
    if (!name.textContent.endsWith(words.refused))
      speaker.messages = [...messages, {role: "assistant", content: said.textContent}];
  } catch (error) {
    if (error.name === "AbortError") return;
    said.textContent += said.textContent ? "\\n" : "";
    said.textContent += error instanceof TypeError ? words.gone : error.message;
    said.classList.add("wrong");
  }
}
async function send() {
  const question = at("question").value.trim();
  if (!question || stopping) return;
  stopping = new AbortController();
  at("question").value = "";
  show("state", words.answering);
  const round = made("section", "round", at("talk"));
  made("div", "text asked", round, question);
  const answers = made("div", "answers", round);
  const asked = speakers.map(speaker => ask(speaker, question, answers, stopping.signal));
  round.scrollIntoView();
  await Promise.all(asked);
  stopping = null;
  show("state", words.ready);
  at("question").focus();
}
function stop() { if (stopping) stopping.abort(); }
function begin() {
  stop();
  for (const speaker of speakers) speaker.messages = [];
  at("talk").replaceChildren();
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
    return page(language(), said("page-title"), BODY, SCRIPT, words, style=STYLE)
