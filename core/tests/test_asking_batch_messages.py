"""What people are told of batches, word for word."""

import pytest
from seodang.wording import render

MESSAGES = {
    "batches": {"batches": 2, "name": "api.example.com", "said": "in_progress", "done": 1204, "requests": 5000},
    "batches-crowded": {"name": "api.example.com", "seconds": 60},
    "batches-found": {"step": "answer", "batches": 1, "name": "api.example.com", "requests": 300},
    "batch-handed-in": {"step": "answer", "requests": 300, "name": "api.example.com", "identifier": "batch_1"},
    "batches-go-on": {"batches": 1, "name": "api.example.com", "requests": 300},
    "batch-turned-away": {"step": "answer", "name": "api.example.com", "identifier": "batch_1", "requests": 1, "detail": ""},
    "batch-lost": {"step": "answer", "name": "api.example.com", "identifier": "batch_1", "requests": 300, "detail": "gone"},
    "batch-cancelled": {"step": "answer", "identifier": "batch_1", "name": "api.example.com", "answers": 150, "requests": 300},
    "batch-expired": {"step": "answer", "identifier": "batch_1", "requests": 300, "name": "api.example.com"},
}
ENGLISH = {
    "batches": "2 batches at api.example.com (in_progress): 1,204 of 5,000 answered",
    "batches-crowded": "api.example.com has too much waiting; next batch in 60 s",
    "batches-found": "answer: 1 batch handed in earlier at api.example.com with 300 questions that have no answer yet. They are "
    "collected before anything is handed in again.",
    "batch-handed-in": "answer: 300 questions handed in at api.example.com as batch batch_1. That can take a day. Ctrl-C ends only "
    "the waiting; the same command goes on with it.",
    "batches-go-on": "Stopped as asked. 1 batch goes on at api.example.com with 300 questions; run the same command again to collect "
    "them.",
    "batch-turned-away": "answer: api.example.com has turned the batch batch_1 with 1 question away: no reason was given. Nothing of "
    "it was billed. Run the same command again when that is mended.",
    "batch-lost": "answer: api.example.com does not know the batch batch_1 with 300 questions any more: gone. Check base_url and the "
    "key. If it is really gone: seodang ledger abandon RUN batch_1; what it may have cost stays counted, and its questions are asked "
    "again.",
    "batch-cancelled": "answer: the batch batch_1 was cancelled at api.example.com. 150 answers of 300 were there by then and are "
    "stored. Run the same command again to hand in the rest.",
    "batch-expired": "answer: the batch batch_1 with 300 questions expired at api.example.com without one answer. Run the same command "
    "again to hand it in once more, later or in smaller batches.",
}
KOREAN = {
    "batches": "api.example.com의 배치 2개(in_progress): 5,000건 가운데 1,204건 답변",
    "batches-crowded": "api.example.com에 대기 중인 요청이 너무 많아 60초 뒤에 다음 배치를 보냅니다",
    "batches-found": "answer: 전에 api.example.com에 맡긴 배치 1개에 아직 답이 없는 질문이 300건 있습니다. 새로 맡기기 전에 이 답부터 "
    "거둡니다.",
    "batch-handed-in": "answer: 질문 300건을 api.example.com에 배치 batch_1로 맡겼습니다. 하루까지 걸릴 수 있습니다. Ctrl-C를 누르면 "
    "기다리기만 그만두며, 같은 명령을 다시 실행하면 이어집니다.",
    "batches-go-on": "요청하신 대로 멈췄습니다. api.example.com에 맡긴 배치 1개(질문 300건)는 계속 처리되고 있으니, 같은 명령을 다시 실행해 "
    "답을 거두세요.",
    "batch-turned-away": "answer: api.example.com에서 질문 1건의 배치 batch_1을 받지 않았습니다: 이유는 알려 주지 않았습니다. 청구된 "
    "것은 없습니다. 원인을 해결한 뒤 같은 명령을 다시 실행하세요.",
    "batch-lost": "answer: api.example.com에서는 질문 300건의 배치 batch_1을 더는 알지 못합니다: gone. base_url과 키를 확인하세요. 정말 "
    "사라졌다면 seodang ledger abandon RUN batch_1 명령을 실행하세요. 들었을지 모르는 비용은 그대로 계산되고, 질문은 다시 보냅니다.",
    "batch-cancelled": "answer: 배치 batch_1이 api.example.com에서 취소되었습니다. 그때까지 나온 300건 중 150건의 답은 저장했습니다. "
    "나머지를 맡기려면 같은 명령을 다시 실행하세요.",
    "batch-expired": "answer: 질문 300건의 배치 batch_1이 api.example.com에서 답을 하나도 받지 못한 채 기한이 지났습니다. 나중에 또는 더 "
    "작은 배치로 다시 맡기려면 같은 명령을 다시 실행하세요.",
}


@pytest.mark.parametrize("name", MESSAGES)
def test_what_people_are_told_of_batches(name):
    assert render(f"asking.{name}", MESSAGES[name], "en") == ENGLISH[name]
    pytest.importorskip("seodang_locale_ko", reason="particles are chosen by the Korean locale")
    assert render(f"asking.{name}", MESSAGES[name], "ko") == KOREAN[name]
