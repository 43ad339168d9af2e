"""A recipe is checked against what is installed: names, options, teachers, students, files, requirements."""

from typing import Annotated

import msgspec
import pytest
import seodang
from seodang.errors import RecipeError
from seodang.recipes.reading import read_recipe
from seodang.recipes.resolving import resolve


def described(text, **rules):
    return msgspec.Meta(description=text, **rules)


class Rows(seodang.Seeds):
    """Rows of a file."""

    name = "rows"

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        path: Annotated[str, described("The file.", extra=seodang.FILES)]

    def read(self, context): ...


class Level(seodang.Filter):
    """Keeps one level."""

    name = "speech-level"

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        level: Annotated[str, described("The level.")] = "polite"
        splitter: Annotated[str, described("Who splits.", extra=seodang.names("splitter"))] = ""

    def sift(self, records, context): ...


class Answer(seodang.Lesson):
    """One answer."""

    name = "answer"

    def teach(self, records, context): ...


class Gpt(seodang.Teacher):
    """Has what a paid teacher has."""

    name = "gpt"

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        model: Annotated[str, described("Which model.")]
        temperature: Annotated[float, described("How free.", ge=0, le=2)] = 1.0
        api_key: Annotated[str, described("Where the key is.")] = ""

    def answer(self, request, context): ...


class Parrot(seodang.Teacher):
    """Has no option but those that all have."""

    name = "parrot"

    def answer(self, request, context): ...


class Fussy(seodang.Filter):
    """Fails when it is made."""

    name = "fussy"

    def __init__(self, options=None):
        raise RuntimeError("no licence")

    def sift(self, records, context): ...


class Sft(seodang.Trainer):
    """Trains."""

    name = "sft"

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        model: Annotated[str, described("The base.")] = ""
        max_tokens: Annotated[int, described("A row's length.")] = 512

    def train(self, dataset, base, output, context): ...


class Exam(seodang.Evaluation):
    """Measures."""

    name = "exam"

    def evaluate(self, student, context): ...


class Folder(seodang.Student):
    """A directory."""

    name = "folder"

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        path: Annotated[str, described("Where it is.")] = ""

    def generate(self, conversations, max_tokens): ...


class School:
    """A plugin with one of each."""

    distribution = "seodang-school"

    @seodang.hookimpl
    def register_seeds(self, register):
        register(Rows)

    @seodang.hookimpl
    def register_filters(self, register):
        register(Level)
        register(Fussy)

    @seodang.hookimpl
    def register_lessons(self, register):
        register(Answer)

    @seodang.hookimpl
    def register_teachers(self, register):
        register(Gpt)
        register(Parrot)

    @seodang.hookimpl
    def register_trainers(self, register):
        register(Sft)

    @seodang.hookimpl
    def register_evaluations(self, register):
        register(Exam)

    @seodang.hookimpl
    def register_students(self, register):
        register(Folder)


class Twin:
    """Offers a filter of a name that is taken."""

    distribution = "seodang-twin"

    @seodang.hookimpl
    def register_filters(self, register):
        register(type("Level", (seodang.Filter,), {"name": "speech-level", "__doc__": "Another.", "sift": Level.sift}))


HEAD = '[recipe]\nname = "r"\nlanguage = "ko"\n'
SEEDS = '[[step]]\nseeds = "rows"\npath = "rows.jsonl"\n'


@pytest.fixture
def check(tmp_path, monkeypatch, plugins):
    """Resolves a recipe with `School` in a directory that has a `rows.jsonl`."""
    monkeypatch.chdir(tmp_path)
    tmp_path.joinpath("rows.jsonl").write_text('{"instruction": "?"}\n')
    offers = plugins(School())

    def checked(text, *settings, offers=offers):
        path = tmp_path / "r.toml"
        path.write_text(text, encoding="utf-8")
        return resolve(read_recipe(path.relative_to(tmp_path), settings), offers)

    return checked


