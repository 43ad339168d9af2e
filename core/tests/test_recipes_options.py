"""Every problem of a plugin's options is told, each in words of its own."""

import datetime
from typing import Annotated, Literal

import msgspec
import pytest
import seodang
from seodang.recipes.options import build_options, conduct_options, files_options, names_options, option_docs


class Window(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    first: int
    last: int = 9


class Sieve(seodang.Filter):
    """Has an option of every shape."""

    name = "sieve"

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        field: Annotated[str, msgspec.Meta(min_length=1, description="Which text is looked at.")]
        threshold: Annotated[float, msgspec.Meta(ge=0, le=1, description="Drop what is above this.")] = 0.7
        level: Annotated[Literal["polite", "formal"], msgspec.Meta(description="The level.")] = "polite"
        shots: tuple[int, ...] = (0, 5)
        words: Annotated[list[str], msgspec.Meta(min_length=1)] = msgspec.field(default_factory=lambda: ["a"])
        weights: dict[str, float] = {}
        span: tuple[int, int] = (0, 1)
        window: Window | None = None
        limit: int | None = None
        strict: bool = False
        size: int | str = 1
        above: Annotated[float, msgspec.Meta(gt=0)] = 1.0
        below: Annotated[float, msgspec.Meta(lt=0)] = -1.0
        anything: list = []
        when: datetime.date | int | None = None
        code: Annotated[str, msgspec.Meta(pattern="^[a-z]+$")] = "a"
        short: Annotated[str, msgspec.Meta(max_length=3)] = ""
        api_key: Annotated[str, msgspec.Meta(description="Where the key is.")] = ""
        eos_token: Annotated[str, msgspec.Meta(description="A special token, no secret.")] = ""
        path: Annotated[str, msgspec.Meta(extra=seodang.FILES, description="The rows.")] = ""
        splitter: Annotated[str, msgspec.Meta(extra=seodang.names("splitter"))] = ""
        in_flight: Annotated[int | None, msgspec.Meta(extra=seodang.CONDUCT)] = None

        def __post_init__(self):
            if self.strict and self.limit is None:
                raise ValueError("strict needs a limit")


def told(monkeypatch, language, **raw):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    options, problems = build_options(Sieve, {"field": "text", **raw})
    assert options is None
    return [str(problem) for problem in problems]


WRONG = [
    (
        {"threshold": 1.5},
        "sieve: 'threshold' must be a number, at least 0 and at most 1, not 1.5.\n  threshold: Drop what is above this.",
        "sieve: 'threshold'의 값은 0 이상 1 이하의 수여야 하는데 지금은 1.5입니다.\n  threshold: Drop what is above this.",
    ),
    (
        {"threshold": "0.5"},
        "sieve: 'threshold' must be a number, at least 0 and at most 1, not '0.5'. Write 0.5 without quotation marks."
        "\n  threshold: Drop what is above this.",
        "sieve: 'threshold'의 값은 0 이상 1 이하의 수여야 하는데 지금은 '0.5'입니다. 따옴표 없이 0.5라고 쓰세요."
        "\n  threshold: Drop what is above this.",
    ),
    (
        {"level": "polit"},
        "sieve: 'level' must be one of 'polite', 'formal', not 'polit'. Did you mean 'polite'?\n  level: The level.",
        (
            "sieve: 'level'의 값은 'polite', 'formal' 가운데 하나여야 하는데 지금은 'polit'입니다. "
            "혹시 'polite'가 아닌가요?\n  level: The level."
        ),
    ),
    (
        {"shots": [0, "5"]},
        "sieve: 'shots[1]' must be a whole number, not '5'.",
        "sieve: 'shots[1]'의 값은 정수여야 하는데 지금은 '5'입니다.",
    ),
    (
        {"words": []},
        "sieve: 'words' must be a list in which each is a text in quotation marks that is not empty, not [].",
        "sieve: 'words'의 값은 항목이 모두 문자열인 목록(비어 있으면 안 됨)이어야 하는데 지금은 []입니다.",
    ),
    (
        {"weights": {"a": True}},
        "sieve: 'weights.a' must be a number, not true.",
        "sieve: 'weights.a'의 값은 수여야 하는데 지금은 true입니다.",
    ),
    (
        {"span": [1]},
        "sieve: 'span' must be a list of 2 values, not [1].",
        "sieve: 'span'의 값은 항목이 2개인 목록이어야 하는데 지금은 [1]입니다.",
    ),
    (
        {"window": {"frist": 1, "first": 2}},
        "sieve: unknown option 'window.frist'. Did you mean 'first'?",
        "sieve: 알 수 없는 옵션 'window.frist'. 혹시 'first'가 아닌가요?",
    ),
    (
        {"window": {}},
        "sieve: option 'window.first' is missing; it must be a whole number.",
        "sieve: 옵션 'window.first'가 빠졌습니다. 값은 정수여야 합니다.",
    ),
    ({"window": 3}, "sieve: 'window' must be a table, not 3.", "sieve: 'window'의 값은 표여야 하는데 지금은 3입니다."),
    (
        {"limit": 1.0},
        "sieve: 'limit' must be a whole number, not 1.0.",
        "sieve: 'limit'의 값은 정수여야 하는데 지금은 1.0입니다.",
    ),
    (
        {"limit": True},
        "sieve: 'limit' must be a whole number, not true.",
        "sieve: 'limit'의 값은 정수여야 하는데 지금은 true입니다.",
    ),
    (
        {"strict": 1},
        "sieve: 'strict' must be true or false, not 1.",
        "sieve: 'strict'의 값은 true나 false여야 하는데 지금은 1입니다.",
    ),
    (
        {"size": 1.5},
        "sieve: 'size' must be a whole number, or a text in quotation marks, not 1.5.",
        "sieve: 'size'의 값은 정수 또는 문자열이어야 하는데 지금은 1.5입니다.",
    ),
    (
        {"above": 0},
        "sieve: 'above' must be a number, above 0, not 0.",
        "sieve: 'above'의 값은 0 초과의 수여야 하는데 지금은 0입니다.",
    ),
    (
        {"below": 1},
        "sieve: 'below' must be a number, below 0, not 1.",
        "sieve: 'below'의 값은 0 미만의 수여야 하는데 지금은 1입니다.",
    ),
    ({"anything": 1}, "sieve: 'anything' must be a list, not 1.", "sieve: 'anything'의 값은 목록이어야 하는데 지금은 1입니다."),
    (
        {"when": True},
        "sieve: 'when' must be a value of type date, or a whole number, not true.",
        "sieve: 'when'의 값은 date 형의 값 또는 정수여야 하는데 지금은 true입니다.",
    ),
    (
        {"code": "A"},
        "sieve: 'code' must be a text in quotation marks that matches ^[a-z]+$, not 'A'.",
        "sieve: 'code'의 값은 ^[a-z]+$ 꼴에 맞는 문자열이어야 하는데 지금은 'A'입니다.",
    ),
    (
        {"short": "long"},
        "sieve: 'short' must be a text in quotation marks, at most 3 long, not 'long'.",
        "sieve: 'short'의 값은 길이가 3 이하인 문자열이어야 하는데 지금은 'long'입니다.",
    ),
    (
        {"levle": "polite"},
        "sieve: unknown option 'levle'. Did you mean 'level'?",
        "sieve: 알 수 없는 옵션 'levle'. 혹시 'level'이 아닌가요?",
    ),
    (
        {"strict": True},
        "sieve: the options of sieve do not go together: strict needs a limit.",
        "sieve: sieve의 옵션들이 서로 맞지 않습니다: strict needs a limit.",
    ),
]


@pytest.mark.parametrize(
    ("raw", "english", "korean"), WRONG, ids=lambda value: next(iter(value)) if isinstance(value, dict) else ""
)
def test_a_wrong_value_is_told_with_what_it_must_be(monkeypatch, raw, english, korean):
    assert told(monkeypatch, "en", **raw) == [english]
    assert told(monkeypatch, "ko", **raw) == [korean]


def test_all_problems_are_told_at_once(monkeypatch):
    problems = told(monkeypatch, "en", threshold=2, levle="polite", limit="x", words=[1, "b", 2])
    assert len(problems) == 5
    assert [problem.partition("'")[2].partition("'")[0] for problem in problems] == [
        "threshold",
        "levle",
        "limit",
        "words[0]",
        "words[2]",
    ]


def test_a_missing_option_is_told_with_its_description(monkeypatch):
    expected = {
        "en": (
            "sieve: option 'field' is missing; it must be a text in quotation marks that is not "
            "empty.\n  field: Which text is looked at."
        ),
        "ko": "sieve: 옵션 'field'가 빠졌습니다. 값은 문자열(비어 있으면 안 됨)이어야 합니다.\n  field: Which text is looked at.",
    }
    for language, sentence in expected.items():
        monkeypatch.setenv("SEODANG_LANGUAGE", language)
        assert [str(problem) for problem in build_options(Sieve, {}).problems] == [sentence]


def test_a_secret_that_stands_in_a_recipe_is_refused_and_not_repeated(monkeypatch):
    for language, words in {"en": "holds a secret itself", "ko": "비밀 값이 그대로"}.items():
        (problem,) = told(monkeypatch, language, api_key="sk-verysecret")
        assert words in problem and "env:" in problem and "verysecret" not in problem
    options = build_options(Sieve, {"field": "x", "api_key": "env:KEY", "eos_token": "</s>"}).options
    assert (options.api_key, options.eos_token) == ("env:KEY", "</s>")


def test_good_options_are_typed_and_whole_numbers_are_numbers():
    options, problems = build_options(Sieve, {"field": "x", "threshold": 1, "shots": [5], "window": {"first": 1}})
    assert not problems
    assert options == Sieve.Options(field="x", threshold=1.0, shots=(5,), window=Window(1))
    assert isinstance(options.threshold, float)


def test_a_class_whose_options_cannot_be_read_is_a_problem_that_names_it(monkeypatch):
    class Broken(seodang.Filter):
        name = "broken"

        class Options(msgspec.Struct, frozen=True, kw_only=True):
            size: "NoSuchType" = 1  # noqa: F821

    for language, words in {"en": "cannot be read (NameError: ", "ko": "옵션을 읽을 수 없습니다(NameError: "}.items():
        monkeypatch.setenv("SEODANG_LANGUAGE", language)
        (problem,) = build_options(Broken, {"size": 1}).problems
        assert words in str(problem)


def test_the_marks_of_options_are_read_from_their_annotations():
    assert conduct_options(Sieve) == {"in_flight"}
    assert files_options(Sieve) == {"path"}
    assert names_options(Sieve) == {"splitter": "splitter"}


def test_the_documentation_of_options_has_what_a_reader_needs():
    docs = {doc.name: doc for doc in option_docs(Sieve)}
    assert list(docs)[:3] == ["field", "threshold", "level"]
    assert docs["field"].required and not docs["threshold"].required
    assert docs["threshold"].default == 0.7 and docs["threshold"].description == "Drop what is above this."
    assert str(docs["threshold"].type) and docs["level"].choices == ("polite", "formal")
    assert docs["path"].files and docs["in_flight"].conduct and docs["splitter"].names == "splitter"
    assert docs["weights"].default == {}
