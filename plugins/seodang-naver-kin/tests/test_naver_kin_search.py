"""The source "search" against the mock: pages, pace, and what becomes of titles."""

import html
import subprocess
import sys

import pytest
import seodang
from seodang.testing import Reaction, SeedsContract, make_context, wire_server
from seodang.testing.wire_faults import Faults
from seodang_naver_kin import NaverKin
from seodang_naver_kin.mock import FAULTS, MockNaver, item_of, mock_naver


class TestSearch(SeedsContract):
    seeds = NaverKin

    @pytest.fixture
    def raw_options(self, search_keys):
        with mock_naver(total=7) as server:
            yield {"source": "search", "queries": ["김치", "장독"], "base_url": server.url, "requests_per_second": 50}

    @pytest.fixture
    def new_context(self, place, make, small_korean):
        return lambda **changes: make_context(
            place, **{"language": "ko", "options": make().options, "locale": small_korean, **changes}
        )


def always(kind: str) -> Faults:
    return Faults(rates={kind: 1.0})


def test_titles_become_questions_without_marks_and_entities(search):
    with mock_naver(total=4) as server:
        records, context = search(server.url, "김치")
    assert [each.question for each in records] == [
        '김치 할 때 "이것"만은 조심하라는데 왜 그런가요',
        "김치 A & B 가운데 어느 쪽이 나을까요",
        "초보도 김치, 일주일이면 되나요? 3 < 5 같은 부등식도 헷갈려요",
        "김치 관련 책이나 강의를 추천해 주세요",
    ]
    tags = records[0].tags
    assert (tags["query"], tags["position"], tags["retrieved"]) == ("김치", 1, "2023-04-05")
    assert (
        tags["url"] == f"https://kin.naver.com/qna/detail.naver?d1id={tags['d1id']}&dirId={tags['dirId']}&docId={tags['docId']}"
    )
    assert not records[0].answered and "adopted" not in tags and list(records[0].columns) == ["url"]
    assert context.progressed


def test_a_tag_that_somebody_asks_about_is_not_taken_for_a_mark(search):
    items = [{"title": "<b>글꼴</b> &lt;b&gt;는 무엇인가요 &amp;amp;", "link": "", "description": ""}]
    with wire_server(lambda received: Reaction(body=page_of(items)), key_of=lambda received: "") as server:
        records, _ = search(server.url)
    assert records[0].question == "글꼴 <b>는 무엇인가요 &amp;"


def page_of(items) -> bytes:
    import msgspec

    return msgspec.json.encode({"lastBuildDate": "today", "total": len(items), "start": 1, "display": 10, "items": items})


def test_descriptions_come_along_only_when_asked_for_and_are_masked(search):
    with mock_naver(total=4) as server:
        records, _ = search(server.url, "김치", descriptions=True)
    assert records[1].columns["description"].startswith("자세한 것은 <이메일_1> 로 물어보시면")
    assert records[1].tags["masked"] == {"email": 1}


@pytest.mark.parametrize(
    ("total", "most", "display", "count", "calls"),
    [
        (230, 100, 100, 100, 1),
        (230, 230, 100, 230, 3),
        (230, 1000, 100, 230, 3),
        (200, 1000, 100, 200, 2),
        (5000, 1000, 100, 1000, 10),
        (5000, 1099, 100, 1099, 11),
        (5000, 1050, 100, 1050, 11),
        (5000, 25, 10, 25, 3),
        (0, 100, 100, 0, 1),
    ],
)
def test_pages_are_asked_for_up_to_the_last_start_that_the_api_has(search, total, most, display, count, calls):
    with mock_naver(total=total) as server:
        records, context = search(server.url, "김치", most_per_query=most, display=display)
        assert server.counts().payments == calls
    assert [each.tags["position"] for each in records] == list(range(1, count + 1))
    assert not context.quarantined


def test_the_hub_is_spoken_to_with_its_own_headers_and_path(search, search_keys):
    with mock_naver(total=3, key=tuple(search_keys.values())[2:]) as server:
        records, _ = search(server.url, mode="hub")
    assert len(records) == 3
    kin = NaverKin(NaverKin.Options(source="search", mode="hub", queries=("김치",)))
    assert kin.network == ("naverapihub.apigw.ntruss.com",)
    assert kin.secrets == ("env:NCP_APIGW_API_KEY_ID", "env:NCP_APIGW_API_KEY")


def test_a_question_that_two_queries_find_is_taken_once(search):
    handler = MockNaver(total=3)

    def same(received):  # both queries find what the first one does
        import msgspec

        path = received.path.replace("query=%EC%9E%A5%EB%8F%85", "query=%EA%B9%80%EC%B9%98")
        return handler(msgspec.structs.replace(received, path=path))

    with wire_server(same) as server:
        records, context = search(server.url, "김치", "장독")
    assert len(records) == 3 and [each.code for each in context.dropped] == ["repeated"] * 3 and not context.quarantined


