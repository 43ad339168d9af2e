"""What goes wrong at Naver's side, in the words of a person and with its exit code; and keys that go nowhere else."""

import pytest
import seodang
from seodang.testing import Reaction, wire_server
from seodang.testing.wire_faults import Faults
from seodang_naver_kin import NaverKin
from seodang_naver_kin.mock import mock_naver


def always(kind: str) -> Faults:
    return Faults(rates={kind: 1.0})


AGAIN = "Check them, and that the application there may use the search API; then run the same command again."
AGAIN_KO = "키가 맞는지, 애플리케이션에 검색 API 권한이 있는지 확인한 뒤 같은 명령을 다시 실행하세요."
MIDNIGHT = "The daily quota is renewed at midnight, Korean time; run the same command then, and the search begins again from its first query."
MIDNIGHT_KO = "하루 한도는 한국 시각 자정에 새로 시작됩니다. 그때 같은 명령을 다시 실행하면 첫 검색어부터 다시 찾습니다."
CORRECT = "Correct display, most_per_query or sort and run the same command again."
CORRECT_KO = "display, most_per_query, sort를 고치고 같은 명령을 다시 실행하세요."
FAILURES = {
    "401": (
        seodang.Unauthorized,
        5,
        "{host} did not accept the keys in NAVER_CLIENT_ID, NAVER_CLIENT_SECRET: NID AUTH Result Invalid (1000) : "
        f"Authentication failed. (인증에 실패했습니다.) *** ***. {AGAIN}",
        "{host}에서 NAVER_CLIENT_ID, NAVER_CLIENT_SECRET의 키를 받아들이지 않았습니다: NID AUTH Result Invalid (1000) : "
        f"Authentication failed. (인증에 실패했습니다.) *** ***. {AGAIN_KO}",
    ),
    "403": (
        seodang.Unauthorized,
        5,
        f"{{host}} did not accept the keys in NAVER_CLIENT_ID, NAVER_CLIENT_SECRET: HTTPS 로만 호출할 수 있습니다. {AGAIN}",
        f"{{host}}에서 NAVER_CLIENT_ID, NAVER_CLIENT_SECRET의 키를 받아들이지 않았습니다: HTTPS 로만 호출할 수 있습니다. {AGAIN_KO}",
    ),
    "quota": (
        seodang.Exhausted,
        6,
        f"{{host}} answers no more calls with these keys for now: Query limit exceeded. (쿼리한도를 초과했습니다.). {MIDNIGHT}",
        f"{{host}}에서 이 키로는 당분간 더 답하지 않습니다: Query limit exceeded. (쿼리한도를 초과했습니다.). {MIDNIGHT_KO}",
    ),
    "SE02": (
        seodang.RemoteError,
        3,
        f"{{host}} refuses the request (400 SE02): Invalid display value (부적절한 display 값입니다.). {CORRECT}",
        f"{{host}}에서 요청을 거부했습니다(400 SE02): Invalid display value (부적절한 display 값입니다.). {CORRECT_KO}",
    ),
    "SE03": (
        seodang.RemoteError,
        3,
        f"{{host}} refuses the request (400 SE03): Invalid start value (부적절한 start 값입니다.). {CORRECT}",
        f"{{host}}에서 요청을 거부했습니다(400 SE03): Invalid start value (부적절한 start 값입니다.). {CORRECT_KO}",
    ),
    "SE04": (
        seodang.RemoteError,
        3,
        f"{{host}} refuses the request (400 SE04): Invalid sort value (부적절한 sort 값입니다.). {CORRECT}",
        f"{{host}}에서 요청을 거부했습니다(400 SE04): Invalid sort value (부적절한 sort 값입니다.). {CORRECT_KO}",
    ),
    "SE05": (
        seodang.RemoteError,
        3,
        "{host} knows no search of KiN for mode = 'legacy': Invalid search api (존재하지 않는 검색 api 입니다.). Use the mode "
        "that your keys are for, and correct base_url.",
        "{host}에는 mode = 'legacy'의 지식iN 검색이 없습니다: Invalid search api (존재하지 않는 검색 api 입니다.). 키에 맞는 "
        "mode를 쓰고 base_url을 바로잡으세요.",
    ),
    "redirect": (
        seodang.RemoteError,
        3,
        "{host} answers with a redirect (307), and the keys are not carried to another address. Correct base_url.",
        "{host}에서 다른 주소로 넘깁니다(307). 키를 다른 주소로 옮겨 보내지 않으므로 base_url을 바로잡으세요.",
    ),
    "huge": (
        seodang.RemoteError,
        3,
        "{host} sent more than 4,194,304 bytes for one page of results, which no search does. Nothing of it was read.",
        "{host}에서 검색 결과 한 쪽에 4,194,304바이트가 넘게 보냈습니다. 검색 결과는 그렇게 클 수 없으므로 읽지 않았습니다.",
    ),
}


