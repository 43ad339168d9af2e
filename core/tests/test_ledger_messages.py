"""Every message of the ledger, as a person reads it."""

from pathlib import Path

import pytest
from seodang import wording
from seodang.wording import render
from seodang.wording.catalogues import read_catalogue
from seodang.wording.languages import locale_directory

PATH = "runs/koalpaca/ledger.sqlite"
HEADINGS = {
    "answers", "attempts", "cost", "detail", "host", "in-doubt", "input-tokens", "model", "output-tokens", "reason", "record",
    "request", "requests", "reserved", "reused", "settled", "state", "step", "teacher", "time", "total", "batch", "ended", "wasted",
    "run", "month", "spent",
}  # fmt: skip

SAID = [
    ("runs", {"number": 4}, "4 runs", "실행 4개"),
    (
        "copied",
        {"number": 1200},
        "Several books hold 1,200 attempts in common, as of a run that was copied: each is counted once.",
        "시도 1,200건은 복사된 실행처럼 여러 장부에 있어 한 번만 셌습니다.",
    ),
    (
        "no-runs",
        {"path": "team"},
        "No run was found below team. A run is a directory with a lock.toml; give the directory that your runs lie in.",
        "team 아래에서 실행을 찾지 못했습니다. 실행은 lock.toml이 있는 디렉터리입니다. 실행들이 들어 있는 디렉터리를 지정하세요.",
    ),
    (
        "counted-at",
        {"step": "answer", "model": "gpt-4o-mini", "price": "USD 0.15 in, 0.6 out (seodang-openai 2026-11-21)"},
        "answer: gpt-4o-mini is counted at USD 0.15 in, 0.6 out (seodang-openai 2026-11-21), for a million",
        "answer: gpt-4o-mini 단가는 백만 단위당 USD 0.15 in, 0.6 out (seodang-openai 2026-11-21)",
    ),
    (
        "no-batches",
        {"run": "runs/koalpaca"},
        "runs/koalpaca has handed nothing in as a batch.",
        "runs/koalpaca에는 배치로 맡긴 것이 없습니다.",
    ),
    (
        "no-such-batch",
        {"identifier": "batch_9", "there": "batch_1"},
        "There is no open batch 'batch_9' here. Open are: batch_1.",
        "열려 있는 배치 가운데 'batch_9'라는 것은 없습니다. 열려 있는 배치: batch_1.",
    ),
    (
        "abandoned",
        {"identifier": "batch_1", "questions": 300},
        "The batch batch_1 is given up. Its 300 questions may have been paid for and stay counted so; the next run asks them again.",
        "배치 batch_1을 포기했습니다. 그 질문 300건은 결제되었을 수 있어 그대로 계산되며, 다음 실행에서 다시 보냅니다.",
    ),
    (
        "bad-amount",
        {"text": "$5"},
        "'$5' is no amount of money. Write a number and the three letters of its currency, as in 1.5USD or 2000KRW (at "
        "most six decimals).",
        "'$5'는 금액이 아닙니다. 1.5USD나 2000KRW처럼 숫자 뒤에 통화 세 글자를 붙이세요(소수점 아래 여섯 자리까지).",
    ),
    (
        "out-of-budget",
        {"step": "answer", "worst": "0.01 USD", "cap": "1.5 USD", "spent": "1.495 USD", "settled": "1.4 USD"},
        "Step 'answer' stopped before its next request, which could cost 0.01 USD: of the cap of 1.5 USD, 1.495 USD is "
        "spent or reserved (1.4 USD of it settled). Nothing is lost; raise --max-cost and run the same command again to "
        "continue.",
        "'answer' 단계가 다음 요청을 보내기 전에 멈췄습니다. 그 요청은 최대 0.01 USD가 들 수 있는데, 한도 1.5 "
        "USD 가운데 1.495 USD가 이미 지출되었거나 예약되어 있습니다(확정 1.4 USD). 잃은 것은 없습니다. "
        "--max-cost를 올리고 같은 명령을 다시 실행하면 이어서 진행합니다.",
    ),
    (
        "currency-without-cap",
        {"step": "answer", "currency": "KRW", "caps": ["EUR", "USD"]},
        "Step 'answer' pays in KRW, but the cap is in EUR, USD. seodang converts no currencies: add a cap, as in "
        "--max-cost 5KRW, and run the same command again.",
        "'answer' 단계는 KRW로 지불하는데 한도는 EUR, USD로 정해져 있습니다. seodang은 환전하지 않습니다. "
        "--max-cost 5KRW처럼 한도를 더하고 같은 명령을 다시 실행하세요.",
    ),
    (
        "held",
        {"path": PATH, "pid": 4711, "host": "seoul", "since": "2023-04-05T09:00:00+00:00"},
        "The ledger runs/koalpaca/ledger.sqlite is in use by process 4711 on seoul since 2023-04-05T09:00:00+00:00. "
        "Wait until it has finished, or stop it; only one process may write in a ledger.",
        "원장 runs/koalpaca/ledger.sqlite는 2023-04-05T09:00:00+00:00부터 seoul의 "
        "프로세스 4711이 쓰고 있습니다. 끝날 때까지 기다리거나 그 프로세스를 멈추세요. 한 원장에는 한 프로세스만 쓸 수 "
        "있습니다.",
    ),
    (
        "missing",
        {"path": PATH},
        "There is no ledger at runs/koalpaca/ledger.sqlite. A run has one as soon as it has asked somebody; check the path.",
        "runs/koalpaca/ledger.sqlite에 원장이 없습니다. 원장은 실행이 처음으로 누군가에게 물을 때 생깁니다. 경로를 확인하세요.",
    ),
    (
        "no-run",
        {"path": "runs/x"},
        "runs/x is neither a ledger nor a run directory with a lock.toml. Give the directory that `seodang run` made "
        "(--run-dir).",
        "runs/x는 원장도 아니고 lock.toml이 있는 실행 디렉터리도 아닙니다. `seodang run`이 만든 "
        "디렉터리(--run-dir)를 지정하세요.",
    ),
    (
        "not-a-ledger",
        {"path": PATH},
        "runs/koalpaca/ledger.sqlite is not a seodang ledger, and was not touched. Give another path for the ledger, or "
        "move this file away.",
        "runs/koalpaca/ledger.sqlite는 seodang 원장이 아니어서 건드리지 않았습니다. 원장의 경로를 바꾸거나 이 파일을 옮기세요.",
    ),
    (
        "newer",
        {"path": PATH, "version": 2, "known": 1},
        "The ledger runs/koalpaca/ledger.sqlite was written by a newer seodang (format 2; this one knows 1). Upgrade "
        "with: pip install -U seodang",
        "원장 runs/koalpaca/ledger.sqlite는 더 새로운 seodang이 만들었습니다(형식 2, 이 버전은 "
        "1까지). 다음으로 업그레이드하세요: pip install -U seodang",
    ),
    (
        "damaged",
        {"path": PATH},
        "The ledger runs/koalpaca/ledger.sqlite is damaged, and nothing more is written into it. Copy it together with "
        "its -wal file, then try: sqlite3 runs/koalpaca/ledger.sqlite .recover",
        "원장 runs/koalpaca/ledger.sqlite가 손상되어 더는 쓰지 않습니다. -wal 파일과 함께 복사해 둔 뒤 "
        "다음을 시도하세요: sqlite3 runs/koalpaca/ledger.sqlite .recover",
    ),
    (
        "busy",
        {"path": PATH},
        "Another program is writing in the ledger runs/koalpaca/ledger.sqlite, so nothing was written. Close it (a "
        "database viewer, perhaps) and run the same command again.",
        "다른 프로그램이 원장 runs/koalpaca/ledger.sqlite에 쓰고 있어 아무것도 쓰지 않았습니다. 그 "
        "프로그램(데이터베이스 뷰어 등)을 닫고 같은 명령을 다시 실행하세요.",
    ),
    (
        "broken",
        {"path": PATH, "name": "SQLITE_MISUSE", "detail": "bad parameter"},
        "The ledger runs/koalpaca/ledger.sqlite could not go on: SQLITE_MISUSE: bad parameter. What was acknowledged is "
        "on disk. Run the same command again to continue; if it stops again, run: seodang doctor",
        "원장 runs/koalpaca/ledger.sqlite를 더 쓸 수 없습니다: SQLITE_MISUSE: bad "
        "parameter. 저장되었다고 알린 것은 모두 디스크에 있습니다. 같은 명령을 다시 실행하면 이어서 진행합니다. 또 멈추면 "
        "다음을 실행하세요: seodang doctor",
    ),
    (
        "old-sqlite",
        {"version": "3.26.0", "oldest": "3.37.0"},
        "This Python comes with SQLite 3.26.0, and the ledger needs 3.37.0 or newer. Use a newer Python.",
        "이 Python에는 SQLite 3.26.0이 들어 있는데 원장에는 3.37.0 이상이 필요합니다. 더 새로운 Python을 쓰세요.",
    ),
    (
        "read-meanwhile",
        {"path": PATH},
        "The texts are erased from the ledger runs/koalpaca/ledger.sqlite, but somebody is reading it, so they may "
        "still stand in its -wal file. Close that reader and run the same command again.",
        "원장 runs/koalpaca/ledger.sqlite에서 내용을 지웠지만 누군가 읽고 있어 -wal 파일에 아직 남아 있을 "
        "수 있습니다. 읽고 있는 프로그램을 닫고 같은 명령을 다시 실행하세요.",
    ),
    (
        "ended-as",
        {"step": "answer", "reasons": "length 12"},
        "answer: answers that ended with length 12",
        "answer: 답이 끝난 이유 length 12",
    ),
    (
        "failed-as",
        {"step": "answer", "reasons": "http-400 3"},
        "answer: final failures: http-400 3",
        "answer: 최종 실패 http-400 3",
    ),
    (
        "doubt",
        {"number": 2, "money": "0.02 USD", "run": "runs/koalpaca"},
        "2 attempts in doubt, counted at worst case (0.02 USD). To compare with the vendor's bill: seodang ledger "
        "runs/koalpaca --in-doubt",
        "불확실한 시도가 2건 있어 최대치(0.02 USD)로 계산했습니다. 공급자의 청구서와 비교할 목록: seodang ledger "
        "runs/koalpaca --in-doubt",
    ),
    (
        "nothing-bought",
        {"run": "runs/koalpaca"},
        "runs/koalpaca has not asked anybody anything yet.",
        "runs/koalpaca는 아직 누구에게도 묻지 않았습니다.",
    ),
    (
        "imported",
        {"imported": 1, "known": 2000, "bad": 3},
        "1 answer imported, 2,000 known already, 3 lines refused.",
        "답 1개를 가져왔습니다. 이미 있던 답 2,000개, 받아들이지 못한 줄 3개.",
    ),
    (
        "bad-import",
        {"where": "bought.jsonl:3", "code": "not-an-answer", "detail": "no request"},
        "bought.jsonl:3: not-an-answer: no request",
        "bought.jsonl:3: not-an-answer: no request",
    ),
    (
        "marked",
        {"number": 1, "run": "runs/koalpaca"},
        "1 question of runs/koalpaca will be asked again: run its recipe once more. What they cost stays counted.",
        "runs/koalpaca의 질문 1개를 다시 묻습니다. 레시피를 한 번 더 실행하세요. 이미 쓴 비용은 그대로 셉니다.",
    ),
    (
        "nothing-to-retry",
        {"run": "runs/koalpaca", "reasons": "lenght", "there": "length (12)"},
        "Nothing in runs/koalpaca ended with 'lenght'. What there is: length (12).",
        "runs/koalpaca에는 'lenght'로 끝난 것이 없습니다. 있는 것: length (12).",
    ),
    (
        "bad-change",
        {"setting": "max-tokens=2048", "known": ["max_tokens", "stop"], "hint": ""},
        "'max-tokens=2048' is nothing that a question can be asked again with. What can be set: max_tokens, stop, as in --set "
        "max_tokens=2048.",
        "'max-tokens=2048'은 다시 물을 때 바꿀 수 있는 것이 아닙니다. --set max_tokens=2048처럼 쓰며, 바꿀 수 있는 것: max_tokens, stop.",
    ),
    (
        "bad-change-value",
        {"settings": ["max_tokens=0"], "problem": "Expected `int` >= 1 - at `$.max_tokens`"},
        "--set max_tokens=0: Expected `int` >= 1 - at `$.max_tokens`. Nothing was changed.",
        "--set max_tokens=0: Expected `int` >= 1 - at `$.max_tokens`. 아무것도 바꾸지 않았습니다.",
    ),
    (
        "change-of-translation",
        {},
        "Among these questions are texts to translate, which have no max_tokens or temperature. Leave --set out, or name the step with "
        "--step. Nothing was changed.",
        "이 질문 가운데에는 번역할 글이 있는데, 번역에는 max_tokens나 temperature가 없습니다. --set을 빼거나 --step으로 단계를 지정하세요. "
        "아무것도 바꾸지 않았습니다.",
    ),
]


@pytest.mark.parametrize(("name", "facts", "english", "korean"), SAID, ids=[said[0] for said in SAID])
def test_what_is_said(name, facts, english, korean):
    assert render(f"ledger.{name}", facts, "en") == english
    assert render(f"ledger.{name}", facts, "ko") == korean


def test_no_message_is_left_out():
    names = {said[0] for said in SAID} | HEADINGS
    assert names == set(read_catalogue(Path(wording.__file__).parent / "en" / "ledger.toml"))
    assert names == set(read_catalogue(locale_directory("ko") / "messages" / "ledger.toml"))
