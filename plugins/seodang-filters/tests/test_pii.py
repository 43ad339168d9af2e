"""Personal data is masked, dropped or counted, and a row that was masked may go where it may not go otherwise."""

import sys

import msgspec
import pytest
import seodang
import seodang_filters
import seodang_locale_ko
from seodang.testing import FilterContract, PlainLocale
from seodang.testing.recipes import run_in
from seodang_filters import Pii

ASKED = "제 번호는 010-1234-5678이고 메일은 gildong@example.com입니다."
ANSWERED = "０１０ １２３４ ５６７８로 전화 드리겠습니다. 다른 번호는 010.9999.8888입니다."
DIALOGUE = seodang.single_turn(ASKED, ANSWERED, id="1", language="ko")
CLEAN = seodang.single_turn("회의는 2024-05-17 14:30에 시작합니까?", "네, 1544-7000으로 확인하세요.", id="2")


class TestPii(FilterContract):
    filter = Pii
    records = (*FilterContract.records, DIALOGUE, CLEAN)


class TestPiiInKorean(TestPii):
    language = "ko"
    options = {"action": "drop", "languages": ["en", "ko"]}


def test_one_number_has_one_name_in_every_turn(sifted):
    masked, untouched = sifted(Pii, [DIALOGUE, CLEAN])
    assert masked.record.question == "제 번호는 <휴대전화번호_1>이고 메일은 <전자우편_1>입니다."
    assert masked.record.answer == "<휴대전화번호_1>로 전화 드리겠습니다. 다른 번호는 <휴대전화번호_2>입니다."
    assert masked.tags == {"masked": {"e-mail": 1, "mobile": 3}}
    assert untouched == seodang.Keep()


def test_everything_that_is_exported_is_masked(sifted):
    """The input, ranked answers, what the model thought, tool calls, and columns that came along."""
    number = "010-1234-5678"
    record = seodang.Record(
        messages=(
            seodang.Message("user", "누구에게 전화할까요?"),
            seodang.Message("assistant", "네", f"{number}에 걸자", calls=(seodang.Call("1", "dial", f'{{"to": "{number}"}}'),)),
        ),
        input=number,
        candidates=(seodang.Candidate(seodang.Message("assistant", f"{number}입니다")),),
        columns={"phone": number, "memo": {"tel": [number, "없음"]}, "계좌": "110-234-567890", "age": 31, "open": True},
    )
    (verdict,) = sifted(Pii, [record])
    assert "1234-5678" not in msgspec.json.encode(verdict.record).decode()
    assert verdict.record.messages[1].calls[0].arguments == '{"to": "<휴대전화번호_1>"}'
    assert verdict.record.columns == {
        "phone": "<휴대전화번호_1>", "memo": {"tel": ["<휴대전화번호_1>", "없음"]}, "계좌": "<계좌번호_1>", "age": 31, "open": True,
    }  # fmt: skip
    assert verdict.tags["masked"] == {"account": 1, "mobile": 6}


def test_what_a_source_masked_before_is_counted_with_it(sifted, row):
    (verdict,) = sifted(Pii, [row(ASKED, tags={"masked": {"mobile": 2, "writer-column": 1}})])
    assert verdict.tags["masked"] == {"e-mail": 1, "mobile": 3, "writer-column": 1}


def test_kinds_are_chosen_or_left_out(sifted, row):
    (only,) = sifted(Pii, [row(ASKED)], kinds=["mobile"])
    assert only.record.question == "제 번호는 <휴대전화번호_1>이고 메일은 gildong@example.com입니다."
    (but,) = sifted(Pii, [row(ASKED)], without=["mobile"])
    assert but.record.question == "제 번호는 010-1234-5678이고 메일은 <전자우편_1>입니다."
    (none,) = sifted(Pii, [row(ASKED)], kinds=["card"])
    assert none == seodang.Keep()


def test_a_base_model_gets_its_own_tokens(sifted, row):
    (verdict,) = sifted(Pii, [row("계좌 110-234-567890 입금 후 010-1234-5678로, 메일은 a@example.com")], tokens=True)
    assert verdict.record.question == "계좌 <|acc|> 입금 후 <|tell|>로, 메일은 <전자우편_1>"


