"""What the room `exports` says, word for word, in English and in Korean."""

import pytest
from seodang.exchange import parts_of
from seodang.records import Call, Candidate, Message, Record
from seodang.wording import render

MESSAGES = [
    ("help-to", {}, "The format of the rows, as in: messages. `seodang plugins` lists those that are installed.",
     "행의 형식. 예: messages. 설치된 형식은 `seodang plugins`로 봅니다."),
    ("help-layout", {}, "Write OUT as a directory for a tool, as in: hub.", "OUT을 다른 도구가 읽는 디렉터리로 씁니다. 예: hub."),
    ("help-option", {}, "An option of the format or of the layout. Again for each.", "형식이나 배치의 옵션. 여러 번 쓸 수 있습니다."),
    ("help-step", {}, "The step whose records are written. Default: what flows out of the last one.",
     "레코드를 쓸 단계. 기본값은 마지막 단계에서 나오는 것입니다."),
    ("help-keep-columns", {}, "Columns or tags that are written too, separated by commas; * for every column.",
     "함께 쓸 열이나 태그. 쉼표로 나눕니다. *은 모든 열입니다."),
    ("help-language", {}, "Only the records in this language, as in: ko.", "이 언어의 레코드만 씁니다. 예: ko."),
    ("help-for-people", {}, "Defuse what a spreadsheet would run as a formula. Not for data that goes on to a program.",
     "스프레드시트가 수식으로 실행할 글을 막습니다. 프로그램이 다시 읽을 데이터에는 쓰지 마세요."),
    ("help-allow-terms", {}, "Lay out data for publishing although its terms are unknown or it holds personal data.",
     "이용 조건을 모르거나 개인정보가 있어도 공개용 배치로 씁니다."),
    ("no-student", {"run": "runs/mine", "step": "answer"},
     "No student is in runs/mine (step answer). Name a step that trains: --step NAME; `seodang show` lists the steps.",
     "runs/mine에 학생 모델이 없습니다(단계 answer). 학습한 단계를 --step 이름으로 지정하세요. 단계는 `seodang show`로 볼 수 있습니다."),
    ("no-weights", {"path": "student"}, "student holds no *.safetensors, so this student cannot be exported.",
     "student에 *.safetensors 파일이 없어 이 학생 모델을 내보낼 수 없습니다."),
    ("only-for-records", {"layout": "gguf"},
     "gguf is made of a student, so --layout, --keep-columns, --language and --for-people mean nothing here. Leave them out.",
     "gguf는 학생 모델로 만드는 배치라 --layout, --keep-columns, --language, --for-people이 필요 없습니다. 빼고 다시 실행하세요."),
    ("student-written", {"student": "mine-sft", "path": "out", "files": ["a.gguf (1,024)", "Modelfile (80)"]},
     "The student mine-sft was written to out: a.gguf (1,024), Modelfile (80).",
     "학생 모델 mine-sft를 out에 썼습니다: a.gguf (1,024), Modelfile (80)"),
    ("bad-option", {"option": "file"}, "--option 'file' is not NAME=VALUE.", "--option 'file'은 이름=값 꼴이 아닙니다."),
    ("column-in-the-way", {"column": "output", "format": "alpaca"},
     "The column 'output' cannot be kept: the format alpaca has a key of that name.",
     "열 'output'은 함께 쓸 수 없습니다. alpaca 형식에 같은 이름의 키가 있습니다."),
    ("no-such-column", {"column": "점수", "known": "url, score"}, "No record has a column or tag '점수'. There are: url, score.",
     "열이나 태그 '점수'를 가진 레코드가 없습니다. 있는 것: url, score."),
    ("no-such-column", {"column": "점수", "known": ""}, "No record has a column or tag '점수'. There are: none.",
     "열이나 태그 '점수'를 가진 레코드가 없습니다. 있는 것: 없음."),
    ("no-type", {"path": "out", "known": [".jsonl", ".csv"]},
     "The name out does not say what to write. End it with .jsonl, .csv, or with the name of an installed table, as in .parquet.",
     "out이라는 이름으로는 무엇을 쓸지 알 수 없습니다. 이름을 .jsonl, .csv 가운데 하나로 끝내거나, .parquet처럼 설치된 표의 이름으로 끝내세요."),
    ("packed-table", {"path": "a.parquet.gz", "kind": ".parquet", "packing": ".gz"},
     "a.parquet.gz cannot be written: .parquet is not packed again. Leave .gz out.",
     "a.parquet.gz를 쓸 수 없습니다. .parquet는 다시 압축하지 않습니다. .gz를 빼세요."),
    ("no-zstandard", {"path": "a.jsonl.zst"},
     "a.jsonl.zst cannot be packed: the library zstandard is not installed. Install it (pip install zstandard), or end the name with .gz.",
     "a.jsonl.zst를 압축할 수 없습니다. zstandard 라이브러리가 없습니다. 설치하거나(pip install zstandard) 이름을 .gz로 끝내세요."),
    ("uneven-rows", {"first": ["a", "b"], "other": ["c"]},
     "The rows do not have the same columns (a, b, then c), so no table can hold them. Write .jsonl.",
     "행마다 열이 달라(a, b, 그다음 c) 표에 담을 수 없습니다. .jsonl로 쓰세요."),
    ("place-taken", {"path": "hub"}, "hub exists already, and a directory of yours is never replaced. Choose another name, or remove it.",
     "hub가 이미 있습니다. 디렉터리는 덮어쓰지 않습니다. 다른 이름을 지정하거나 지우세요."),
    ("file-of-the-run", {"path": "run/lock.toml", "run": "run"},
     "run/lock.toml is a file of the run run and is not replaced. Choose a place outside the run.",
     "run/lock.toml은 실행 run의 파일이라 덮어쓰지 않습니다. 실행 밖의 위치를 지정하세요."),
    ("no-folder", {"path": "new/out.jsonl", "folder": "new"},
     "new/out.jsonl cannot be written, because there is no folder new. Make it, or choose another place.",
     "new 폴더가 없어 new/out.jsonl을 쓸 수 없습니다. 폴더를 만들거나 다른 위치를 지정하세요."),
    ("nothing-to-allow", {}, "--allow-terms is for a layout that publishes, as --layout hub does. Leave it out.",
     "--allow-terms는 --layout hub처럼 공개용 배치에만 씁니다. 빼고 다시 실행하세요."),
    ("unknown-terms", {"layout": "hub", "terms": ["LicenseRef-unstated"]},
     "The layout hub is for publishing, and the terms of these records are not known (LicenseRef-unstated). State them in the recipe, "
     "or allow it with --allow-terms.",
     "hub 배치는 공개용인데 이 레코드들의 이용 조건을 알 수 없습니다(LicenseRef-unstated). 레시피에 조건을 적거나 --allow-terms로 "
     "허용하세요."),
    ("unknown-terms", {"layout": "hub", "terms": []},
     "The layout hub is for publishing, and the terms of these records are not known (none are stated). State them in the recipe, "
     "or allow it with --allow-terms.",
     "hub 배치는 공개용인데 이 레코드들의 이용 조건을 알 수 없습니다(적힌 것이 없음). 레시피에 조건을 적거나 --allow-terms로 허용하세요."),
    ("personal-terms", {"layout": "hub"},
     "The layout hub is for publishing, and these records hold personal data that is not masked. Mask it with a filter, or allow it with "
     "--allow-terms.",
     "hub 배치는 공개용인데 이 레코드들에 가리지 않은 개인정보가 있습니다. 필터로 가리거나 --allow-terms로 허용하세요."),
    ("written", {"rows": 1, "path": "out.jsonl"}, "1 row written to out.jsonl.", "1행을 out.jsonl에 썼습니다."),
    ("replaced", {"rows": 1200, "path": "out.jsonl"}, "1,200 rows written to out.jsonl, in place of the file that was there.",
     "1,200행을 out.jsonl에 썼습니다. 있던 파일을 대신합니다."),
    ("left-out", {"rows": 1200, "reason": "no answer"}, "Left out: 1,200 rows (no answer).", "뺀 행: 1,200행(no answer)."),
    ("lost", {"rows": 2, "part": "weights", "format": "alpaca"}, "Written without their weights, which alpaca cannot carry: 2 rows.",
     "alpaca가 담지 못해 weights를 빼고 쓴 행: 2행."),
    ("ignored", {"rows": 2, "part": "weights", "layout": "axolotl"}, "Written with their weights, which axolotl does not read: 2 rows.",
     "weights는 썼지만 axolotl이 읽지 않는 행: 2행."),
    ("as-json", {"rows": 2, "columns": ["messages"]},
     "Written as JSON text, because a cell holds no list: messages (2 rows). .jsonl and .parquet keep it as it is.",
     "셀에는 목록이 들어가지 않아 JSON 글로 쓴 열: messages(2행). .jsonl과 .parquet에는 그대로 담깁니다."),
    ("left-columns", {"rows": 2, "columns": ["url", "views"]},
     "Written without these columns: url, views (up to 2 rows). --keep-columns keeps them.",
     "빼고 쓴 열: url, views(많게는 2행). --keep-columns로 남길 수 있습니다."),
]  # fmt: skip

