"""The translator against the mock, over the real SDK: what is sent, what comes back, and every failure in the core's words."""

import asyncio
import json

import deepl
import pytest
import seodang
from seodang.testing import TranslatorContract, make_context
from seodang.testing.wire_faults import Faults
from seodang.wording import render
from seodang_deepl import MOST_BODY_BYTES, DeepL, size_of
from seodang_deepl.glossaries import name_of
from seodang_deepl.mock import mock_deepl, translation_of
from seodang_deepl.mock_faults import FAULTS

KEY = "0123-4567-deepl-key"
NOTE = "'당신'"


class TestDeepL(TranslatorContract):
    translator = DeepL

    @pytest.fixture
    def raw_options(self):
        with mock_deepl() as (server, _):
            yield {"server_url": server.url}


@pytest.fixture
def context(tmp_path):
    def context_of(options, *, language="ko", source="en", register="", glossary=None):
        made = make_context(tmp_path, language=language, source_language=source, options=options)
        made.register, made.glossary = register, glossary or {}
        return made

    return context_of


@pytest.fixture
def translate(context, monkeypatch, no_network):
    """Translates texts with a key that must not be seen again."""
    monkeypatch.setenv("TRANSLATE_KEY", KEY)

    def translated(url, *texts, before="", language="ko", source="en", register="", glossary=None, **options):
        translator = DeepL(DeepL.Options(server_url=url, **{"api_key": "env:TRANSLATE_KEY"} | options))
        where = context(translator.options, language=language, source=source, register=register, glossary=glossary)
        try:
            return translator.translate([seodang.Text(text, before) for text in texts or ("Good morning.",)], where)
        finally:
            asyncio.run(translator.close())

    return translated


def test_texts_come_back_in_order_with_what_was_billed(translate):
    with mock_deepl() as (server, mock):
        first, nothing, second = translate(server.url, 'Call <x id="1">add(2, 3)</x> &amp; wait.', "", "Two of them.")
        counts = server.counts()
    assert first.text == translation_of('Call <x id="1">add(2, 3)</x> &amp; wait.') and '<x id="1">add(2, 3)</x>' in first.text
    assert (nothing.text, nothing.billed) == ("", 0)
    assert (first.billed, second.billed) == (40, 12)
    assert (counts.requests, counts.charged) == (1, {"characters": 52})
    sent = mock.asked[-1]
    assert (sent.source_lang, sent.target_lang, sent.tag_handling, sent.tag_handling_version) == ("EN", "KO", "xml", "v2")
    assert sent.ignore_tags == ["x"]
    assert not (sent.context or sent.formality or sent.glossaries or sent.custom_instructions or sent.model_type)


@pytest.mark.parametrize(
    ("fault", "kind", "facts"),
    [
        ("429", seodang.Transient, {"throttled": True, "in_doubt": False, "retry_after": 3.0, "status": 429}),
        ("429-none", seodang.Transient, {"throttled": True, "retry_after": 0.0}),
        ("400", seodang.Refused, {"reason": "http-400"}),
        ("403", seodang.Unauthorized, {"status": 403, "exit_code": 5}),
        ("413", seodang.Refused, {"reason": "too-long", "status": 413}),
        ("456", seodang.Exhausted, {"status": 456, "exit_code": 6}),
        ("500", seodang.Transient, {"throttled": False, "in_doubt": False, "status": 500}),
        ("503", seodang.Transient, {"in_doubt": False, "status": 503}),
        ("504", seodang.Transient, {"in_doubt": True, "status": 504}),
        ("html-502", seodang.Transient, {"in_doubt": False, "status": 502}),
        ("307", seodang.Exhausted, {"code": "seodang_deepl:redirected", "exit_code": 3}),
        ("reset-before", seodang.Transient, {"in_doubt": True, "status": 0}),
        ("reset-after", seodang.Transient, {"in_doubt": True, "status": 0}),
        ("wrong-length", seodang.Transient, {"in_doubt": True, "status": 0}),
        ("cut-json", seodang.Transient, {"in_doubt": True}),
        ("missing-bill", seodang.Transient, {"in_doubt": True}),
        ("one-less", seodang.Transient, {"in_doubt": True}),
    ],
)
def test_every_failure_arrives_in_the_cores_words_after_one_request(translate, fault, kind, facts):
    with mock_deepl(faults=Faults(rates={fault: 1.0}), retry_after=3.0) as (server, _):
        with pytest.raises(seodang.RemoteError) as caught:
            translate(server.url, "One.", "Two.")
        counts = server.counts()
    assert isinstance(caught.value, kind)
    assert {name: getattr(caught.value, name) for name in facts} == facts
    assert counts.requests == 1, "the SDK's own retries are off"
    assert KEY not in f"{caught.value} {caught.value!r}"
    if counts.payments:
        assert caught.value.in_doubt, "what may have been billed is never said to be free"


