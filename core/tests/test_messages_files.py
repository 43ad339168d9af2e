"""What the room `files` says, word for word, in English and in Korean."""

import pytest
from seodang.files.flaws import CODES, reason
from seodang.wording import render

MESSAGES = [
    (
        "files.no-space",
        {"path": "runs/a/ledger", "error": "No space left on device"},
        (
            "No space left to write runs/a/ledger (No space left on device). Free some space or raise the limit, then "
            "run the same command again: nothing that is finished is lost."
        ),
        (
            "runs/a/ledger를 쓸 공간이 없습니다(No space left on device). 공간을 비우거나 한도를 늘린 뒤 같은 명령을 "
            "다시 실행하세요. 끝난 것은 하나도 잃지 않았습니다."
        ),
    ),
    (
        "files.read-only",
        {"path": "runs/a", "error": "Permission denied"},
        "runs/a may not be read or written (Permission denied). Check its owner and permissions, or choose another place.",
        "runs/a를 읽거나 쓸 권한이 없습니다(Permission denied). 소유자와 권한을 확인하거나 다른 위치를 지정하세요.",
    ),
    (
        "files.io",
        {"path": "runs/a", "error": "Input/output error"},
        (
            "The disk failed at runs/a (Input/output error). What was not finished there is not used. Check the disk, "
            "then run the same command again."
        ),
        (
            "runs/a에서 디스크 오류가 났습니다(Input/output error). 거기서 끝나지 않은 것은 쓰지 않습니다. 디스크를 "
            "확인한 뒤 같은 명령을 다시 실행하세요."
        ),
    ),
    (
        "files.unusable-place",
        {"path": "runs/학교", "error": "Not a directory"},
        (
            "runs/학교 cannot be used (Not a directory). Something else stands there, or the name is not possible: move "
            "it away or choose another name."
        ),
        (
            "runs/학교는 쓸 수 없습니다(Not a directory). 다른 것이 그 자리에 있거나 쓸 수 없는 이름입니다. 옮기거나 "
            "다른 이름을 지정하세요."
        ),
    ),
    (
        "files.not-a-file",
        {"path": "/dev/null"},
        "/dev/null is not an ordinary file. Give the path of a file.",
        "/dev/null은 일반 파일이 아닙니다. 파일의 경로를 지정하세요.",
    ),
    (
        "files.missing",
        {"path": "seeds.jsonl"},
        "seeds.jsonl does not exist. Check the path; in a recipe it is relative to the recipe.",
        "seeds.jsonl이 없습니다. 경로를 확인하세요. 레시피 안의 경로는 레시피 파일을 기준으로 합니다.",
    ),
    (
        "files.not-text",
        {"path": "rows.jsonl", "kind": "gzip"},
        "rows.jsonl is a gzip file, and rows are read from text. Unpack or convert it to JSON Lines (.jsonl) first.",
        "rows.jsonl은 gzip 파일인데, 행은 텍스트에서만 읽습니다. 먼저 압축을 풀거나 JSON Lines(.jsonl)로 바꾸세요.",
    ),
    (
        "files.wrong-encoding",
        {"path": "rows.jsonl", "found": "UTF-16"},
        (
            "rows.jsonl is written in UTF-16, not in UTF-8. Convert it (iconv -f UTF-16 -t UTF-8), or set encoding = "
            '"UTF-16" where the step has that option.'
        ),
        (
            "rows.jsonl은 UTF-8이 아니라 UTF-16으로 쓰여 있습니다. 변환하거나(iconv -f UTF-16 -t UTF-8), 단계에 encoding "
            "옵션이 있으면 UTF-16으로 지정하세요."
        ),
    ),
    (
        "files.unknown-encoding",
        {"path": "rows.jsonl", "encoding": "cp94"},
        'rows.jsonl: Python knows no text encoding \'cp94\'. Korean files are mostly "utf-8" or "cp949".',
        'rows.jsonl: \'cp94\'는 파이썬이 아는 텍스트 인코딩이 아닙니다. 한국어 파일은 대개 "utf-8"이나 "cp949"입니다.',
    ),
    (
        "files.one-object",
        {"path": "rows.json"},
        (
            "rows.json is one long JSON object over several lines, not a list of rows. Take the list out of it, or write one "
            "object a line."
        ),
        (
            "rows.json은 여러 줄에 걸친 긴 JSON 객체 하나이고 행의 목록이 아닙니다. 그 안의 목록을 꺼내거나 한 줄에 객체 "
            "하나씩 쓰세요."
        ),
    ),
    (
        "files.locked",
        {"path": "runs/a", "pid": 41, "host": "seoul", "since": "2026-11-21T04:41:25+00:00"},
        (
            "runs/a is in use by another process (pid 41 on seoul, since 2026-11-21T04:41:25+00:00). Wait for it or stop "
            "it; there is nothing to remove."
        ),
        (
            "runs/a를 다른 프로세스가 쓰고 있습니다(seoul의 pid 41, 2026-11-21T04:41:25+00:00부터). 끝나기를 기다리거나 "
            "그 프로세스를 멈추세요. 지울 파일은 없습니다."
        ),
    ),
    (
        "files.no-manifest",
        {"path": "runs/a/01-seeds-kin"},
        "runs/a/01-seeds-kin has no manifest, so it is no finished step. Run the same command again to make it.",
        "runs/a/01-seeds-kin에 매니페스트가 없어 끝난 단계가 아닙니다. 같은 명령을 다시 실행하면 만듭니다.",
    ),
    (
        "files.newer-manifest",
        {"path": "a/manifest.json"},
        "a/manifest.json was written by a newer seodang. Upgrade with: pip install -U seodang",
        "a/manifest.json은 더 새로운 seodang이 썼습니다. 다음으로 업그레이드하세요: pip install -U seodang",
    ),
    (
        "files.damaged-manifest",
        {"path": "runs/a/01-seeds-kin/manifest.json", "folder": "runs/a/01-seeds-kin", "detail": "Input data was truncated"},
        (
            "runs/a/01-seeds-kin/manifest.json is damaged: Input data was truncated. Remove the folder "
            "runs/a/01-seeds-kin and run the same command again: the step is made anew, and no stored answer is bought "
            "twice."
        ),
        (
            "runs/a/01-seeds-kin/manifest.json이 손상되었습니다: Input data was truncated. 폴더 runs/a/01-seeds-kin을 "
            "지우고 같은 명령을 다시 실행하세요. 단계만 새로 만들고, 저장된 답은 다시 사지 않습니다."
        ),
    ),
    (
        "files.damaged",
        {
            "path": "runs/a/01-seeds-kin/part-00000.jsonl",
            "line": 6,
            "folder": "runs/a/01-seeds-kin",
            "detail": "Object missing required field `messages`",
        },
        (
            "runs/a/01-seeds-kin/part-00000.jsonl, line 6 is damaged: Object missing required field `messages`. Remove "
            "the folder runs/a/01-seeds-kin and run the same command again: the step is made anew, and no stored answer "
            "is bought twice."
        ),
        (
            "runs/a/01-seeds-kin/part-00000.jsonl 6번째 줄이 손상되었습니다: Object missing required field `messages`. "
            "폴더 runs/a/01-seeds-kin을 지우고 같은 명령을 다시 실행하세요. 단계만 새로 만들고, 저장된 답은 다시 사지 "
            "않습니다."
        ),
    ),
    (
        "files.torn",
        {"path": "runs/a/01-seeds-kin/part-00000.jsonl", "line": 20, "folder": "runs/a/01-seeds-kin"},
        (
            "runs/a/01-seeds-kin/part-00000.jsonl breaks off in line 20. Remove the folder runs/a/01-seeds-kin and run "
            "the same command again: the step is made anew, and no stored answer is bought twice."
        ),
        (
            "runs/a/01-seeds-kin/part-00000.jsonl이 20번째 줄에서 끊겼습니다. 폴더 runs/a/01-seeds-kin을 지우고 같은 "
            "명령을 다시 실행하세요. 단계만 새로 만들고, 저장된 답은 다시 사지 않습니다."
        ),
    ),
    (
        "files.altered",
        {"path": "runs/a/01-seeds-kin/part-00000.jsonl", "folder": "runs/a/01-seeds-kin", "rows": 1, "expected": 2000},
        (
            "runs/a/01-seeds-kin/part-00000.jsonl is not what the run wrote: 2,000 rows then, 1 row now. Put the file "
            "back, or remove the folder runs/a/01-seeds-kin and run the same command again."
        ),
        (
            "runs/a/01-seeds-kin/part-00000.jsonl은 실행이 쓴 것과 다릅니다. 그때는 2,000행, 지금은 1행입니다. 파일을 "
            "되돌려 놓거나, 폴더 runs/a/01-seeds-kin을 지우고 같은 명령을 다시 실행하세요."
        ),
    ),
    (
        "files.missing-shard",
        {"path": "runs/a/01-seeds-kin/part-00000.jsonl", "folder": "runs/a/01-seeds-kin"},
        (
            "runs/a/01-seeds-kin/part-00000.jsonl is missing, though the manifest beside it names it. Put it back, or "
            "remove the folder runs/a/01-seeds-kin and run the same command again."
        ),
        (
            "runs/a/01-seeds-kin/part-00000.jsonl이 없습니다. 옆의 매니페스트에는 적혀 있습니다. 되돌려 놓거나, 폴더 "
            "runs/a/01-seeds-kin을 지우고 같은 명령을 다시 실행하세요."
        ),
    ),
]

