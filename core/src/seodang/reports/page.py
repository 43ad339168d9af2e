"""The page that a report is: one file, nothing loaded, nothing run, readable in light and dark."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape as escape

STYLE = """
:root{color-scheme:light dark;--ink:#1d2430;--paper:#fdfcf9;--quiet:#667085;--line:#d9d5ca;--flow:#7fa8d1;--bar0:#98a2b3;
--bar1:#2f6f9f;--bar2:#c2703d;--bar3:#5a8f53;--bar4:#8a5aa5;--bar5:#a88a1d;--bar6:#2a8f8a;--bar7:#c2527a;--shade:#00000026}
@media(prefers-color-scheme:dark){:root{--ink:#e7e5df;--paper:#171a1f;--quiet:#98a2b3;--line:#343a44;--flow:#3f6c99;--bar0:#667085;
--bar1:#6fa8d6;--bar2:#d98f5f;--bar3:#86b97e;--bar4:#b98acb;--bar5:#cfb658;--bar6:#64c2bb;--bar7:#e58aa8;--shade:#00000080}}
body{margin:0 auto;max-width:900px;padding:2rem 1.2rem 4rem;background:var(--paper);color:var(--ink);
font:16px/1.6 system-ui,"Noto Sans KR","Apple SD Gothic Neo","Malgun Gothic",sans-serif}
body{word-break:keep-all;overflow-wrap:break-word}th{white-space:nowrap}
@media(max-width:640px){table{font-size:.9rem}}
@media(min-width:641px){td:not(:last-child){min-width:4.5rem}td.right:not(:last-child){min-width:0}}
h1{font-size:1.9rem;line-height:1.25;margin:.2rem 0}h2{margin:2.6rem 0 .6rem;font-size:1.25rem}
p.quiet,.quiet{color:var(--quiet)}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:.35rem .6rem .35rem 0;border-bottom:1px solid var(--line);vertical-align:top}
th{font-weight:600}td.right,th.right{text-align:right}code,pre{font-family:ui-monospace,monospace;font-size:.9em}
pre{white-space:pre-wrap;word-break:break-word;margin:0}.wide{overflow-x:auto;margin:.8rem 0}.planes{display:flex;flex-wrap:wrap;gap:1rem}
.planes svg{width:420px;max-width:100%}
svg .interval{stroke:var(--ink)}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:1rem}@media(max-width:640px){.pair{grid-template-columns:1fr}}
.card{border:1px solid var(--line);border-radius:6px;padding:.7rem .9rem;overflow-wrap:anywhere}
.card h3{margin:0 0 .4rem;font-size:.95rem}
.card p{margin:.3rem 0;white-space:pre-wrap;unicode-bidi:isolate}.pair{margin:.6rem 0;align-items:start}.pair>div>.card+.card{margin-top:.6rem}
h4{margin:1.4rem 0 .3rem}
.role{color:var(--quiet);font-size:.85em}
h1,h2,h3,h4,summary{overflow-wrap:anywhere}h3{margin:1.6rem 0 .4rem;font-size:1.05rem}
details{margin:.6rem 0}summary{cursor:pointer;color:var(--quiet)}.kept{border-left:4px solid var(--bar3)}.left{border-left:4px solid var(--bar2)}
pre{padding:.7rem .9rem;border:1px solid var(--line);border-radius:6px}td{overflow-wrap:break-word}td.right{white-space:nowrap}
.picture{overflow-x:auto;margin:.6rem 0}.picture svg{min-width:640px}
.wide,.picture{background:linear-gradient(to right,var(--paper) 1.5rem,transparent 3rem) local,
linear-gradient(to left,var(--paper) 1.5rem,transparent 3rem) local,linear-gradient(to right,var(--shade),transparent 1rem),
linear-gradient(to left,var(--shade),transparent 1rem)}
svg{width:100%;height:auto;display:block}svg text{fill:var(--ink);font:13px system-ui,"Noto Sans KR",sans-serif}
svg .strong{font-weight:600}svg .small{fill:var(--quiet);font-size:12px}svg .number{font-weight:600}
.flow{fill:var(--flow)}.leave{opacity:.4}.dropped{fill:var(--bar2)}.quarantined{fill:var(--bar4)}.used{fill:var(--bar0)}
.moved{stroke:var(--quiet);stroke-width:1.2;stroke-dasharray:5 4;fill:none}
.line{stroke-width:2}polyline.line{fill:none}.line0{stroke:var(--bar0);fill:var(--bar0)}.line1{stroke:var(--bar1);fill:var(--bar1)}
.line2{stroke:var(--bar2);fill:var(--bar2)}.line3{stroke:var(--bar3);fill:var(--bar3)}.line4{stroke:var(--bar4);fill:var(--bar4)}
.line5{stroke:var(--bar5);fill:var(--bar5)}.line6{stroke:var(--bar6);fill:var(--bar6)}.line7{stroke:var(--bar7);fill:var(--bar7)}
.again{stroke-dasharray:6 4}.spread{opacity:.5;stroke-width:1.6}.faint{stroke:var(--line);fill:var(--line)}
.axis,.interval{stroke:var(--quiet);fill:none;stroke-width:1.2}.track{fill:var(--line);opacity:.5}
.bar0{fill:var(--bar0)}.bar1{fill:var(--bar1)}.bar2{fill:var(--bar2)}.bar3{fill:var(--bar3)}.bar4{fill:var(--bar4)}
.bar5{fill:var(--bar5)}.bar6{fill:var(--bar6)}.bar7{fill:var(--bar7)}.curve{fill:none;stroke:var(--bar1);stroke-width:1.6}
.beside{stroke:var(--bar2)}
"""


def page(language: str, title: str, sections: Iterable[str]) -> str:
    """The policy forbids everything that the file does not carry itself, whatever the rows may say."""
    return (
        f'<!doctype html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<link rel="icon" href="data:,">\n<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n'
        + "\n".join(section for section in sections if section)
        + "\n</body>\n</html>\n"
    )


def section(title: str, *content: str) -> str:
    body = "\n".join(part for part in content if part)
    return f"<section>\n<h2>{escape(title)}</h2>\n{body}\n</section>" if body else ""


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, right: Iterable[int] = ()) -> str:
    """Every cell is text and is escaped."""
    right = set(right)

    def cell(tag: str, place: int, text: str) -> str:
        side = ' class="right"' if place in right else ""
        return f"<{tag}{side}>{escape(text)}</{tag}>"

    def cells(tag: str, row: Sequence[str]) -> str:
        return "".join(cell(tag, place, str(text)) for place, text in enumerate(row))

    body = "".join("<tr>" + cells("td", row) + "</tr>" for row in rows)
    top = cells("th", head)
    return f'<div class="wide"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>' if body else ""


def picture(drawn: str) -> str:
    """A drawing that scrolls on a phone rather than shrinking until nobody can read it."""
    return f'<div class="picture">{drawn}</div>' if drawn else ""


def folded(title: str, content: str) -> str:
    """What is there for those who ask; it opens without a script."""
    return f"<details><summary>{escape(title)}</summary>\n{content}\n</details>" if content else ""


def paragraph(text: str, *, quiet: bool = False) -> str:
    style = ' class="quiet"' if quiet else ""
    return f"<p{style}>{escape(text)}</p>" if text else ""
