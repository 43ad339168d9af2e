"""The mock keeps DeepL's limits, reads XML strictly, counts what it bills, and spoils what it is told to spoil."""

import json
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from click.testing import CliRunner
from seodang.testing.wire_faults import Faults
from seodang_deepl.mock import key_of_text, mock_deepl, translation_of
from seodang_deepl.mock_command import command
from seodang_deepl.mock_damage import DAMAGES, Damager
from seodang_deepl.mock_words import NotXml

HANGUL = re.compile(r"[가-힣]")
SENTENCE = (
    'Please run <x id="1">the_code()</x> before noon and then read <x id="2">https://example.org</x> and all 12 pages of it.'
)


def ask(url, body, path="/v2/translate", key="any"):
    """A request without any SDK: status and body."""
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    headers = {"Authorization": f"DeepL-Auth-Key {key}"} if key else {}
    try:
        with urllib.request.urlopen(urllib.request.Request(url + path, data, headers), timeout=5) as response:
            return response.status, json.loads(response.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read() or b"{}")


def said(*texts, **more):
    return {"text": list(texts), "source_lang": "EN", "target_lang": "KO", "show_billed_characters": True, **more}


XML = {"tag_handling": "xml", "tag_handling_version": "v2", "ignore_tags": ["x"]}


def test_a_translation_is_hangul_of_half_the_length_and_the_same_each_time():
    source = " ".join(["The village school stands at the foot of a hill and has one room for everybody."] * 5)
    found = translation_of(source)
    assert found == translation_of(source) != translation_of(source.replace("hill", "river"))
    assert 0.4 < len(found) / len(source) < 0.7
    letters = [sign for sign in found if sign.isalpha()]
    assert all(map(HANGUL.match, letters)) and found.endswith("합니다.")
    assert translation_of("Is it far?").endswith("합니까?")
    assert re.search("[ぁ-ん]", translation_of("Good morning", "JA")) and translation_of("안녕하세요", "EN-US").isascii()


def test_numbers_signs_lines_and_ignored_elements_are_kept():
    found = translation_of('1. Add <x id="1">a &lt; b</x>, 3.14 &amp; "two"\n2. <x id="2"/>, then stop')
    assert re.fullmatch(r'1\. \S+ <x id="1">a &lt; b</x>, 3\.14 &amp; "\S+"\n2\. <x id="2"/>, \S+ \S+', found)


@pytest.mark.parametrize("text", ["a & b", "a < b", '<x id="1">open', "</x>", "<x id=1/>", "\x0b"])
def test_what_is_no_xml_is_refused_and_not_billed(text):
    with pytest.raises(NotXml):
        translation_of(text)
    with mock_deepl() as (server, _):
        assert ask(server.url, said("Fine.", text, **XML))[0] == 400
        assert server.counts().payments == 0
        assert ask(server.url, said("Fine.", text))[0] == 200, "as plain text it is a text like any other"


def test_fifty_texts_and_131072_bytes_are_the_most():
    with mock_deepl() as (server, _):
        assert ask(server.url, said(*["One."] * 50))[0] == 200
        assert ask(server.url, said(*["One."] * 51))[0] == 400
        room = 131_072 - len(json.dumps(said("")))
        assert ask(server.url, said("a" * room))[0] == 200
        assert ask(server.url, said("a" * (room + 1)))[0] == 413
        assert server.counts().charged["characters"] == 200 + room


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"target_lang": "XX"}, "target_lang"),
        ({"formality": "more"}, "doesn't support formality"),
        ({"glossary_id": "nobody"}, "Glossary not found"),
        ({"custom_instructions": ["짧게"] * 11}, "custom_instructions"),
        ({"custom_instructions": ["가" * 301]}, "custom_instructions"),
        ({"custom_instructions": ["짧게"], "model_type": "latency_optimized"}, "model_type"),
        ({"tone": "merry"}, "tone"),
    ],
)
def test_what_the_service_does_not_have_is_refused(more, told):
    with mock_deepl() as (server, _):
        status, body = ask(server.url, said("One.", **more))
        assert status == 400 and told in body["message"]
        assert server.counts().payments == 0


def test_code_points_are_billed_text_by_text_and_the_account_comes_to_its_end():
    with mock_deepl(quota=30, used=5) as (server, _):
        assert (
            ask(server.url, said("Hello.", "👩‍👧", "", context="Free of charge."))[1]["translations"][1]["billed_characters"] == 3
        )
        assert ask(server.url, None, "/v2/usage") == (200, {"character_count": 14, "character_limit": 30})
        assert ask(server.url, said("Far too long for this."))[0] == 456
        assert ask(server.url, said("Hello."))[0] == 200, "what still fits is translated"
        counts = server.counts()
    assert counts.charged == {"characters": 15} and counts.paid[key_of_text("Hello.")] == 2


