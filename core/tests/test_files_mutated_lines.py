"""Ten thousand damaged lines: none crashes the reader, none is lost, and each verdict is that of a slow and simple judge."""

import json
import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from seodang.files.flaws import CODES, MOST_NESTED
from seodang.files.lines import BadLine, Row
from seodang.files.reading import read_rows
from seodang.wording import one_line

BLANK = b" \t\r\n"
MARK = b"\xef\xbb\xbf"


class Repeated(Exception):
    pass


def judge(line: bytes) -> object:
    """What a line holds by the standard library and by walking through it, or None where it is no row. Sees one line alone."""
    try:
        value = json.loads(line.decode("utf-8"), object_pairs_hook=_pairs, parse_constant=_refuse)
        return value if isinstance(value, dict) and _in_order(value, 1) else None
    except (ValueError, RecursionError, Repeated):
        return None


def _pairs(pairs):
    if len({key for key, _ in pairs}) < len(pairs):
        raise Repeated
    return dict(pairs)


def _refuse(name):
    raise ValueError(name)


def _in_order(value, depth):
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, float):
        return value not in (float("inf"), float("-inf"))
    if isinstance(value, dict):
        return depth <= MOST_NESTED and all(_in_order(key, 0) and _in_order(part, depth + 1) for key, part in value.items())
    if isinstance(value, list):
        return depth <= MOST_NESTED and all(_in_order(part, depth + 1) for part in value)
    return True


def check(path: Path, content: bytes) -> Counter:
    """Rows and bad lines and blank lines are all the lines, and each is what the judge says."""
    path.write_bytes(content)
    lines = content.split(b"\n")
    found = {int(line.where.split(":")[1]): line for line in read_rows(path)}
    for number, line in enumerate(lines, 1):
        line = line.removeprefix(MARK).strip(BLANK)
        if not line:
            assert number not in found, line
            continue
        verdict, expected = found.pop(number), judge(line)
        if expected is None:
            assert isinstance(verdict, BadLine) and verdict.code in CODES and verdict.text == one_line(verdict.text), (
                verdict,
                line[:200],
            )
        else:
            assert isinstance(verdict, Row) and verdict.values == expected, (verdict, line[:200])
    assert not found
    return Counter(line.code if isinstance(line, BadLine) else "row" for line in read_rows(path))


WHOLE = [
    {"instruction": "다음 수를 읽으세요: 1,234", "input": "", "output": "천이백삼십사"},
    {"messages": [{"role": "user", "content": '그는 "왜?"라고 물었다.\n\\n'}, {"role": "assistant", "content": "{[:,]}"}]},
    {"id": 17, "score": -1.5e3, "tags": ["가", None, True, {"깊이": {"더": [[]]}}]},
    {"conversations": [{"from": "human", "value": "🙂 한글"}, {"from": "gpt", "value": "\u200b\u202e\u1112\u1161\u11ab"}]},
]
SPLINTERS = [
    b"\x00", b"\xff", b"\xed\xa0\x80", rb"\ud800", rb"\u0000", rb"\u0022", rb"\u003a", b"NaN", b"-Infinity", b"1e999", b'"', b"\\", b'\\"',
    b"{", b"}", b"[", b"]", b",", b":", b"\r", b"\t", MARK, b'"a":1,"a":2,', b"[" * 70, b"9" * 4400, b"[" * 40 + b"]" * 40,
    b"'", b"\n", b" ", "가".encode("cp949"),
]  # fmt: skip


def mutated(random: random.Random) -> bytes:
    line = bytearray(json.dumps(random.choice(WHOLE), ensure_ascii=random.random() < 0.3).encode())
    for _ in range(random.choice((0, 1, 1, 1, 2, 3))):
        place = random.randrange(len(line) + 1)
        match random.randrange(7):
            case 0:
                line[place:place] = random.choice(SPLINTERS)
            case 1:
                line[place : place + random.randrange(1, 12)] = b""
            case 2:
                line[place : place + 1] = bytes([random.randrange(256)])
            case 3:
                line[place:place] = line[place : place + random.randrange(1, 40)]
            case 4:
                del line[place:]
            case 5:
                line = bytearray(bytes(line).decode("utf-8", "ignore").encode("cp949", "ignore"))
            case 6:
                end = place + random.randrange(1, 8)
                line[place:end] = line[place:end][::-1]
    return bytes(line)


def test_ten_thousand_mutated_lines_are_all_accounted_for(tmp_path):
    source = random.Random(20230405)
    content = b"\n".join(mutated(source) for _ in range(10_000))
    verdicts = check(tmp_path / "rows.jsonl", content)
    assert set(verdicts) >= {
        "row",
        "malformed",
        "encoding",
        "nul",
        "surrogate",
        "duplicate-key",
        "too-deep",
        "not-a-number",
        "number-too-large",
    }
    assert verdicts["row"] > 1000 and sum(verdicts.values()) > 9_900


def test_ten_thousand_mutated_elements_crash_nothing_and_come_in_order(tmp_path):
    path = tmp_path / "rows.json"
    for seed in range(20):
        source = random.Random(seed)
        path.write_bytes(b"[" + b",\n".join(mutated(source) for _ in range(500)) + b"]")
        found = list(read_rows(path))
        places = [int(line.where.partition("[")[2].partition("]")[0]) for line in found]
        assert places == list(range(len(found)))
        assert all(line.code in CODES if isinstance(line, BadLine) else line.values == dict(line.values) for line in found)


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("lines") / "rows.jsonl"


texts = st.text(max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
written = st.builds(
    lambda value, ascii, gap: json.dumps(value, ensure_ascii=ascii, separators=(f"{gap},", f"{gap}:{gap}")).encode(
        "utf-8", "surrogatepass"
    ),
    st.dictionaries(texts, values, max_size=4) | values,
    st.booleans(),
    st.sampled_from(["", " ", "\t"]),
)
pieces = st.sampled_from([*SPLINTERS[:-6], b'"a"', b'{"a":"b"}', rb"\\", b"1", "가".encode()])
soup = st.lists(pieces, max_size=12).map(b"".join)
spliced = st.builds(lambda line, splinter, place: line[:place] + splinter + line[place:], written, pieces, st.integers(0, 60))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(lines=st.lists(written | soup | spliced | st.binary(max_size=30), max_size=8), last_line_end=st.booleans())
@example(lines=[b'{"a":"x', b'y"}', b'{"b":1},{"c":2}'], last_line_end=True)
@example(lines=[b'{"a":[[1', b"2]]}", b'{"x":1}],[{"y":2}'], last_line_end=True)
@example(lines=[b'{"a":1,"a":2}', rb'{"a":"\""}'], last_line_end=True)
@example(lines=[rb'{"a":"\\","a":"\""}'], last_line_end=True)
def test_whatever_the_lines_are_the_verdicts_are_those_of_the_judge(place, lines, last_line_end):
    # The first line is in order: a file that begins like a zip or like UTF-16 is refused as a whole.
    check(place, b"\n".join([b"{}", *lines]) + (b"\n" if last_line_end else b""))