@pytest.fixture
def told(check, monkeypatch):
    """What a person reads of a recipe's problems, in one language."""

    def problems(language, text, *settings, **more):
        monkeypatch.setenv("SEODANG_LANGUAGE", language)
        with pytest.raises(RecipeError) as caught:
            check(text, *settings, **more)
        return [str(problem).partition("\n")[0] for problem in caught.value.problems]

    return problems


def test_a_whole_recipe_becomes_steps_with_typed_options(check):
    steps = check(
        HEAD + SEEDS + '[[step]]\nteach = "answer"\nteacher = "big"\ntemperature = 0\n'
        '[[step]]\nfilter = "seodang-school:speech-level"\nlevel = "formal"\nonly = ["rows"]\n'
        '[[step]]\ntrain = "sft"\nmodel = "EleutherAI/polyglot-ko-1.3b"\nmax_tokens = 64\n'
        '[[step]]\ntrain = "sft"\nmodel = "step:sft"\n'
        '[[step]]\nevaluate = "exam"\nstudents = ["newest", "step:sft", "mine", "folder"]\n'
        '[teachers.big]\nuse = "gpt"\nmodel = "large"\ntemperature = 2\n[students.mine]\nuse = "folder"\npath = "model"\n'
    )
    assert [step.offer.id for step in steps] == [
        f"seodang-school:{name}" for name in ("rows", "answer", "speech-level", "sft", "sft", "exam")
    ]
    offer, teacher = steps[1].teacher
    assert offer.name == "gpt" and teacher.options == Gpt.Options(model="large", temperature=0.0)
    assert steps[2].capability.options.level == "formal" and steps[2].entry.only == ("rows",)
    assert steps[3].capability.options == Sft.Options(model="EleutherAI/polyglot-ko-1.3b", max_tokens=64)
    assert steps[4].capability.options.model == "" and steps[4].entry.reserved["model"] == "step:sft"
    assert [name for name, _ in steps[5].students] == ["mine", "folder"]
    assert steps[5].students[0][1][1].options.path == "model"


def test_a_judge_takes_the_flat_keys_where_there_is_no_teacher(check):
    text = HEAD + SEEDS + '[[step]]\nfilter = "speech-level"\njudge = "gpt"\nmodel = "small"\n'
    step = check(text)[1]
    assert step.teacher is None and step.judge[1].options.model == "small"


def test_the_reserved_keys_belong_to_the_teacher_and_not_to_the_lesson(told):
    text = HEAD + SEEDS + '[[step]]\nteach = "answer"\nteacher = "parrot"\ntemperature = 0.5\n'
    assert told("en", text) == [
        "r.toml:10, step 2 (teach answer): the teacher parrot has no option 'temperature'. Remove it, or choose another teacher."
    ]
    assert told("ko", text) == [
        "r.toml:10, 2단계(teach answer): 교사 parrot에는 옵션 'temperature'가 없습니다. 지우거나 다른 교사를 고르세요."
    ]