def test_every_fault_of_the_mock_is_tried():
    tried = test_every_failure_arrives_in_the_cores_words_after_one_request.pytestmark[0].args[1]
    assert {fault for fault, *_ in tried} | {"hang"} == FAULTS.keys()


def test_silence_is_a_doubt_after_the_time_that_the_recipe_gives(translate):
    with mock_deepl(faults=Faults(rates={"hang": 1.0})) as (server, _), pytest.raises(seodang.Transient) as caught:
        translate(server.url, timeout_seconds=0.3)
    assert caught.value.in_doubt and "0.3" in caught.value.detail


def test_a_server_that_is_not_there_has_certainly_not_been_paid(translate):
    with mock_deepl() as (server, _):
        url = server.url
    with pytest.raises(seodang.Transient) as caught:
        translate(url)
    assert not caught.value.in_doubt


def test_the_retries_of_other_clients_in_the_process_stay_as_they_are(translate):
    before = deepl.http_client.max_network_retries
    with mock_deepl() as (server, _):
        translate(server.url)
    assert deepl.http_client.max_network_retries == before > 0


def test_what_the_core_counts_is_what_is_sent(translate):
    """The fullest request that the declared limits allow stays below DeepL's, with Hangul, context and instructions."""
    wishes = ("가" * 300,) * 5
    translator = DeepL(DeepL.Options(server_url="http://127.0.0.1:1", custom_instructions=wishes))
    text = "가" * 500
    assert size_of("가") == size_of("ab") + 4 and translator.size(text) == len(json.dumps(text)) + 2
    texts = [text] * (translator.max_bytes // translator.size(text))
    with mock_deepl() as (server, mock):
        translate(server.url, *texts, source="ko", language="en", before="나" * 5_000, custom_instructions=wishes)
        assert 0.9 * MOST_BODY_BYTES < mock.largest_body < MOST_BODY_BYTES
        assert len(mock.asked[-1].context) > 500
        assert mock.asked[-1].target_lang == "EN-US"
        with pytest.raises(seodang.Refused) as caught:
            translate(server.url, "가" * 22_000)
    assert caught.value.reason == "too-long"
    with mock_deepl() as (server, _), pytest.raises(seodang.Refused, match="at most 50"):
        translate(server.url, *["One."] * 51)


def test_a_glossary_is_made_once_and_found_again_by_its_content(translate):
    terms = {"village school": "서당", "master": "훈장"}
    with mock_deepl() as (server, mock):
        for _ in range(2):
            (said,) = translate(server.url, "The village school has a Master.", glossary=terms)
        assert mock.glossaries.made == 1, "another run finds what the first one made"
        translate(server.url, glossary=dict(reversed(terms.items())))
        assert mock.glossaries.made == 1, "the order of the file makes no other glossary"
        translate(server.url, glossary={"master": "스승"})
        assert mock.glossaries.made == 2
        own = mock.asked[0].glossary_id
        translate(server.url, glossary={"master": "스승"}, glossary_id=own)
        assert mock.asked[-1].glossary_ids == [mock.asked[-2].glossary_id, own]
        translate(server.url, glossary_id=own)
        assert mock.asked[-1].glossary_id == own
    assert "서당" in said.text and "훈장" in said.text
    assert name_of(terms, ("EN", "KO")) != name_of(terms, ("EN", "JA"))


def test_a_glossary_for_another_pair_stops_at_the_first_text(translate):
    with mock_deepl() as (server, mock):
        translate(server.url, glossary={"master": "훈장"})
        own = mock.asked[0].glossary_id
        with pytest.raises(seodang.Exhausted) as caught:
            translate(server.url, language="ja", glossary_id=own)
        with pytest.raises(seodang.Exhausted):
            translate(server.url, glossary_id="nobody")
        assert server.counts().payments == 1
    assert (caught.value.code, caught.value.exit_code) == ("seodang_deepl:setting-refused", 3)
    with mock_deepl() as (server, _), pytest.raises(seodang.SeodangError) as caught:
        translate(server.url, glossary={"two\nlines": "두 줄"})
    assert caught.value.code == "seodang_deepl:glossary-term"


@pytest.mark.parametrize(("register", "ending"), [("합쇼", "합니다."), ("해요", "해요."), ("해라", "한다.")])
def test_a_register_is_asked_for_in_the_words_of_the_locale(translate, register, ending):
    with mock_deepl() as (server, mock):
        (said,) = translate(server.url, "The school is small.", register=register, custom_instructions=("짧게 쓰세요.",))
    told = mock.asked[-1].custom_instructions
    assert told[0] == "짧게 쓰세요." and f"{register}체" in told[1] and NOTE in told[2]
    assert said.text.endswith(ending)


@pytest.mark.parametrize(("language", "register"), [("ja", "敬体"), ("ja", "常体"), ("zh", "您"), ("zh", "你")])
def test_other_languages_ask_in_words_of_their_own(translate, language, register):
    pytest.importorskip(f"seodang_locale_{language}", reason="the words are the locale's")
    with mock_deepl() as (server, mock):
        translate(server.url, language=language, register=register)
    told = mock.asked[-1].custom_instructions
    assert len(told) == 2 and register in told[0]


def test_style_memory_model_and_context_reach_the_service(translate):
    with mock_deepl() as (server, mock):
        translate(
            server.url,
            before="What is a village school?",
            style_rule="style-1",
            translation_memory="memory-1",
            translation_memory_threshold=80,
            model_type="quality_optimized",
            tag_handling_version="v1",
        )
    sent = mock.asked[-1]
    assert (sent.style_id, sent.translation_memory_id, sent.translation_memory_threshold) == ("style-1", "memory-1", 80)
    assert (sent.model_type, sent.tag_handling_version) == ("quality_optimized", "v1")
    assert sent.context == "What is a village school?"


def test_korean_has_no_formality_and_the_person_is_told_what_it_has(translate):
    with mock_deepl() as (server, mock):
        with pytest.raises(seodang.SeodangError) as caught:
            translate(server.url, formality="prefer_more")
        assert not mock.asked, "nothing was sent"
        translate(server.url, language="ja", formality="prefer_more")
        assert mock.asked[-1].formality == "prefer_more"
    assert (caught.value.code, caught.value.exit_code) == ("seodang_deepl:formality-by-register", 3)
    facts = {"language": "ko", "known": ["de", "ja"]}
    assert render(caught.value.code, facts, "en") == (
        "DeepL has no formality for the target language 'ko', and would ignore it. Leave formality out and write register = … in this "
        "step, as in register = '합쇼' for Korean; formality is for: de, ja."
    )
    assert "formality를 빼고 이 단계에 register = …를 적으세요" in render(caught.value.code, facts, "ko")


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"language": "sv", "formality": "more"}, "no-formality"),
        ({"language": "sv", "custom_instructions": ("Kort.",)}, "no-instructions"),
        ({"register": "하게"}, "no-register"),
        ({"register": "합쇼", "model_type": "latency_optimized"}, "instructions-need-quality"),
        ({"register": "합쇼", "custom_instructions": ("짧게.",) * 9}, "instructions-too-long"),
        ({"variant": "EN-GB"}, "variant-of-another"),
    ],
)
def test_what_the_language_does_not_have_is_said_before_anything_is_sent(translate, asked, code):
    with mock_deepl() as (server, mock):
        with pytest.raises(seodang.SeodangError) as caught:
            translate(server.url, **asked)
        assert not mock.asked
    assert (caught.value.code, caught.value.exit_code) == (f"seodang_deepl:{code}", 3)
    assert str(caught.value) and render(caught.value.code, caught.value.facts, "ko") != str(caught.value)


