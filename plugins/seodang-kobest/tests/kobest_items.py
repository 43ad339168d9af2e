"""Items in KoBEST's shape that were made up here, as its files have them: both spellings, blanks at the end, columns in two orders."""

import random
from pathlib import Path

WHO = ("훈장", "아이", "어머니", "이웃", "형", "누나", "할머니", "농부", "선비", "친구")
WHAT = ("천자문을", "붓을", "떡을", "책을", "벼루를", "마당을", "편지를", "우물을", "등불을", "먹을")
DID = ("읽었다", "닦았다", "나누었다", "찾았다", "빌렸다", "고쳤다", "보았다", "들었다", "옮겼다", "잊었다")
GOOD = ("정말 좋았다", "다시 가고 싶다", "친절해서 기뻤다", "맛이 훌륭하다")
BAD = ("몹시 실망했다", "다시는 안 간다", "불친절해서 화났다", "맛이 형편없다")
WORDS = ("배", "눈", "말", "밤", "다리")


def _sentence(chance):
    return f"{chance.choice(WHO)}가 {chance.choice(WHAT)} {chance.choice(DID)}."


def _rows(task, chance):
    blank = chance.choice(("", "", " "))
    truth = chance.choice(("TRUE", "True", "FALSE", "False"))
    if task == "BoolQ":
        return {
            "Text": f"{_sentence(chance)} {_sentence(chance)}{blank}",
            "Question": _sentence(chance)[:-2] + "는가?",
            "Answer": truth,
        }
    if task == "COPA":
        asked = chance.choice(("원인", "결과")) + blank
        return {
            "sentence": _sentence(chance),
            "question": asked,
            "1": _sentence(chance),
            "2": _sentence(chance),
            "Answer": chance.choice("12"),
        }
    if task == "HellaSwag":
        endings = {f"choice{number}": _sentence(chance) * chance.choice((1, 2)) for number in range(1, 5)}
        return {"context": f"{_sentence(chance)} {_sentence(chance)}{blank}", **endings, "label": chance.choice("0123")}
    if task == "SentiNeg":
        label = chance.choice("01")
        return {"Text": f"{chance.choice(WHO)}와 간 곳인데 {chance.choice((BAD, GOOD)[int(label)])}{blank}", "Label": label}
    word = chance.choice(WORDS)
    sentences = {
        f"SENTENCE{number}": f"{chance.choice(WHO)}의 [{word}]에 {chance.choice(WHAT)} 두었다.{blank}" for number in (1, 2)
    }
    return {"Target": word, **sentences, "ANSWER": truth}


def write_items(place: Path, *, train: int = 60, test: int = 4, seed: int = 3) -> Path:
    for task in ("BoolQ", "COPA", "HellaSwag", "SentiNeg", "WiC"):
        (place / task).mkdir(parents=True)
        chance = random.Random(f"{seed} {task}")
        for split, count in (("train", train), ("dev", 3), ("test", test)):
            rows = [_rows(task, chance) for _ in range(count)]
            names = list(rows[0])
            if (task, split) == ("SentiNeg", "dev"):
                names.reverse()
            lines = ["\t".join(names), *("\t".join(row[name] for name in names) for row in rows)]
            end = "\n" if task == "HellaSwag" else "\r\n"
            (place / task / f"{split}.tsv").write_bytes("".join(f"{line}{end}" for line in lines).encode())
    return place
