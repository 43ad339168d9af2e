"""What `seodang seeds check` says, in both languages; the messages that other tests do not quote."""

import pytest
from seodang.wording import Phrase, render

INSTRUCTION = {"part": Phrase("seodang_handcrafted:part-instruction"), "unit": Phrase("seodang_handcrafted:unit-words")}
SAID = [
    (
        "bad-line",
        {"reason": "The line holds a NUL character, which no text has."},
        "The line holds a NUL character, which no text has. Correct the line or take it out.",
        "The line holds a NUL character, which no text has. 이 줄을 고치거나 빼세요.",
    ),
    (
        "not-text",
        {"columns": ["input"]},
        "input has to be a text. Write a text, or an empty one.",
        "input은 글이어야 합니다. 글이나 빈 글을 넣으세요.",
    ),
    (
        "no-question",
        {"columns": ["question", "answer"]},
        "The row has neither a text in 'instruction' nor messages (its columns: question, answer). "
        "Write the task there, or give its column that name.",
        "'instruction'에 글이 없고 messages도 없는 행입니다(있는 열: question, answer). "
        "거기에 과제를 적거나, 과제가 적힌 열의 이름을 'instruction'으로 바꾸세요.",
    ),
    (
        "no-instances",
        {},
        'instances has no pair of input and output. Write [{"input": "", "output": "…"}].',
        'instances에 input과 output의 짝이 없습니다. [{"input": "", "output": "…"}]처럼 적으세요.',
    ),
    (
        "not-yes-or-no",
        {},
        "is_classification has to be true or false.",
        "is_classification은 true나 false여야 합니다.",
    ),
    (
        "no-turns",
        {},
        'messages is not a list of turns. Write [{"role": "user", "content": "…"}, …].',
        'messages가 발화의 목록이 아닙니다. [{"role": "user", "content": "…"}, …]처럼 적으세요.',
    ),
    (
        "bad-turn",
        {"place": 2},
        "Turn 2 has no role or no text. Give it both.",
        "2번째 발화에 role이나 글이 없습니다. 둘 다 적으세요.",
    ),
    (
        "no-answer",
        {},
        "The task has no answer, and a seed is an example of a good one. Write one, or have it answered in a recipe first.",
        "답이 없는 과제입니다. 시드는 좋은 답의 본보기이므로 답을 쓰거나, 레시피에서 먼저 답을 받으세요.",
    ),
    (
        "repeated-id",
        {"id": "a", "other": "ours.jsonl:1"},
        "The id 'a' is already that of ours.jsonl:1. Give each task its own.",
        "id 'a'는 이미 ours.jsonl:1의 것입니다. 과제마다 다른 id를 붙이세요.",
    ),
    (
        "question-is-answer",
        {},
        "The answer only repeats the instruction. Write what is really expected.",
        "답이 지시문을 되풀이할 뿐입니다. 바라는 답을 적으세요.",
    ),
    (
        "other-language",
        {"language": "ko"},
        "The instruction is not written in the language 'ko'. Translate it, or check it with --language.",
        "지시문이 'ko' 언어로 쓰이지 않았습니다. 번역하거나 --language로 다른 언어를 고르세요.",
    ),
    (
        "too-long",
        {**INSTRUCTION, "length": 200, "limit": 150},
        "The instruction has 200 words, more than 150. Shorten it, or move a part into the input.",
        "지시문의 길이가 200단어로, 150단어보다 깁니다. 줄이거나 일부를 입력으로 옮기세요.",
    ),
    (
        "too-short",
        {"part": Phrase("seodang_handcrafted:part-answer"), "unit": INSTRUCTION["unit"], "length": 0, "limit": 1},
        "The answer has 0 words, fewer than 1. Write it out.",
        "답의 길이가 0단어로, 1단어보다 짧습니다. 더 자세히 쓰세요.",
    ),
    (
        "long-label",
        {"length": 74, "most": 40},
        "A classification is answered with a label, and this answer has 74 characters on one line or several (at most 40 on one). "
        "Shorten it, or write is_classification = false.",
        "분류 과제의 답은 짧은 이름표여야 하는데 74자입니다(한 줄, 최대 40자). 줄이거나 is_classification = false로 바꾸세요.",
    ),
    (
        "repeated-instruction",
        {"other": "ours.jsonl:1"},
        "ours.jsonl:1 has the same instruction with another input. "
        "Say it in other words, so that the seeds show more than one way to ask.",
        "ours.jsonl:1에 입력만 다르고 지시문이 같은 과제가 있습니다. 시드가 여러 가지 표현을 보이도록 달리 써 보세요.",
    ),
    (
        "answer-in-other-language",
        {"language": "ko"},
        "The answer is not written in the language 'ko'. That is right for a translation; otherwise correct it.",
        "답이 'ko' 언어로 쓰이지 않았습니다. 번역 과제라면 맞지만, 아니면 고치세요.",
    ),
    (
        "mixed-registers",
        {"levels": ["합쇼 1", "해요 2"]},
        "The answer mixes speech levels (합쇼 1, 해요 2). Keep to one, except in dialogues and poems.",
        "답에 여러 말투가 섞여 있습니다(합쇼 1, 해요 2). 대화나 시가 아니면 하나로 맞추세요.",
    ),
    (
        "other-register",
        {"stated": "합쇼", "found": "해요"},
        "register says 합쇼, but the answer is written in 해요. Change one of them.",
        "register는 합쇼인데 답은 해요입니다. 둘 중 하나를 고치세요.",
    ),
    (
        "refusal",
        {"words": []},
        "The answer reads like a refusal (by its form). Keep it only if a refusal is what you want to teach.",
        "거절하는 답처럼 보입니다(문장의 꼴). 거절을 가르치려는 것이 아니면 고치세요.",
    ),
    (
        "self-reference",
        {},
        "The answer speaks of itself as a model. Keep it only if that is what you want to teach.",
        "답에서 자신을 모델이라고 말합니다. 그것을 가르치려는 것이 아니면 고치세요.",
    ),
    (
        "unsuitable",
        {"words": ["그림"]},
        "The instruction needs what a model of texts cannot see or make (그림). Ask for something that can be done in text.",
        "글만 다루는 모델이 보거나 만들 수 없는 것을 요구합니다(그림). 글로 할 수 있는 일로 바꾸세요.",
    ),
    (
        "partly",
        {"questions": 3},
        "3 questions were compared only with those that share the rarest words: the file repeats one pattern very often.",
        "질문 3개는 가장 드문 낱말이 같은 것하고만 견주었습니다. 한 가지 틀을 아주 많이 되풀이한 파일입니다.",
    ),
    (
        "registers",
        {"levels": "합쇼 7"},
        "Speech levels of the answers: 합쇼 7.",
        "답의 말투: 합쇼 7.",
    ),
    (
        "more",
        {"each": 20},
        "At most 20 of a kind are listed; --each 0 lists all.",
        "종류마다 20건까지만 보였습니다. 모두 보려면 --each 0을 쓰세요.",
    ),
    (
        "help",
        {},
        "Check a seed file: bad rows, duplicates, language, lengths, registers, refusals, personal data. "
        "Ends with 4 when there is a fault.",
        "시드 파일을 검사합니다. 읽을 수 없는 행, 중복, 언어, 길이, 말투, 거절, 개인정보를 보고, 잘못이 있으면 종료 코드 4로 끝납니다.",
    ),
]


@pytest.mark.parametrize(("name", "facts", "english", "korean"), SAID, ids=[each[0] for each in SAID])
def test_it_is_said_in_both_languages(name, facts, english, korean):
    assert render(f"seodang_handcrafted:{name}", facts, "en") == english
    assert render(f"seodang_handcrafted:{name}", facts, "ko") == korean
