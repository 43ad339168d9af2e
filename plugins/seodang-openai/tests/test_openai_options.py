"""Whose server it is decides about keys, prices, terms and names; nothing of it needs a connection."""

import subprocess
import sys

import pytest
import seodang
from seodang.wording import render
from seodang_openai import OpenAI


def teacher(**options) -> OpenAI:
    return OpenAI(OpenAI.Options(model="m", **options))


def test_the_vendors_own_host_gets_the_vendors_key_and_puts_its_terms_on_the_answers():
    vendor = teacher()
    assert (vendor.network, vendor.secrets) == (("api.openai.com",), ("env:OPENAI_API_KEY",))
    assert (vendor.identity, vendor.terms) == ("openai", ("LicenseRef-OpenAI-Terms",))
    assert vendor.price() is None
    assert teacher(base_url="https://eu.api.openai.com/v1").identity == "openai"
    assert teacher(api_key="env:SECOND_KEY").secrets == ("env:SECOND_KEY",)


@pytest.mark.parametrize(
    "url",
    [
        "https://llm.example.org/v1",
        "https://api.openai.com.example.org/v1",
        "https://notapi.openai.com/v1",
        "http://127.1:8000/v1",
    ],
)
def test_any_other_host_never_gets_the_vendors_key(url):
    other = teacher(base_url=url)
    assert (other.secrets, other.identity, other.terms, other.price()) == ((), "compatible", (), None)
    with pytest.raises(seodang.SeodangError, match="is not sent to"):
        teacher(base_url=url, api_key="env:OPENAI_API_KEY")
    assert teacher(base_url=url, api_key="env:LLM_KEY").secrets == ("env:LLM_KEY",)


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000", "127.0.0.9"])
def test_loopback_needs_neither_key_nor_price(host):
    local = teacher(base_url=f"http://{host}/v1")
    assert (local.secrets, local.price()) == ((), seodang.FREE)


def test_a_named_endpoint_is_whose_answers_these_are_and_its_terms_go_along():
    own = teacher(base_url="https://llm.example.org/v1", endpoint="own-qwen", terms=("Apache-2.0",))
    assert (own.identity, own.terms) == ("own-qwen", ("Apache-2.0",))


def test_prices_are_integers_and_never_below_the_bill():
    price = teacher(input_price=0.15, output_price=0.6).price()
    assert price == seodang.Price(input_micro_per_million=150_000, output_micro_per_million=600_000, source="recipe")
    assert price.cost(1_000, 1_000) == 750
    assert teacher(input_price=0.0000001, output_price=0).price().input_micro_per_million == 1


def test_the_worst_case_counts_bytes_and_the_longest_answer():
    request = seodang.Request(messages=(seodang.Message("user", "안녕"),))
    assert teacher().most_tokens(request) == (6 + 16, 1024)
    longer = seodang.Request(messages=request.messages, tools=({"type": "function"},), max_tokens=7)
    assert teacher().most_tokens(longer)[0] > 22 + 15 and teacher().most_tokens(longer)[1] == 7


MISTAKES = {
    "literal-key": {"api_key": "sk-very-secret"},
    "foreign-key": {"base_url": "https://llm.example.org/v1", "api_key": "env:OPENAI_API_KEY"},
    "not-encrypted": {"base_url": "http://api.openai.com/v1"},
    "bad-url": {"base_url": "https://me:sk-very-secret@llm.example.org/v1?key=sk-very-secret"},
}
ENGLISH = {
    "literal-key": "api_key holds a key, and a recipe must hold none. Put the key into an environment variable and write "
    "api_key = 'env:ITS_NAME'.",
    "foreign-key": "OPENAI_API_KEY is the vendor's key and is not sent to llm.example.org. Put the key of llm.example.org into "
    "another variable and write api_key = 'env:ITS_NAME'.",
    "not-encrypted": "The key would go to api.openai.com without encryption. Write base_url with https://.",
    "bad-url": "base_url = 'https://llm.example.org/v1' is not an address that the teacher can speak to. "
    "Write it as in 'https://api.openai.com/v1', without name, password or query.",
}
KOREAN = {
    "literal-key": "api_key에 키가 그대로 적혀 있습니다. 레시피에는 키를 적지 않습니다. 키를 환경 변수에 넣고 "
    "api_key = 'env:변수이름'이라고 적으세요.",
    "foreign-key": "OPENAI_API_KEY는 OpenAI의 키이므로 llm.example.org로 보내지 않습니다. "
    "llm.example.org의 키를 다른 변수에 넣고 api_key = 'env:변수이름'이라고 적으세요.",
    "not-encrypted": "키가 암호화되지 않은 채 api.openai.com으로 나가게 됩니다. base_url을 https://로 적으세요.",
    "bad-url": "base_url = 'https://llm.example.org/v1'은 교사가 연결할 수 있는 주소가 아닙니다. 이름·비밀번호·쿼리 없이 "
    "'https://api.openai.com/v1'처럼 적으세요.",
}


def mistaken(name: str) -> seodang.SeodangError:
    with pytest.raises(seodang.SeodangError) as caught:
        teacher(**MISTAKES[name])
    return caught.value


@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_has_its_message_and_no_message_has_the_key(name):
    error = mistaken(name)
    assert render(error.code, error.facts, "en") == ENGLISH[name]
    assert "sk-very-secret" not in f"{error!r} {error} {error.facts}"


@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_has_its_message_in_korean(name):
    pytest.importorskip("seodang_locale_ko", reason="particles are chosen by the Korean locale")
    error = mistaken(name)
    assert render(error.code, error.facts, "ko") == KOREAN[name]


@pytest.mark.parametrize("url", ["", "api.openai.com/v1", "ftp://x/v1", "https://", "http://[::1/v1", "https://x:port/v1"])
def test_what_is_no_address_is_refused(url):
    with pytest.raises(seodang.SeodangError, match="base_url"):
        teacher(base_url=url)


def test_one_price_alone_is_refused():
    with pytest.raises(ValueError, match="go together"):
        OpenAI.Options(model="m", input_price=1.0)


def test_importing_the_plugin_imports_no_sdk():
    code = (
        "import sys, seodang_openai; print([name for name in ('openai', 'aiohttp', 'httpx2', 'pydantic') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
