"""A thousand made-up documents: what must not be translated stays to the byte, and no damage to it goes unseen."""

import random
import re
import sys
from pathlib import Path

import pytest
from seodang.translation.blocks import blocks_of
from seodang.translation.documents import Document, document_of
from seodang.translation.marking import marked, read
from seodang.translation.narrowing import around_parts, fitting, sentences_by_rule, sentences_of
from seodang.translation.parts import parts_in, plain
from seodang.translation.protection import Protection
from seodang.translation.rules import RULES, SIGNED, SIGNS

sys.path.insert(0, str(Path(__file__).parent))
from translators import mangled, marks_in

DOCUMENTS = 1_000
PROTECTION = Protection(["Docker", "Seoul Forest"])
WORDS = [
    "the",
    "garden",
    "was",
    "quiet",
    "and",
    "every",
    "child",
    "of",
    "the",
    "village",
    "read",
    "a",
    "book",
    "about",
    "rivers",
    "before",
    "dinner",
]
INLINE = (
    "`x = sorted(items)`", "``a ` b``", "https://example.org/a/b?c=d&e=f#g", "http://localhost:8080/x_(y)", "www.example.com/path",
    "$a_1 + b^2$", "\\(x \\le y\\)", "$$\\frac{1}{2}$$", "\\alpha", "{name}", "{{user.name}}", "${HOME}", "%s", "%(count)d", "[MASK]",
    "_____", "/usr/local/bin/run.sh", "./notes/today.md", "C:\\Users\\kim\\a.txt", "src/app/main.py", "config.yaml", "user.name@example.co.kr",
    "@seodang_bot", "get_user_name", "camelCaseName", "HttpRequestHandler", "os.path.join(a, b)", "parse()", "12.5 km", "3 GB", "100%",
    "2024-02-29", "23:59", "v1.2.3", "192.168.0.1", "2x + 3 = 7", "<b>", "</b>", '<a href="https://a.example">', "<br/>", "<!-- note -->",
    "&nbsp;", "&lt;", "<|im_end|>", "[INST]", "d41d8cd98f00b204e9800998ecf8427e", "550e8400-e29b-41d4-a716-446655440000",
    "QWxhZGRpbjpvcGVuIHNlc2FtZQ1234==", '{"key": [1, 2, {"word": "value"}]}', "Docker", "Seoul Forest", "--dry-run",
)  # fmt: skip
BLOCKS = (
    "```python\ndef greet(name):\n    # say hello to the child\n    print(f'hello {name}')\n\nclass Garden:\n    pass\n```",
    "~~~\nany text in here\n```\nstays\n~~~",
    "````markdown\n```\nnested fence\n```\n````",
    "$$\n\\sum_{i=1}^{n} i = \\frac{n(n+1)}{2}\n$$",
    "\\begin{align}\na &= b \\\\\nc &= d\n\\end{align}",
    "\\[\nE = mc^2\n\\]",
    '{"instruction": "Say hello", "tags": ["polite", "short"], "n": {"a": null}}',
    '[\n  {"name": "Kim", "age": 3},\n  {"name": "Lee", "age": 4}\n]',
    "server:\n  host: example\n  ports:\n    - first\n    - second",
    "---\ntitle: garden\nauthor: kim\n---",
    "name,age,town\nkim,3,seoul\nlee,4,busan\npark,5,jeju",
    "name\tage\nkim\t3\nlee\t4",
    '<div class="box">\n  <p>Some words</p>\n\n  <p>More words</p>\n</div>',
    "<script>\nvar word = 'value';\n</script>",
    "    for child in village:\n        child.read(book)",
    "def area(radius):\n    return 3.14 * radius ** 2",
    "SELECT name FROM children WHERE town = 'seoul';",
    "import os\nfrom pathlib import Path\nprint(Path('a'))",
    "public static int add(int a, int b) {\n    return a + b;\n}",
)