REASONS = [
    (
        "cells",
        "1/2",
        "The line has another number of cells than the first one has columns (1/2).",
        "이 줄의 칸 수가 첫 줄의 열 수와 다릅니다(1/2).",
    ),
    (
        "open-quotation",
        "",
        "A quotation mark opens a cell here and is never closed. Double it if it belongs to the text.",
        "여기서 따옴표로 칸이 열린 뒤 닫히지 않습니다. 글에 속하는 따옴표라면 두 번 적으세요.",
    ),
    (
        "not-rows",
        ".md",
        "This part of the archive is passed over: no rows are read from a '.md' file.",
        "압축 파일의 이 부분은 건너뜁니다. '.md' 파일에서는 행을 읽지 않습니다.",
    ),
    (
        "too-long",
        "31457280 bytes",
        "The line is too long to be a row (31457280 bytes).",
        "행이라기에는 줄이 너무 깁니다(31457280 bytes).",
    ),
    (
        "encoding",
        "CP949",
        'The line is not UTF-8 (CP949). Where that says CP949, read the file with encoding = "cp949".',
        'UTF-8이 아닌 줄입니다(CP949). CP949라고 나오면 encoding = "cp949"로 읽으세요.',
    ),
    (
        "nul",
        "",
        "The line holds a NUL character, which no text has.",
        "줄에 텍스트에는 있을 수 없는 NUL 문자가 있습니다.",
    ),
    (
        "surrogate",
        "",
        "The line holds half a character (a lone surrogate), which cannot be written again.",
        "줄에 반쪽짜리 문자(짝 없는 서로게이트)가 있어 다시 쓸 수 없습니다.",
    ),
    (
        "not-a-number",
        "NaN",
        "NaN is JavaScript and not JSON; write null or leave the value out.",
        "NaN은 자바스크립트이고 JSON이 아닙니다. null로 쓰거나 값을 빼세요.",
    ),
    (
        "number-too-large",
        "",
        "The line holds a number that is too large to be kept exactly.",
        "줄에 정확히 담을 수 없을 만큼 큰 수가 있습니다.",
    ),
    (
        "too-deep",
        "",
        "The line is nested more than 64 levels deep.",
        "줄이 64단계보다 깊이 중첩되어 있습니다.",
    ),
    (
        "duplicate-key",
        "질문",
        "The key '질문' occurs twice in one object, so one of its values would be lost.",
        "한 객체에 키 '질문'이 두 번 나와 값 하나를 잃게 됩니다.",
    ),
    (
        "not-an-object",
        "array",
        "The line is a JSON array, not an object with named columns.",
        "줄이 이름 있는 열을 가진 객체가 아니라 JSON array입니다.",
    ),
    (
        "malformed",
        "Extra data",
        "The line is not JSON: Extra data.",
        "줄이 JSON이 아닙니다: Extra data.",
    ),
    (
        "torn",
        "a character is cut",
        "The file breaks off here (a character is cut).",
        "파일이 여기서 끊겼습니다(a character is cut).",
    ),
]


@pytest.mark.parametrize(("code", "facts", "english", "korean"), MESSAGES, ids=[message[0] for message in MESSAGES])
def test_the_message_says_what_where_and_what_to_do(code, facts, english, korean):
    assert render(code, facts, "en") == english
    assert render(code, facts, "ko") == korean


@pytest.mark.parametrize(("code", "detail", "english", "korean"), REASONS, ids=[line[0] for line in REASONS])
def test_the_reason_of_a_bad_line_is_a_sentence(code, detail, english, korean, monkeypatch):
    for language, sentence in (("en", english), ("ko", korean)):
        monkeypatch.setenv("SEODANG_LANGUAGE", language)
        assert reason(code, detail) == sentence
    assert reason("row-failed", "a plugin's own word") == "a plugin's own word"


def test_every_reason_has_its_sentence():
    assert {line[0] for line in REASONS} == set(CODES)
