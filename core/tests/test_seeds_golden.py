"""Seeds are written the fast way, and the bytes are those that the plain way writes: ids and shards never change."""

import hashlib
import itertools
import sys

import msgspec
import pytest
import seodang
from seodang.records import Call, Candidate, Identities, Message, Record, single_turn
from seodang.testing.recipes import run_in

TEXTS = (
    "서당이 무엇인가요?",
    "plain ASCII",
    '}],"input":"not the input","tags":{"a":1}}',
    '"},{"role":"user","text":"',
    'back\\slash \\" and \\\\',
    "tab\tline\nfeed\r\n\x00\x1f\x7f",
    "\u1112\u1161\u11ab\u1100\u1173\u11af",
    "emoji 👩‍👩‍👧 \u2028 \ufeff",
    "",
    "가" * 3000,
)
CALL = Message("assistant", "", calls=(Call("c1", "look", '{"b": 1, "a": "],\\"input\\":"}'),))


def assorted() -> list[Record]:
    """Every part of a record, alone and together, and rows that occur twice."""
    found = [single_turn(question, answer) for question, answer in itertools.product(TEXTS, TEXTS)]
    found += [single_turn("요약하세요.", "짧은 글", input=given) for given in TEXTS]
    found += [single_turn(text, "답", input=text, tags={"url": f"https://example.org/{number}", "b": [1, None], "a": {}})
              for number, text in enumerate(TEXTS)]  # fmt: skip
    found += [single_turn(text, columns={"z": 1.5, "a": text, "input": {"k": text}}) for text in TEXTS]
    found += [single_turn(text, input=text, tags={"t": 1}, columns={"c": text}) for text in TEXTS]
    found += [single_turn(text, input=given, columns={"q": text, "input": "x"}) for text in TEXTS for given in ("", text)]
    found += [
        Record(messages=()),
        Record(messages=(Message("system", "나"), Message("user", "가", weight=0.5), Message("assistant", "다", thinking="음"))),
        Record(messages=(Message("user", "도구"), CALL, Message("tool", "3", call_id="c1"), Message("assistant", "3입니다."))),
        single_turn(
            "질문", candidates=(Candidate(Message("assistant", "하나"), "a", 1, 0.5), Candidate(Message("assistant", "둘")))
        ),
        single_turn("도구", "답", tools=({"name": "look", "b": 1, "a": [2]},)),
        single_turn("Who?", "Me.", language="en"),
        single_turn("Qui?", "Moi.", language="fr", input="x", tags={"y": "z"}),
        single_turn("약관", "있음", terms=("CC-BY-4.0", "Apache-2.0")),
        single_turn("약관", "같음", terms=("CC0-1.0",)),
        single_turn("부모", "있음", parents=("0" * 32,)),
        single_turn("이름", "있음", id="a" * 32, source="elsewhere"),
        single_turn("출처", "있음", source="elsewhere"),
    ]
    return found + found[:40] + found[:20]


class Assorted(seodang.Seeds):
    """Yields every record, the first ones three times: the same object, as a repeat factor would."""

    name = "assorted"
    terms = ("CC0-1.0",)

    def read(self, context):
        yield from assorted()


@seodang.hookimpl
def register_seeds(register):
    register(Assorted)


RECIPE = '[recipe]\nname = "golden"\nlanguage = "ko"\n\n[[step]]\nseeds = "assorted"\nname = "{name}"\n'


@pytest.fixture(params=["assorted", "다른-이름"])
def done(request, tmp_path):
    return run_in(tmp_path, RECIPE.format(name=request.param), plugins=[sys.modules[__name__]]), request.param


def test_the_bytes_are_those_of_the_plain_way(done):
    outcome, name = done
    assert outcome.ok, outcome.error
    identities = Identities(name)
    expected = b""
    for record in assorted():
        filled = msgspec.structs.replace(
            record,
            id=record.id or identities.name(record),
            source=name,
            language=record.language or "ko",
            terms=tuple(sorted({*record.terms, "CC0-1.0"})),
        )
        expected += msgspec.json.encode(filled) + b"\n"
    shards = sorted(outcome.run.glob("01-*/part-*.jsonl"))
    assert b"".join(shard.read_bytes() for shard in shards) == expected
    assert outcome.manifest(name).terms == ("Apache-2.0", "CC-BY-4.0", "CC0-1.0")


FIRST_VERSION = {
    "assorted": (
        "e3b83daec3314f353a34ab12fe4bb961", "15b3b2e084c8a6651930444d8859ace5",
        "12dc029069c7f0d582aa95048be1b7635418650d936f2d7d407f2d12e301e46b",
    ),
    "다른-이름": (
        "8f979631780a653b5bd6e7b2eb68607e", "c1d89719640b1a6553484555ce7224f4",
        "79698bfb1ada666ce9a727538788c1dd7d7afa7c5a07bc76f820f8227f9401e7",
    ),
}  # fmt: skip
"""First id, last id and hash of the shard, by the name of the step, as the code before the fast way wrote them."""


def test_ids_and_bytes_are_those_of_the_first_version(done):
    outcome, name = done
    content = next(outcome.run.glob("01-*/part-00000.jsonl")).read_bytes()
    ids = [msgspec.json.decode(line)["id"] for line in content.splitlines()]
    assert (ids[0], ids[-1], hashlib.sha256(content).hexdigest()) == FIRST_VERSION[name]
    assert len(set(ids)) == len(ids) == 232