def test_only_its_key_is_let_in():
    with mock_deepl(key="right") as (server, _):
        assert [ask(server.url, said("One."), key=key)[0] for key in ("right", "wrong", "")] == [200, 403, 403]
        assert ask(server.url, None, "/v2/languages", key="right")[1][0].keys() == {"language", "name"}
        assert ask(server.url, None, "/nowhere", key="right")[0] == 404


@pytest.mark.parametrize("kind", DAMAGES)
def test_each_damage_spoils_what_it_says_and_notes_it(kind):
    damager = Damager(0, {kind: 1.0})
    whole = translation_of(SENTENCE)
    spoilt = damager.spoilt(SENTENCE, whole)
    assert spoilt != whole and damager.done == [(kind, SENTENCE, spoilt)]
    looks = {
        "drop-tag": lambda: spoilt.count("<x") == 1,
        "swap-tags": lambda: spoilt.index('id="2">the_code()') < spoilt.index('id="1">https'),
        "translate-code": lambda: "the_code()" not in spoilt and "https://example.org" in spoilt,
        "truncate": lambda: whole.startswith(spoilt) and len(spoilt) < len(whole) and spoilt.count("<x") == spoilt.count("</x"),
        "echo": lambda: spoilt == SENTENCE,
        "alter-number": lambda: "12" not in spoilt and "13" in spoilt,
        "newlines": lambda: spoilt.count("\n") == 2,
    }
    assert looks[kind]()


def test_what_cannot_be_damaged_is_not_said_to_be():
    plain = translation_of("Yes")
    damager = Damager(0, {"drop-tag": 0.5, "alter-number": 0.5})
    assert damager.spoilt("Yes", plain) == plain and not damager.done


def test_damages_are_a_function_of_the_text_and_of_the_seed():
    texts = [f"This is sentence number {number} of many." for number in range(400)]

    def spoilt(seed):
        damager = Damager(seed, {"echo": 0.05, "alter-number": 0.05})
        return [damager.spoilt(text, translation_of(text)) for text in texts], len(damager.done)

    assert spoilt(1) == spoilt(1) != spoilt(2)
    assert 20 <= spoilt(1)[1] <= 60


@pytest.mark.parametrize("shares", [{"nonsense": 0.1}, {"echo": 0.6, "truncate": 0.6}, {"echo": -0.1}])
def test_damages_that_make_no_sense_are_refused(shares):
    with pytest.raises(ValueError, match="damages"):
        Damager(0, shares)


def test_faults_that_do_not_exist_are_refused():
    with pytest.raises(ValueError, match="unknown faults"), mock_deepl(faults=Faults(rates={"teapot": 1.0})):
        pass


def test_the_command_serves_tells_where_and_counts(tmp_path):
    arguments = ["--port", "0", "--damage", "echo:1", "--script", "Twice=503,ok", "--payments", str(tmp_path / "paid.jsonl")]
    started = [sys.executable, "-m", "seodang", "mock", "deepl", "--json", *arguments]
    with subprocess.Popen(started, stdout=subprocess.PIPE, text=True) as process:
        url = json.loads(process.stdout.readline())["url"]
        assert [ask(url, said("Twice, please."))[0] for _ in range(2)] == [503, 200]
        assert ask(url, said("Hello, everybody there."))[1]["translations"][0]["text"] == "Hello, everybody there."
        process.send_signal(signal.SIGTERM)
        counts = json.loads(process.communicate(timeout=20)[0].splitlines()[-1])
    assert (counts["requests"], counts["payments"], counts["charged"]) == (3, 2, {"characters": 37})
    paid = [json.loads(line) for line in (tmp_path / "paid.jsonl").read_text().splitlines()]
    assert [line["characters"] for line in paid] == [14, 23]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--damage", "nonsense:1"], "drop-tag"),
        (["--damage", "echo"], "write KIND:SHARE, as in drop-tag:0.10"),
        (["--damage", "echo:much"], "KIND:SHARE"),
        (["--damage", "echo:2"], "at most 1"),
        (["--fault", "teapot:1"], "429"),
        (["--script", "a=teapot"], "teapot"),
        (["--latency", "soon"], "200ms"),
    ],
)
def test_the_command_says_what_it_did_not_understand(arguments, told):
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 2 and told in result.output
