"""The Modelfile: how Ollama writes a conversation for this student, and where it stops."""

from __future__ import annotations

import json
from collections.abc import Sequence

import seodang

from seodang_gguf.writing import Opened

SHORTEST = 2
LONGEST = 40


def modelfile(opened: Opened, file: str, terms: Sequence[str], context: int) -> str:
    template = ollama_template(opened.frame, opened.bos)
    lines = [f"FROM ./{file}", f'TEMPLATE """{template}"""']
    lines += [f"PARAMETER stop {_text(stop)}" for stop in stops(opened)]
    lines.append(f"PARAMETER num_ctx {context}")
    if terms:
        lines.append(f'LICENSE """{" AND ".join(terms)}"""')
    return "\n".join(lines) + "\n"


def stops(opened: Opened) -> list[str]:
    """What ends an answer; and, where a student has forgotten to stop, the beginning of the next question, if it is a mark of its own."""
    mark = opened.frame.between.strip().partition("\n")[0].strip()
    found = [*opened.stops, *([mark] if SHORTEST < len(mark) <= LONGEST else [])]
    return list(dict.fromkeys(found))


def ollama_template(frame: seodang.Frame, bos: str) -> str:
    """In Go's language of templates. All text stands in quotation marks, so that no blank is lost and no brace is taken for code; the
    first token is llama.cpp's to put."""
    bare = frame.bare.removeprefix(bos) if bos else frame.bare
    if frame.system is None:
        begin = _said(bare)
    else:
        before, after = frame.system
        before = before.removeprefix(bos) if bos else before
        begin = f"{{{{ if .System }}}}{_said(before)}{{{{ .System }}}}{_said(after)}{{{{ else }}}}{_said(bare)}{{{{ end }}}}"
    return (
        f"{begin}{{{{ range $i, $m := .Messages }}}}"
        f'{{{{ if eq $m.Role "user" }}}}{{{{ $m.Content }}}}{_said(frame.asked)}'
        f'{{{{ else if eq $m.Role "assistant" }}}}{{{{ $m.Content }}}}'
        f"{{{{ if gt (len (slice $.Messages $i)) 1 }}}}{_said(frame.ended + frame.between)}{{{{ end }}}}"
        "{{ end }}{{ end }}"
    )


def _said(text: str) -> str:
    return f"{{{{ {_text(text)} }}}}" if text else ""


def _text(text: str) -> str:
    """JSON's way of quoting is Go's and the Modelfile's too."""
    return json.dumps(text, ensure_ascii=False)