NAMES = {
    "because-author-or-rank": ("answers with other authors or ranks than the format has", "형식에 없는 작성자나 순위의 답"),
    "because-empty": ("no messages", "메시지가 없음"),
    "because-equal-rank": ("ranked answers of one rank", "순위가 같은 답뿐임"),
    "because-language": ("another language", "다른 언어"),
    "because-one-answer": ("only one ranked answer", "순위가 매겨진 답이 하나뿐임"),
    "because-order": ("questions and answers that do not take turns", "질문과 답이 번갈아 나오지 않음"),
    "because-order-of-answers": ("answers in another order than the format has", "형식과 다른 순서의 답"),
    "because-role": ("a role that the format does not have", "형식에 없는 역할"),
    "because-several-turns": (
        "more than one question; messages, sharegpt and prompt-completion carry them",
        "질문이 둘 이상. messages, sharegpt, prompt-completion에는 담깁니다",
    ),
    "because-system": (
        "a system message; messages, sharegpt and prompt-completion carry it",
        "시스템 메시지가 있음. messages, sharegpt, prompt-completion에는 담깁니다",
    ),
    "because-text-with-call": (
        "text and a tool call in one turn; messages and prompt-completion carry both",
        "한 차례에 글과 도구 호출이 함께 있음. messages와 prompt-completion에는 담깁니다",
    ),
    "because-tools": (
        "tool calls; messages, sharegpt and prompt-completion carry them",
        "도구 호출이 있음. messages, sharegpt, prompt-completion에는 담깁니다",
    ),
    "because-unanswered": ("no answer", "답이 없음"),
    "because-unasked": ("no question", "질문이 없음"),
    "because-unranked": ("no ranked answers", "순위가 매겨진 답이 없음"),
    "part-candidates": ("ranked candidates", "순위가 매겨진 후보"),
    "part-thinking": ("thinking", "생각 과정"),
    "part-tool_call_id": ("call ids", "호출 번호"),
    "part-tool_calls": ("tool calls", "도구 호출"),
    "part-tools": ("tools", "도구"),
    "part-weight": ("weights", "가중치"),
}


@pytest.mark.parametrize(("code", "facts", "english", "korean"), MESSAGES, ids=[message[0] for message in MESSAGES])
def test_the_message_says_what_where_and_what_to_do(code, facts, english, korean):
    assert render(f"exports.{code}", facts, "en") == english
    assert render(f"exports.{code}", facts, "ko") == korean


@pytest.mark.parametrize("name", NAMES)
def test_reasons_and_parts_have_names(name):
    assert (render(f"exports.{name}", {}, "en"), render(f"exports.{name}", {}, "ko")) == NAMES[name]


def test_every_part_that_a_record_can_have_has_its_name():
    message = Message("assistant", "", thinking="t", weight=0.5, calls=(Call("c", "f", "{}"),), call_id="c")
    whole = Record(messages=(message,), tools=({},), candidates=(Candidate(message),))
    assert {f"part-{part}" for part in parts_of(whole)} == {name for name in NAMES if name.startswith("part-")}