@pytest.mark.parametrize("fault", FAILURES)
def test_a_final_failure_stops_at_the_first_answer_with_its_message_and_exit_code(search, fault, said, search_keys):
    kind, exit_code, english, korean = FAILURES[fault]
    with mock_naver(faults=always(fault)) as server:
        host = server.url.removeprefix("http://")
        with pytest.raises(kind) as caught:
            search(server.url)
        assert server.counts().requests == 1
    assert caught.value.exit_code == exit_code
    assert said(caught.value) == (english.format(host=host), korean.format(host=host))
    assert not any(key in f"{caught.value!r} {caught.value} {caught.value.facts}" for key in search_keys.values())


@pytest.mark.parametrize("mode_fault", ["401", "quota", "429-none"])
def test_the_hub_says_the_same_in_its_own_form(search, mode_fault, search_keys):
    kind = seodang.Unauthorized if mode_fault == "401" else seodang.Exhausted
    with mock_naver(faults=always(mode_fault)) as server, pytest.raises(kind) as caught:
        search(server.url, mode="hub")
    assert not any(key in f"{caught.value!r} {caught.value}" for key in search_keys.values())


@pytest.mark.parametrize(
    "fault", ["500", "503", "SE99", "reset-before", "reset-after", "wrong-length", "cut-json", "html", "hang", "drip"]
)
def test_a_bad_day_is_sat_out_and_costs_nothing(search, fault):
    with mock_naver(total=3, faults=Faults(scripts={"김치": [fault, fault, "ok"]})) as server:
        records, context = search(server.url, timeout_seconds=0.2 if fault in ("hang", "drip") else 30)
        assert server.counts().requests == 3
    assert len(records) == 3


def test_a_day_that_stays_bad_ends_the_step_after_eight_tries(search):
    with mock_naver(faults=always("503")) as server:
        with pytest.raises(seodang.Transient) as caught:
            search(server.url)
        assert server.counts().requests == 8
    assert caught.value.exit_code == 6 and "Service Unavailable" in str(caught.value)


@pytest.mark.parametrize(("fault", "least"), [("429", 30.0), ("429-date", 27.0), ("429-none", 0.0)])
def test_who_is_asked_for_patience_waits_at_least_that_long(search, fault, least):
    with mock_naver(total=3, retry_after=30, faults=Faults(scripts={"김치": [fault, "ok"]})) as server:
        records, context = search(server.url)
    assert len(records) == 3 and least <= context.clock.slept < 64


def test_who_is_asked_to_come_back_tomorrow_stops(search):
    with mock_naver(retry_after=3600, faults=always("429")) as server:
        with pytest.raises(seodang.Exhausted):
            search(server.url)
        assert server.counts().requests == 1


def test_a_quota_in_the_middle_of_a_search_stops_it(search):
    with mock_naver(quota=2) as server:
        with pytest.raises(seodang.Exhausted) as caught:
            search(server.url, most_per_query=1000)
        assert (server.counts().payments, server.counts().requests) == (2, 3)
    assert caught.value.exit_code == 6


@pytest.mark.parametrize("fault", ["SE01", "SE06"])
def test_a_query_that_is_refused_is_set_aside_and_the_next_is_asked(search, fault):
    with mock_naver(total=2, faults=Faults(scripts={"이상한": [fault, "…"]})) as server:
        records, context = search(server.url, "이상한 것", "김치")
    assert [each.tags["query"] for each in records] == ["김치", "김치"]
    (bad,) = context.quarantined
    assert (bad.where, bad.code) == ("queries[0]", "refused-query") and bad.detail.startswith(f"{fault}: ")