def test_queries_are_read_from_a_file_each_once(search, tmp_path):
    (tmp_path / "queries.txt").write_text("\ufeff김치\r\n\r\n 장독  뚜껑 \n김치\n", encoding="utf-8")
    with mock_naver(total=1) as server:
        records, _ = search(server.url, "된장", queries_path="queries.txt")
    assert [each.tags["query"] for each in records] == ["된장", "김치", "장독 뚜껑"]


def test_more_calls_than_a_day_has_are_refused_before_the_first(search, said):
    with mock_naver() as server, pytest.raises(seodang.DataError) as caught:
        search(server.url, *map(str, range(2501)), most_per_query=1000)
    assert server.counts().requests == 0 and caught.value.exit_code == 4
    assert said(caught.value) == (
        "2,501 queries may need 25,010 calls, and Naver answers 25,000 a day. A search that is interrupted begins again, so it "
        "has to fit into one day: lower most_per_query, or divide the queries among several recipes.",
        "검색어 2,501개에 호출이 25,010번까지 필요한데, 네이버는 하루에 25,000번까지 답합니다. 중단된 검색은 처음부터 다시 "
        "시작하므로 하루 안에 끝나야 합니다. most_per_query를 낮추거나 검색어를 여러 레시피로 나누세요.",
    )


def test_blank_queries_are_no_search_that_found_nothing(search, said):
    with mock_naver() as server, pytest.raises(seodang.DataError) as caught:
        search(server.url, "", " \t ")
    assert server.counts().requests == 0
    assert said(caught.value) == (
        "There is nothing to search for: every line of queries and queries_path is blank. Write what to look for.",
        "검색어가 없습니다. queries와 queries_path에 빈 줄밖에 없으니 찾을 말을 적으세요.",
    )


def test_progress_counts_the_results_of_all_queries(search):
    with mock_naver(total=150) as server:
        _, context = search(server.url, "김치", "장독", most_per_query=150)
    assert [done for done, _ in context.progressed] == [100, 150, 250, 300]


def test_queries_in_another_encoding_are_explained(search, tmp_path, said):
    (tmp_path / "queries.txt").write_bytes("김치".encode("cp949"))
    with pytest.raises(seodang.DataError) as caught:
        search("http://127.0.0.1:9", queries_path="queries.txt")
    english, korean = said(caught.value)
    assert english.endswith("queries.txt is not UTF-8. Save the queries as UTF-8, one a line.")
    assert korean.endswith("queries.txt 파일이 UTF-8이 아닙니다. 검색어를 한 줄에 하나씩 UTF-8로 저장하세요.")


def test_the_pace_is_kept(search):
    with mock_naver(total=5000) as server:
        _, context = search(server.url, most_per_query=1000, requests_per_second=4)
    assert 2.2 <= context.clock.slept <= 2.6, "ten calls are nine intervals of a quarter of a second"


def test_who_waits_hears_that_the_run_is_to_stop(search):
    with mock_naver(retry_after=100, faults=always("429")) as server:
        looks = iter([False, False, False])
        with pytest.raises(seodang.Interrupted):
            search(server.url, stopping=lambda: next(looks, True))
        assert server.counts().requests == 1


def test_the_mock_refuses_what_the_api_refuses():
    def status(path: str, **headers: str) -> tuple[int, bytes]:
        from seodang.testing import Received

        reaction = MockNaver()(Received(method="GET", path=path, headers=headers, body=b"", key="k"))
        return reaction.status, reaction.body

    legacy = {"x-naver-client-id": "a", "x-naver-client-secret": "b"}
    base = "/v1/search/kin.json?query=x"
    assert status(base)[0] == 401 and b'"errorCode":"024"' in status(base)[1]
    for path, code in {
        "/v1/search/kin.json": "SE01",
        f"{base}&display=101": "SE02",
        f"{base}&start=1001": "SE03",
        f"{base}&sort=asc": "SE04",
        "/v1/search/kon.json?query=x": "SE05",
        "/v1/search/kin.json?query=%B1%E8": "SE06",
    }.items():
        assert f'"errorCode":"{code}"'.encode() in status(path, **legacy)[1], path
    assert status(base, **legacy)[0] == 200 and status("/search/v1/kin?query=x", **legacy)[0] == 401
    assert {"SE01", "SE02", "SE03", "SE04", "SE05", "SE06", "401", "quota", "429"} <= FAULTS.keys()
    assert "<b>" in item_of("x", 1)["title"] and html.unescape(item_of("x", 1)["title"]) != item_of("x", 1)["title"]


def test_importing_the_plugin_imports_neither_parser_nor_client():
    code = (
        "import sys, seodang_naver_kin; "
        "print([n for n in ('selectolax', 'bs4', 'markdownify', 'urllib.request', 'ssl', 'http.client') if n in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
