"""A Korean particle follows the sound of the word before it, whatever that word is written in."""

import pytest
from seodang_locale_ko.particles import attach


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("책", "책을"),
        ("사과", "사과를"),
        ("물", "물을"),
        ("3", "3을"),
        ("4", "4를"),
        ("10", "10을"),
        ("1,000", "1,000을"),
        ("100,000,000", "100,000,000을"),
        ("1,000,000,000,000", "1,000,000,000,000를"),
        ("0", "0을"),
        ("0.5", "0.5를"),
        ("0.70", "0.70을"),
        ("5%", "5%를"),
        ("3kg", "3kg을"),
        ("3㎏", "3㎏을"),
        ("㎏", "㎏을"),
        ("20㎞", "20㎞를"),
        ("７", "７을"),
        ("②", "②를"),
        ("③", "③을"),
        ("٣", "٣을"),
        ("7", "7을"),
        ("100원", "100원을"),
        ("GPT-4", "GPT-4를"),
        ("Llama 3.1", "Llama 3.1을"),
        ("10km", "10km를"),
        ("64 MiB", "64 MiB를"),
        ("1.3b", "1.3b를"),
        ("LLM", "LLM을"),
        ("API", "API를"),
        ("JSON", "JSON을"),
        ("DeepL", "DeepL을"),
        ("OpenAI", "OpenAI를"),
        ("LLaMA", "LLaMA를"),
        ("gpt", "gpt를"),
        ("html", "html을"),
        ("gpt-4o-mini", "gpt-4o-mini를"),
        ("gpt-4o", "gpt-4o를"),
        ("koalpaca-v1.1", "koalpaca-v1.1을"),
        ("model", "model을"),
        ("file", "file을"),
        ("rows.jsonl", "rows.jsonl을"),
        ("step", "step을"),
        ("prompt", "prompt를"),
        ("template", "template를"),
        ("engine", "engine을"),
        ("training", "training을"),
        ("format", "format을"),
        ("dataset", "dataset을"),
        ("test", "test를"),
        ("network", "network를"),
        ("block", "block을"),
        ("type", "type을"),
        ("teacher", "teacher를"),
        ("ㄱ", "ㄱ을"),
        ("ㅏ", "ㅏ를"),
        ("さくら", "さくら를"),
        ("ラーメン", "ラーメン을"),
    ],
)
def test_the_object_particle_follows_the_final_sound(word, expected):
    assert attach(word, "을/를") == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("'책'", "'책'을"),
        ("“사과”", "“사과”를"),
        ("서당（書堂）", "서당（書堂）을"),
        ("7)", "7)을"),
        ("「사과」", "「사과」를"),
        ("사과(apple)", "사과(apple)를"),
        ("책 (book)", "책 (book)을"),
        ("'수레(cart)'", "'수레(cart)'를"),
        ("(서당)", "(서당)을"),
        ("runs/demo/", "runs/demo/를"),
        ("[[step]]", "[[step]]을"),
    ],
)
def test_quotes_and_brackets_are_silent(word, expected):
    assert attach(word, "을/를") == expected


@pytest.mark.parametrize(
    ("word", "choice", "expected"),
    [
        ("책", "이/가", "책이"),
        ("사과", "이/가", "사과가"),
        ("책", "은/는", "책은"),
        ("사과", "과/와", "사과와"),
        ("사과", "와/과", "사과와"),
        ("책", "와/과", "책과"),
        ("서울", "으로/로", "서울로"),
        ("부산", "으로/로", "부산으로"),
        ("제주", "로/으로", "제주로"),
        ("1", "으로/로", "1로"),
        ("교실", "으로서/로서", "교실로서"),
        ("책", "이나/나", "책이나"),
        ("사과", "나/이나", "사과나"),
        ("서당", "이라/라", "서당이라"),
        ("학교", "이라고/라고", "학교라고"),
        ("물", "이라고/라고", "물이라고"),
        ("수", "이어야/여야", "수여야"),
        ("목록", "이어야/여야", "목록이어야"),
    ],
)
def test_every_pair_is_known_in_either_order(word, choice, expected):
    assert attach(word, choice) == expected


@pytest.mark.parametrize(
    ("choice", "expected"), [("을/를", "漢을(를)"), ("이/가", "漢이(가)"), ("으로/로", "漢(으)로"), ("이라/라", "漢(이)라")]
)
def test_a_reading_that_cannot_be_known_gets_both_forms(choice, expected):
    assert attach("漢", choice) == expected


def test_a_word_of_nothing_but_marks_gets_both_forms():
    assert attach("", "을/를") == "을(를)"
    assert attach("…", "은/는") == "…은(는)"