PROBLEMS = [
    (
        '[[step]]\nfilter = "speech-levle"\n',
        "8, step 2 (filter speech-levle): No installed plugin offers",
        "8, 2단계(filter speech-levle): ",
    ),
    (
        '[[step]]\nfilter = "speech-level"\nlevle = "formal"\n',
        "9, step 2 (filter speech-level): unknown option 'levle'. Did you mean 'level'?",
        "9, 2단계(filter speech-level): 알 수 없는 옵션 'levle'. 혹시 'level'이 아닌가요?",
    ),
    (
        '[[step]]\nseeds = "rows"\n',
        "7, step 2 (seeds rows): option 'path' is missing; it must be a text in quotation marks.",
        "7, 2단계(seeds rows): 옵션 'path'가 빠졌습니다. 값은 문자열이어야 합니다.",
    ),
    (
        '[[step]]\nseeds = "rows"\npath = "row.jsonl"\n',
        "9, step 2 (seeds rows): 'path' names 'row.jsonl', and there is no such file in {here}. Did you mean 'rows.jsonl'?",
        "9, 2단계(seeds rows): 'path'에 적힌 'row.jsonl'이 {here}에 없습니다. 혹시 'rows.jsonl'이 아닌가요?",
    ),
    (
        '[[step]]\nteach = "answer"\n',
        '8, step 2 (teach answer): names no teacher. Add one, as in teacher = "NAME". Here: gpt, parrot.',
        '8, 2단계(teach answer): 교사가 없습니다. teacher = "이름"을 더하세요. 쓸 수 있는 교사: gpt, parrot.',
    ),
    (
        '[[step]]\nfilter = "speech-level"\ntemperature = 1\n',
        "9, step 2 (filter speech-level): 'temperature' is an option of a teacher, and this step names none. "
        'Add teacher = "NAME", or remove it.',
        (
            "9, 2단계(filter speech-level): 'temperature'는 교사의 옵션인데 이 단계에는 교사가 "
            '없습니다. teacher = "이름"을 더하거나 지우세요.'
        ),
    ),
    (
        '[[step]]\nteach = "answer"\nteacher = "mian"\n[teachers.main]\nuse = "parrot"\n',
        "9, step 2 (teach answer): no teacher 'mian': neither a table [teachers.mian] nor a plugin. Did you mean 'main'?",
        (
            "9, 2단계(teach answer): 교사 'mian'이 없습니다. [teachers.mian] 표도 없고 그런 "
            "플러그인도 없습니다. 혹시 'main'이 아닌가요?"
        ),
    ),
    (
        '[[step]]\nteach = "answer"\nteacher = "gpt"\nmodel = 4\n',
        "10, step 2 (teach answer): 'model' must be a text in quotation marks, not 4.",
        "10, 2단계(teach answer): 'model'의 값은 문자열이어야 하는데 지금은 4입니다.",
    ),
    (
        "[teachers.big]\nmodel = 'm'\n",
        "7: the teacher 'big' does not say which plugin it is. Add use = \"PLUGIN\". Installed: gpt, parrot.",
        "7: 교사 'big'에 쓸 플러그인이 적혀 있지 않습니다. use = \"플러그인\"을 더하세요. 설치된 것: gpt, parrot.",
    ),
    (
        "[teachers.big]\nuse = 'gpt'\nmodle = 'm'\n",
        "9: unknown option 'modle'. Did you mean 'model'?",
        "9: 알 수 없는 옵션 'modle'. 혹시 'model'이 아닌가요?",
    ),
    (
        '[[step]]\nfilter = "fussy"\n',
        "7, step 2 (filter fussy): seodang-school:fussy 0 failed with these options (RuntimeError: no licence). "
        "This is a fault of the plugin: tell its author.",
        "7, 2단계(filter fussy): 이 옵션으로 seodang-school:fussy 0이 실패했습니다(RuntimeError: no licence). "
        "플러그인의 결함이니 만든 사람에게 알리세요.",
    ),
    (
        '[[step]]\nevaluate = "exam"\n',
        (
            "8, step 2 (evaluate exam): there is no student to measure. Put a train step before "
            'it, or name one with: student = "NAME"'
        ),
        '8, 2단계(evaluate exam): 평가할 학생이 없습니다. 앞에 train 단계를 두거나 student = "이름"으로 지정하세요.',
    ),
    (
        '[[step]]\nfilter = "speech-level"\nsplitter = "kss"\n',
        "9, step 2 (filter speech-level): No installed plugin offers",
        "9, 2단계(filter speech-level): ",
    ),
    (
        '[[step]]\nteach = "answer"\nteacher = "gpt"\nmodel = "m"\n[teachers.x]\nuse = "gpt"\napi_key = "sk-verysecret"\n',
        (
            "13: 'api_key' holds a secret itself. Recipes are shared: put it into an environment "
            'variable and write api_key = "env:NAME".'
        ),
        (
            "13: 'api_key'에 비밀 값이 그대로 적혀 있습니다. 레시피는 남과 나누는 파일입니다. 값을 환경 "
            '변수에 넣고 api_key = "env:이름"이라고 쓰세요.'
        ),
    ),
]