def test_a_tag_changes_nothing(sifted):
    marked, clean = sifted(Pii, [DIALOGUE, CLEAN], action="tag")
    assert marked == seodang.Keep(tags={"personal": {"e-mail": 1, "mobile": 3}}) and clean == seodang.Keep()


def test_other_languages_have_other_numbers(sifted, row):
    record = row("Call me at (212) 555-0187, SSN 123-45-6789.")
    assert sifted(Pii, [record]) == [seodang.Keep()]
    (verdict,) = sifted(Pii, [record], languages=["ko", "en"])
    assert "0187" not in verdict.record.question and "6789" not in verdict.record.question


@pytest.mark.parametrize(
    ("options", "clears"),
    [
        ({}, True),
        ({"action": "drop"}, True),
        ({"action": "tag"}, False),
        ({"kinds": ["mobile"]}, False),
        ({"without": ["address"]}, False),
    ],
)
def test_only_who_hides_all_of_it_clears_the_rows(options, clears):
    assert Pii(msgspec.convert(options, Pii.Options)).clears == ((seodang.PERSONAL_DATA,) if clears else ())


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("en", "pii: the locales know no personal data of the kind phone. They know: account, address, card,"),
        ("ko", "pii: 로케일이 모르는 개인 정보 종류입니다: phone. 아는 종류: account, address, card,"),
    ],
)
def test_a_kind_that_nobody_knows_is_told(sifted, monkeypatch, language, message):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    with pytest.raises(seodang.SeodangError) as error:
        sifted(Pii, [DIALOGUE], kinds=["phone"])
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("en", "The filter pii needs texts.toml [[personal]] of the locale 'eo', which it does not have."),
        ("ko", "pii 필터에는 로케일 'eo'의 texts.toml [[personal]]이 필요한데 그 로케일에 없습니다."),
    ],
)
def test_a_locale_without_patterns_is_refused(sifted, monkeypatch, language, message):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    with pytest.raises(seodang.SeodangError) as error:
        sifted(Pii, [DIALOGUE], locale=PlainLocale("eo"))
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    "options", [{"kinds": ["mobile"], "without": ["card"]}, {"action": "tag", "tokens": True}, {"action": "hide"}]
)
def test_options_that_make_no_sense(options):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(options, Pii.Options)


def test_rows_of_every_size(codes, row):
    rows = [row(""), row("가" * 100_000), row("1" * 100_000), row("010-1234-5678 " * 5_000), seodang.Record(messages=())]
    assert codes(Pii, rows, action="drop") == ["", "", "", "personal-data", ""]


class Numbers(seodang.Seeds):
    """Rows of the test."""

    name = "numbers"

    def read(self, context):
        for text in (ASKED, CLEAN.question):
            yield seodang.single_turn(text, columns={"memo": "010-1234-5678"})


@seodang.hookimpl
def register_seeds(register):
    register(Numbers)


def test_what_is_dropped_is_written_masked(tmp_path):
    """Also where it is not the reason: nobody looks for a number in what was left out."""
    recipe = """
[recipe]
name = "numbers"
language = "ko"

[[step]]
seeds = "numbers"

[[step]]
filter = "pii"
action = "drop"
kinds = ["e-mail"]
"""
    done = run_in(tmp_path, recipe, plugins=[sys.modules[__name__], seodang_filters, seodang_locale_ko])
    assert done.ok, done.error
    assert done.manifest("pii").dropped == {"personal-data": 1}
    (line,) = done.lines("pii", "dropped.jsonl")
    assert line["detail"] == "e-mail 1"
    assert line["record"]["messages"][0]["text"] == "제 번호는 <휴대전화번호_1>이고 메일은 <전자우편_1>입니다."
    assert line["record"]["id"] == done.records("numbers")[0].id
    written = b"".join(path.read_bytes() for path in done.run.glob("02-*/dropped.jsonl"))
    assert b"example.com" not in written and b"1234-5678" not in written