class Made:
    """A document, and what in it has to stay."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.literals: list[str] = []
        parts = [self._part() for _ in range(self._random.randint(1, 9))]
        self.text = self._random.choice(("\n\n", "\n\n\n", "\r\n\r\n")).join(parts)

    def _part(self) -> str:
        kind = self._random.randrange(8)
        if kind < 2:
            block = self._random.choice(BLOCKS)
            self.literals.append(block)
            return block
        if kind == 2:
            return "\n".join(f"{self._random.choice(('-', '*', f'{n}.', f'{n})'))} {self._sentence()}" for n in range(1, 5))
        if kind == 3:
            rows = "\n".join(f"| {self._words(2)} | {self._inline()} |" for _ in range(3))
            return f"| {self._words(1)} | {self._words(2)} |\n|:---|---:|\n{rows}"
        if kind == 4:
            return f"{'#' * self._random.randint(1, 4)} {self._sentence()}"
        if kind == 5:
            return "\n".join(f"> {self._sentence()}" for _ in range(2))
        if kind == 6:
            return "\n".join(self._sentence() for _ in range(3))
        return " ".join(self._sentence() for _ in range(self._random.randint(1, 4)))

    def _words(self, number: int) -> str:
        return " ".join(self._random.choice(WORDS) for _ in range(number))

    def _inline(self) -> str:
        literal = self._random.choice(INLINE)
        self.literals.append(literal)
        return literal

    def _sentence(self) -> str:
        words = [self._words(self._random.randint(1, 5)) for _ in range(3)]
        for _ in range(self._random.randrange(3)):
            words.insert(self._random.randrange(1, len(words) + 1), self._inline())
        return (
            " ".join(words).capitalize() if not self.literals else "The " + " ".join(words) + self._random.choice((".", "!", ""))
        )


def shape(text: str) -> list[str]:
    """What stands before the words of each line, and how many lines and cells there are."""
    return [re.match(r"\s*(?:[-*>#|]|\d+[.)])*", line)[0] + "|" * line.count("|") for line in text.split("\n")]


def translated(document: Document, marks: str) -> str:
    said = [read(mangled(marked(segment.prose, marks)), segment.prose, marks) for segment in document.segments]
    assert not [reading.findings for reading in said if reading.findings]
    return document.joined([reading.text for reading in said])


@pytest.mark.parametrize("marks", ["xml", "brackets"])
def test_what_must_stay_stays_to_the_byte_and_every_line_keeps_its_form(marks):
    looked_at = 0
    for seed in range(DOCUMENTS):
        made = Made(seed)
        document = document_of(made.text, PROTECTION, {})
        new = translated(document, marks)
        for literal in made.literals:
            assert new.count(literal) >= made.text.count(literal), (seed, literal, made.text, new)
        assert shape(new) == shape(made.text), (seed, made.text, new)
        looked_at += len(made.literals)
    assert looked_at > 3 * DOCUMENTS


def test_a_tag_of_a_page_that_is_shown_stays_with_its_name():
    text = "Tom &amp; Jerry &lt;b&gt;run&lt;/b&gt; to &lt;a href=&quot;x.html&quot;&gt;me&lt;/a&gt; if a &lt;b and c&gt; d."
    parts = [part.text for segment in document_of(text, PROTECTION, {}).segments for part in parts_in(segment.prose)]
    assert parts[:3] == ["&amp;", "&lt;b&gt;", "&lt;/b&gt;"] and "&lt;a href=&quot;x.html&quot;&gt;" in parts
    assert parts[-2:] == ["&lt;", "&gt;"], "what stands between two signs is words"


def test_what_is_asked_for_by_its_signs_alone_is_found_by_them():
    """Most prose has none of these signs, and then none of these rules is asked: no text may have such a part and no such sign."""
    rules = [rule for rule in RULES if rule.kind in SIGNED]
    assert len(rules) == len(SIGNED) + 1 and {rule.kind for rule in RULES} > SIGNED  # tags stand as entities, too
    texts = [block for seed in range(DOCUMENTS) for block in Made(seed).text.split()]
    assert [text for text in texts if not SIGNS.search(text) and any(rule.asked(text) for rule in rules)] == []
    assert sum(1 for text in texts if SIGNS.search(text)) > DOCUMENTS < sum(1 for text in texts if not SIGNS.search(text))


def test_words_outside_are_translated():
    """A protection that protects everything would pass the other tests."""
    words = kept = 0
    for seed in range(200):
        made = Made(seed)
        text = made.text
        for literal in sorted(made.literals, key=len, reverse=True):
            text = text.replace(literal, "\n")
        outside = re.findall(r"[a-z]{4,}", text)
        new = translated(document_of(made.text, PROTECTION, {}), "brackets")
        words += len(outside)
        kept += sum(word in new for word in set(outside) if word not in "".join(made.literals))
    assert words > 2_000 and kept == 0


@pytest.mark.parametrize("marks", ["xml", "brackets"])
def test_marks_that_are_dropped_swapped_doubled_or_changed_are_all_seen(marks):
    seen = {"dropped": 0, "doubled": 0, "swapped": 0, "renumbered": 0, "changed": 0}
    for seed in range(DOCUMENTS):
        chance = random.Random(seed)
        for segment in document_of(Made(seed).text, PROTECTION, {}).segments:
            sent = mangled(marked(segment.prose, marks))
            found = marks_in(sent)
            if not found:
                continue
            one = chance.choice(found)
            damaged = {
                "dropped": sent.replace(one, "", 1),
                "doubled": sent.replace(one, f"{one} {one}", 1),
                "renumbered": sent.replace(one, re.sub(r"\d+", "77", one, count=1), 1),
            }
            others = [other for other in found if plain_of(other, segment, found) != plain_of(one, segment, found)]
            if others:
                other = chance.choice(others)
                damaged["swapped"] = sent.replace(one, "\0").replace(other, one).replace("\0", other)
            if ">" in one.rstrip(">") and marks == "xml":
                damaged["changed"] = sent.replace(one, one.replace("</x>", "가</x>"), 1)
            for kind, answer in damaged.items():
                assert read(answer, segment.prose, marks).findings, (seed, kind, sent, answer)
                seen[kind] += 1
    assert all(number > 300 for kind, number in seen.items() if (kind, marks) != ("changed", "brackets")), seen


def plain_of(mark, segment, found):
    """The literal behind a mark of the text that was sent."""
    return [atom.text for atom in segment.prose if not isinstance(atom, str)][found.index(mark)]


def test_blocks_lose_nothing_and_neither_do_narrower_forms():
    for seed in range(DOCUMENTS):
        text = Made(seed).text
        assert "".join(block.joined(block.lines) for block in blocks_of(text)) == text
        for segment in document_of(text, PROTECTION, {}).segments:
            for pieces in (
                sentences_of(segment.prose, sentences_by_rule),
                around_parts(segment.prose),
                fitting(segment.prose, lambda prose: len(marked(prose, "xml")) <= 40, sentences_by_rule),
            ):
                assert "".join(piece if isinstance(piece, str) else plain(piece) for piece in pieces) == segment.source


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "`",
        "$ ",
        "\\[",
        "<a",
        "<p>",
        "[",
        '{"',
        "a_",
        "aB",
        "1 + ",
        "|-|\n",
        "    a b c d e f.\n\n",
        "$$ a\n",
        "a,b\na\n",
        "- a\n",
        "&a;",
        "a.",
    ],
)
def test_a_hundred_thousand_signs_of_anything_are_read_at_once(unit):
    from time import process_time

    text = unit * (100_000 // len(unit))
    begun = process_time()
    document = document_of(text, PROTECTION, {})
    assert document.joined([segment.source for segment in document.segments]) == text
    assert process_time() - begun < 5


def test_a_particle_behind_a_part_is_not_of_it():
    text = "config.yaml을 https://a.example/b에서 받아 get_name()으로 읽고 Docker에서 3 km를 2024-02-29에 /usr/bin/env로 @kim님께 example.com의"
    parts = [part.text for part in PROTECTION.parts_of(text) if not isinstance(part, str)]
    assert parts == [
        "config.yaml",
        "https://a.example/b",
        "get_name()",
        "Docker",
        "3 km",
        "2024-02-29",
        "/usr/bin/env",
        "@kim",
        "example.com",
    ]
    assert "https://ko.example/wiki/서당" in [
        part.text for part in PROTECTION.parts_of("보기: https://ko.example/wiki/서당") if not isinstance(part, str)
    ]


PROSE = """It costs $5 and $6, or 50 cents and/or more.

The meeting is at noon; bring pens, paper, and water.
Name: Kim
Age: thirty
- first, second, third
- {not json}

Total cost = the price of all apples plus the price of pears
He said: "Return the book to me." I'm sure.
Select one of these and order by size.
    Once upon a time there lived a king, and he was old.
1. For each child, find a chair: it is easy.
If you want to go, print the form (two pages).
"""


def test_prose_that_looks_a_little_like_code_is_prose():
    document = document_of(PROSE, PROTECTION, {})
    assert [part for segment in document.segments for part in segment.prose if not isinstance(part, str)] == []
    assert [piece for piece in document.pieces if isinstance(piece, str) and re.search("[a-z]", piece)] == []