@pytest.mark.parametrize(("text", "english", "korean"), PROBLEMS, ids=range(len(PROBLEMS)))
def test_each_problem_is_told_with_file_line_and_step(told, tmp_path, text, english, korean):
    for language, expected in {"en": english, "ko": korean}.items():
        (problem,) = told(language, HEAD + SEEDS + text)
        assert problem.startswith(f"r.toml:{expected.replace('{here}', str(tmp_path))}")


def test_problems_of_shape_options_and_plugins_are_told_together(told):
    text = (
        HEAD
        + 'requires = ["seodang-papago>=0.2,<0.3"]\n'
        + SEEDS
        + '[[step]]\nfiltr = "a"\n[[step]]\nfilter = "speech-level"\nlevle = 1\nteacher = "x"\n'
    )
    problems = told("en", text, "rows.path=nowhere.jsonl")
    assert [problem.partition(",")[0].partition(": ")[0] for problem in problems] == [
        "r.toml:4", "r.toml:9", "r.toml:12", "r.toml:13", "--set rows.path=nowhere.jsonl",
    ]  # fmt: skip


def test_a_plugin_that_is_not_installed_is_asked_for_with_the_pip_line(told):
    text = HEAD + 'requires = ["seodang-papago>=0.2,<0.3", "click>=100"]\n' + SEEDS
    missing, unmet = told("en", text)
    assert missing == (
        "r.toml:4: the recipe needs seodang-papago, which is not installed. Install it with: "
        "pip install 'seodang-papago>=0.2,<0.3'"
    )
    assert unmet.startswith("r.toml:4: the recipe needs click>=100, and click 8") and unmet.endswith("pip install 'click>=100'")
    missing, unmet = told("ko", text)
    assert (
        missing
        == "r.toml:4: 이 레시피에 필요한 seodang-papago가 설치되어 있지 않습니다. 설치: pip install 'seodang-papago>=0.2,<0.3'"
    )
    assert unmet.startswith("r.toml:4: 이 레시피에는 click>=100이 필요한데 click 8") and unmet.endswith(
        "변경: pip install 'click>=100'"
    )


def test_two_plugins_of_one_name_are_both_named(told, plugins):
    text = HEAD + SEEDS + '[[step]]\nfilter = "speech-level"\n'
    (problem,) = told("en", text, offers=plugins(School(), Twin()))
    assert "seodang-school:speech-level" in problem and "seodang-twin:speech-level" in problem
    assert problem.startswith("r.toml:8, step 2 (filter speech-level): ")


def test_a_problem_of_a_setting_names_the_setting(told):
    text = HEAD + SEEDS + '[[step]]\nfilter = "speech-level"\n'
    assert told("en", text, "speech-level.levle=formal") == [
        "--set speech-level.levle=formal: unknown option 'levle'. Did you mean 'level'?"
    ]
    assert told("ko", text, "speech-level.levle=formal") == [
        "--set speech-level.levle=formal: 알 수 없는 옵션 'levle'. 혹시 'level'이 아닌가요?"
    ]


def test_a_table_of_a_teacher_is_told_once_however_many_steps_name_it(told):
    lesson = '[[step]]\nteach = "answer"\nteacher = "big"\n'
    problems = told("en", HEAD + SEEDS + lesson + lesson + '[teachers.big]\nuse = "gpt"\nmodel = 3\n')
    assert problems == ["r.toml:15: 'model' must be a text in quotation marks, not 3."]


def test_a_broken_plugin_is_mentioned_because_its_absence_may_be_the_cause(tmp_path, monkeypatch):
    from seodang.plugins.offers import Broken, Offers, new_manager

    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    broken = Broken(distribution="seodang-broken", version="1", entry_point="broken", reason="No module named 'libcudart'")
    path = tmp_path / "r.toml"
    path.write_text(HEAD + '[[step]]\nseeds = "rows"\n')
    with pytest.raises(RecipeError) as caught:
        resolve(read_recipe(path), Offers(new_manager(), (), (), [broken]))
    (note,) = caught.value.__notes__
    assert "seodang-broken" in note and "libcudart" in note
