"""The page around a script: words in the reader's language, one style, and a script that only ever writes text."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import msgspec

STYLE = """
:root{color-scheme:light dark;--ink:#1d2430;--paper:#fdfcf9;--quiet:#667085;--line:#d9d5ca;--mark:#2f6f9f}
@media(prefers-color-scheme:dark){:root{--ink:#e7e5df;--paper:#171a1f;--quiet:#98a2b3;--line:#343a44;--mark:#6fa8d6}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1100px;padding:1.2rem;background:var(--paper);color:var(--ink);
font:16px/1.65 system-ui,"Noto Sans KR","Apple SD Gothic Neo","Malgun Gothic",sans-serif}
h1{font-size:1.15rem;margin:0 0 .4rem}.quiet{color:var(--quiet)}
.text{white-space:pre-wrap;overflow-wrap:anywhere}
.card{border:1px solid var(--line);border-radius:8px;padding:.8rem 1rem;margin:.6rem 0}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:1rem}@media(max-width:700px){.pair{grid-template-columns:1fr}}
.keys{position:sticky;bottom:0;background:var(--paper);padding:.7rem 0;display:flex;gap:.6rem;flex-wrap:wrap}
button{font:inherit;padding:.45rem .9rem;border:1px solid var(--line);border-radius:8px;background:transparent;color:inherit;cursor:pointer}
button:hover,button:focus-visible{border-color:var(--mark);outline:2px solid var(--mark);outline-offset:1px}
kbd{font:.8em ui-monospace,monospace;border:1px solid var(--line);border-radius:4px;padding:0 .35rem;margin-right:.4rem}
progress{width:100%;accent-color:var(--mark)}input,textarea{font:inherit;width:100%;padding:.5rem;color:inherit;background:transparent;
border:1px solid var(--line);border-radius:8px}textarea{min-height:9rem}
.wrong{color:#b3261e}@media(prefers-color-scheme:dark){.wrong{color:#f2b8b5}}
"""
COMMON = """
const words = JSON.parse(document.getElementById("words").textContent);
const at = name => document.getElementById(name);
async function call(verb, sent) {
  try {
    const said = await fetch(verb, {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(sent ?? null)});
    const told = await said.json();
    if (!said.ok) throw new Error(told.error || said.status);
    at("wrong").textContent = "";
    return told;
  } catch (error) {
    at("wrong").textContent = error instanceof TypeError ? words.gone : error.message;
    throw error;
  }
}
function show(name, text) { at(name).textContent = text; }
// `codes` are places on the keyboard: with a Korean one the same place gives another letter.
function button(key, name, act, codes = "") {
  const made = document.createElement("button");
  made.type = "button";
  const shown = document.createElement("kbd");
  shown.textContent = key;
  made.append(shown, words[name]);
  made.addEventListener("click", act);
  made.dataset.codes = codes;
  at("keys").append(made);
}
function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const meant = event.code && [...at("keys").children].find(each => each.dataset.codes.split(" ").includes(event.code));
  if (meant) { event.preventDefault(); meant.click(); }
}
"""


def page(language: str, title: str, body: str, script: str, words: Mapping[str, object], *, style: str = "") -> str:
    """`body` and `style` are ours; everything else comes as text. The script finds `words`, `call`, `at`, `show`, and `button`
    and `press` for keys in an element of that name."""
    # In a script element only the end of a script could be markup, so nothing in the words may look like one.
    told = msgspec.json.encode(words).decode().replace("<", "\\u003c")
    return (
        f'<!doctype html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<link rel="icon" href="data:,">\n'
        f'<title>{escape(title)}</title>\n<style nonce="{{nonce}}">{STYLE}{style}</style>\n</head>\n<body>\n'
        f'<h1>{escape(title)}</h1>\n{body}\n<p id="wrong" class="wrong" role="alert"></p>\n'
        f'<script id="words" type="application/json" nonce="{{nonce}}">{told}</script>\n'
        f'<script nonce="{{nonce}}">{COMMON}{script}</script>\n</body>\n</html>\n'
    )