@pytest.mark.parametrize(
    ("language", "variant", "sent"), [("en", "", "EN-US"), ("en", "en-GB", "EN-GB"), ("zh", "", "ZH-HANS"), ("de", "", "DE")]
)
def test_a_target_is_named_as_the_service_wants_it(translate, language, variant, sent):
    with mock_deepl() as (server, mock):
        translate(server.url, "안녕하세요.", language=language, source="ko", variant=variant)
    assert (mock.asked[-1].target_lang, mock.asked[-1].source_lang) == (sent, "KO")


def test_what_is_left_of_the_month_is_asked(context):
    with mock_deepl(quota=500_000, used=120_000) as (server, _):
        translator = DeepL(DeepL.Options(server_url=server.url))
        assert asyncio.run(translator.left(context(translator.options))) == 380_000
        asyncio.run(translator.close())
        with pytest.raises(seodang.SeodangError) as caught:
            asked = DeepL(DeepL.Options(server_url=server.url, formality="more"))
            asyncio.run(asked.left(context(asked.options)))
    assert caught.value.code == "seodang_deepl:formality-by-register"


def options(**given):
    return DeepL(DeepL.Options(**given))


def test_the_vendors_key_goes_to_the_vendor_only():
    vendor = options()
    assert (vendor.network, vendor.secrets) == (("api.deepl.com", "api-free.deepl.com"), ("env:DEEPL_API_KEY",))
    assert (vendor.identity, vendor.terms, vendor.price()) == ("deepl", ("LicenseRef-DeepL-Terms",), None)
    local = options(server_url="http://127.0.0.1:8012")
    assert (local.network, local.secrets, local.identity) == (("127.0.0.1:8012",), (), "compatible")
    assert local.price() == seodang.FREE
    other = options(server_url="https://translate.example.org", api_key="env:TRANSLATE_KEY", endpoint="ours", terms=("CC0-1.0",))
    assert (other.secrets, other.identity, other.terms, other.price()) == (("env:TRANSLATE_KEY",), "ours", ("CC0-1.0",), None)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"server_url": "https://translate.example.org", "api_key": "env:DEEPL_API_KEY"}, "foreign-key"),
        ({"api_key": "abcd:fx"}, "literal-key"),
        ({"server_url": "http://api.deepl.com"}, "not-encrypted"),
        ({"server_url": "ftp://api.deepl.com"}, "bad-url"),
        ({"server_url": "https://me:hunter2@api.deepl.com"}, "bad-url"),
        ({"server_url": "https://api.deepl.com/v2"}, "bad-url"),
    ],
)
def test_a_misplaced_key_is_refused_before_anything_runs_and_not_repeated(given, code):
    with pytest.raises(seodang.SeodangError) as caught:
        options(**given)
    assert caught.value.code == f"seodang_deepl:{code}"
    assert "abcd:fx" not in str(caught.value) and "hunter2" not in str(caught.value)


def test_offline_means_loopback(translate, monkeypatch):
    monkeypatch.setenv("SEODANG_OFFLINE", "1")
    with pytest.raises(seodang.SeodangError) as caught:
        translate("https://translate.example.org")
    assert caught.value.code == "seodang_deepl:offline"
    with mock_deepl() as (server, _):
        assert translate(server.url)


@pytest.mark.parametrize(
    ("currency", "price", "micro"), [("EUR", 20.0, 20_000_000), ("KRW", 33_000, 33_000_000_000), ("USD", 0.1, 100_000)]
)
def test_a_price_is_in_the_accounts_currency(currency, price, micro):
    stated = options(price=price, currency=currency).price()
    assert (stated.currency, stated.input_micro_per_million, stated.source) == (currency, micro, "recipe")


@pytest.mark.parametrize(
    "given",
    [
        {"translation_memory_threshold": 80},
        {"custom_instructions": ("Short.",), "model_type": "latency_optimized"},
        {"custom_instructions": ("Short.",) * 11},
    ],
)
def test_options_that_contradict_each_other_are_refused(given):
    with pytest.raises(ValueError, match=r"translation_memory|custom_instructions"):
        DeepL.Options(**given)