def test_a_redirect_leads_no_key_anywhere(search):
    met = []

    def elsewhere(received):
        met.append(received)
        return Reaction()

    with wire_server(elsewhere, key_of=lambda received: "") as other:
        there = f"{other.url}/v1/search/kin.json"
        with mock_naver(faults=always("redirect"), elsewhere=there) as server, pytest.raises(seodang.RemoteError):
            search(server.url)
        assert server.counts().requests == 1
    assert not met


MISTAKES = {
    "https://example.org": (
        "The search keys are Naver's and are not sent to example.org. Leave base_url out (openapi.naver.com), or name a mock on "
        "this machine.",
        "검색 키는 네이버의 것이므로 example.org로 보내지 않습니다. base_url을 빼거나(openapi.naver.com) 이 컴퓨터의 모의 서버를 "
        "적으세요.",
    ),
    "http://openapi.naver.com": (
        "The keys would go to openapi.naver.com without encryption. Write base_url with https://.",
        "키가 암호화되지 않은 채 openapi.naver.com으로 나가게 됩니다. base_url을 https://로 적으세요.",
    ),
    "https://me:geheim@openapi.naver.com?key=geheim": (
        "base_url = 'https://openapi.naver.com' is not an address that the search can speak to. Write it as in "
        "'http://127.0.0.1:8010', without path, name, password or query.",
        "base_url = 'https://openapi.naver.com'은 검색에 쓸 수 있는 주소가 아닙니다. 경로·이름·비밀번호·쿼리 없이 "
        "'http://127.0.0.1:8010'처럼 적으세요.",
    ),
}


@pytest.mark.parametrize("url", MISTAKES)
def test_keys_go_to_naver_or_to_this_machine(url, said):
    pytest.importorskip("seodang_locale_ko", reason="particles are chosen by the Korean locale")
    with pytest.raises(seodang.SeodangError) as caught:
        NaverKin(NaverKin.Options(source="search", queries=("김치",), base_url=url))
    assert said(caught.value) == MISTAKES[url]
    assert "geheim" not in f"{caught.value!r}{caught.value.facts}"


@pytest.mark.parametrize(
    "url",
    [
        "https://openapi.naver.com.example.org",
        "https://notopenapi.naver.com",
        "https://anybody.apigw.ntruss.com",
        "http://127.1:8012",
        "http://2130706433",
        "http://169.254.169.254",
        "https://naverapihub.apigw.ntruss.com",
    ],
)
def test_look_alikes_are_foreign(url):
    with pytest.raises(seodang.SeodangError, match="are not sent to"):
        NaverKin(NaverKin.Options(source="search", queries=("김치",), base_url=url))


def test_offline_means_offline(search, monkeypatch, said):
    monkeypatch.setenv("SEODANG_OFFLINE", "1")
    with mock_naver(total=1) as server:
        assert len(search(server.url)[0]) == 1, "loopback is allowed"
    with pytest.raises(seodang.RemoteError) as caught:
        search("https://openapi.naver.com")
    assert said(caught.value) == (
        "SEODANG_OFFLINE=1 forbids a connection to openapi.naver.com. Unset it, or use 'seodang mock naver' on this machine.",
        "SEODANG_OFFLINE=1이어서 openapi.naver.com에 연결할 수 없습니다. 변수를 지우거나 이 컴퓨터에서 'seodang mock naver'를 쓰세요.",
    )


@pytest.mark.parametrize("value", ["two words", "가회동", "broken\nline"])
def test_what_cannot_be_a_key_is_not_sent_and_not_shown(search, monkeypatch, value, said):
    monkeypatch.setenv("NAVER_CLIENT_SECRET", value)
    with mock_naver() as server, pytest.raises(seodang.Unauthorized) as caught:
        search(server.url)
    assert server.counts().requests == 0 and value not in repr(caught.value)
    assert said(caught.value) == (
        "NAVER_CLIENT_SECRET holds something that cannot be a key of Naver's: a blank, a line break or a letter beyond ASCII. "
        "Copy the key again.",
        "NAVER_CLIENT_SECRET에 네이버 키일 수 없는 값이 들어 있습니다(빈칸, 줄바꿈 또는 ASCII가 아닌 글자). 키를 다시 복사해 넣으세요.",
    )
