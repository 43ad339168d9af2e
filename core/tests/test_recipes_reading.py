"""A recipe that cannot be read says why in one block, in Korean and in English, and never with a traceback."""

import os

import pytest
from seodang import __version__
from seodang.errors import RecipeError
from seodang.recipes.problems import raise_all
from seodang.recipes.reading import read_recipe
from seodang_locale_ko.particles import attach

GOOD = """
[recipe]
name = "koalpaca-v1.1"
language = "ko"
seed = 20230405

[[step]]
seeds = "handcrafted"
path = "rows.jsonl"

[[step]]
filter = "novelty"
threshold = 0.7

[[step]]
filter = "novelty"

[teachers.gpt]
use = "openai"
model = "gpt-4o-mini"

[rates]
EUR-USD = 1.08
"""


@pytest.fixture
def recipe(tmp_path, monkeypatch):
    """Writes a recipe, and tells its problems: what `told` returns is what a person reads."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")

    class Written:
        def __init__(self):
            self.path = tmp_path.joinpath("koalpaca.toml").relative_to(tmp_path)

        def write(self, text):
            self.path.write_bytes(text if isinstance(text, bytes) else text.encode())
            return self

        def read(self, *settings):
            return read_recipe(self.path, settings)

        def told(self, language="en", *settings):
            monkeypatch.setenv("SEODANG_LANGUAGE", language)
            with pytest.raises(RecipeError) as caught:
                raise_all(self.read(*settings).problems)
            assert caught.value.exit_code == 3
            return str(caught.value).splitlines()

    return Written()


def test_a_recipe_is_read_as_it_is_written(recipe):
    read = recipe.write(GOOD).read()
    assert (read.name, read.language, read.seed, read.problems) == ("koalpaca-v1.1", "ko", 20230405, ())
    assert [(entry.number, entry.verb, entry.plugin, entry.name) for entry in read.entries] == [
        (1, "seeds", "handcrafted", "handcrafted"),
        (2, "filter", "novelty", "novelty"),
        (3, "filter", "novelty", "novelty-2"),
    ]
    assert read.entries[1].options == {"threshold": 0.7}
    assert (read.entries[1].line, read.entries[1].lines["threshold"]) == (11, 13)
    assert read.teachers == {"gpt": {"use": "openai", "model": "gpt-4o-mini"}} and read.rates == {"EUR-USD": 1.08}


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(recipe):
    read = recipe.write(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()).read()
    assert read.problems == () and read.entries[1].line == 11


UNREADABLE = [
    (
        b"",
        "koalpaca.toml: the recipe is empty. 'seodang init DIR' writes one that runs at once.",
        "koalpaca.toml: 레시피가 비어 있습니다. 'seodang init DIR'을 실행하면 바로 실행되는 레시피가 만들어집니다.",
    ),
    (
        b"# only a comment\n",
        "koalpaca.toml: the recipe is empty. 'seodang init DIR' writes one that runs at once.",
        "koalpaca.toml: 레시피가 비어 있습니다. 'seodang init DIR'을 실행하면 바로 실행되는 레시피가 만들어집니다.",
    ),
    (
        b'[recipe]\nname = "a\n',
        "koalpaca.toml:2, column 10: not valid TOML: Illegal character '\\n'. The line reads: name = \"a",
        "koalpaca.toml:2, 10번째 칸: 올바른 TOML이 아닙니다: Illegal character '\\n'. 해당 줄: name = \"a",
    ),
    (
        b"[recipe",
        "koalpaca.toml:1, column 8: not valid TOML: Expected ']' at the end of a table declaration. The line reads: [recipe",
        "koalpaca.toml:1, 8번째 칸: 올바른 TOML이 아닙니다: Expected ']' at the end of a table declaration. 해당 줄: [recipe",
    ),
    (
        "[recipe]\nname = '서당'\n".encode("cp949"),
        "koalpaca.toml:2: byte 0xbc is not UTF-8. Save the recipe as UTF-8.",
        "koalpaca.toml:2: 바이트 0xbc는 UTF-8이 아닙니다. 레시피를 UTF-8로 저장하세요.",
    ),
    (
        b"a = " + b"[" * 5000,
        "koalpaca.toml: brackets are nested too deeply to be a recipe.",
        "koalpaca.toml: 괄호가 너무 깊이 겹쳐 있어 레시피로 볼 수 없습니다.",
    ),
    (
        b'[recipe]\nlanguage = "ko"\n',
        'koalpaca.toml: the recipe has no steps. A step begins with [[step]] and a verb, as in: seeds = "handcrafted"',
        'koalpaca.toml: 레시피에 단계가 없습니다. 단계는 [[step]]과 동사로 시작합니다. 예: seeds = "handcrafted"',
    ),
    (
        b'[recipe]\nseodang = ">=0.5"\nnew-key = 1\n',
        (
            f"koalpaca.toml:2: this recipe asks for seodang >=0.5, and this is {__version__}. "
            f"Upgrade with: pip install 'seodang>=0.5'"
        ),
        (
            f"koalpaca.toml:2: 이 레시피에는 seodang >=0.5가 필요한데 지금 버전은 {__version__}입니다. "
            f"이렇게 바꾸세요: pip install 'seodang>=0.5'"
        ),
    ),
    (
        b"[recipe]\nformat = 2\nnew-key = 1\n",
        (
            f"koalpaca.toml:2: this recipe has format 2; seodang {__version__} reads up to format 1. "
            f"Upgrade with: pip install --upgrade seodang"
        ),
        (
            f"koalpaca.toml:2: 이 레시피의 형식은 2인데 seodang {attach(__version__, '은/는')} 형식 1까지만 "
            f"읽습니다. 이렇게 올리세요: pip install --upgrade seodang"
        ),
    ),
]


@pytest.mark.parametrize(("content", "english", "korean"), UNREADABLE, ids=range(len(UNREADABLE)))
def test_what_cannot_be_read_is_one_problem_with_its_remedy(recipe, content, english, korean):
    recipe.write(content)
    assert recipe.told("en") == [english]
    assert recipe.told("ko") == [korean]


def test_a_missing_file_is_told_with_the_nearest_one(recipe, tmp_path):
    (tmp_path / "koalpacca.toml").write_text(GOOD)
    assert recipe.told() == [
        (
            "koalpaca.toml: there is no such file. Did you mean 'koalpacca.toml'? 'seodang init "
            "DIR' writes a recipe that runs at once."
        )
    ]
    assert recipe.told("ko") == [
        "koalpaca.toml: 그런 파일이 없습니다. 혹시 'koalpacca.toml'이 아닌가요? "
        "'seodang init DIR'을 실행하면 바로 실행되는 레시피가 만들어집니다."
    ]


def test_a_directory_is_no_recipe(recipe, tmp_path):
    (tmp_path / "koalpaca.toml").mkdir()
    (tmp_path / "koalpaca.toml" / "recipe.toml").write_text(GOOD)
    assert recipe.told() == ["koalpaca.toml: this is a directory, not a recipe. Did you mean 'recipe.toml'?"]
    assert recipe.told("ko") == ["koalpaca.toml: 레시피가 아니라 디렉터리입니다. 혹시 'recipe.toml'이 아닌가요?"]


def test_a_file_that_cannot_be_opened_says_why(recipe, tmp_path):
    os.symlink("koalpaca.toml", tmp_path / "koalpaca.toml")  # a file that leads to itself, which root cannot open either
    (english,), (korean,) = recipe.told(), recipe.told("ko")
    assert english.startswith("koalpaca.toml: cannot be read (") and english.endswith("Check the file and its permissions.")
    assert korean.startswith("koalpaca.toml: 읽을 수 없습니다(") and korean.endswith("파일과 접근 권한을 확인하세요.")


SHAPES = [
    ("nam = 1", "3: unknown key 'nam'. Did you mean 'name'?", "3: 알 수 없는 키 'nam'. 혹시 'name'이 아닌가요?"),
    (
        'name = "a/b"',
        "3: 'a/b' cannot be a name. Use letters, digits, dots, hyphens and underscores, and begin with a letter or a digit.",
        "3: 'a/b'는 이름으로 쓸 수 없습니다. 글자, 숫자, 점, 빼기, 밑줄만 쓰고 글자나 숫자로 시작하세요.",
    ),
    (
        "seed = -1",
        "3: 'seed' must be a whole number, at least 0 and at most 9223372036854775807, not -1.",
        "3: 'seed'의 값은 0 이상 9223372036854775807 이하의 정수여야 하는데 지금은 -1입니다.",
    ),
    (
        'requires = ["seodang deepl"]',
        "3: 'seodang deepl' is no requirement. Write a distribution and its versions, as in 'seodang-deepl>=0.1,<0.2'.",
        "3: 'seodang deepl'은 올바른 요구 사항이 아닙니다. 'seodang-deepl>=0.1,<0.2'처럼 배포판과 버전을 적으세요.",
    ),
    (
        "[rate]",
        "3: unknown table or key 'rate'. Did you mean '[rates]'?",
        "3: 알 수 없는 표 또는 키 'rate'. 혹시 '[rates]'가 아닌가요?",
    ),
    (
        "[rates]\nEUR = 1.0",
        "4: 'EUR' is no pair of currencies. Write what one unit of the first costs in the second, as in EUR-USD = 1.08.",
        "4: 'EUR'은 통화 쌍이 아닙니다. 앞 통화 한 단위의 값을 뒤 통화로 적으세요. 예: EUR-USD = 1.08",
    ),
    (
        "[rates]\nEUR-USD = 0",
        "4: 'rates.EUR-USD' must be a number, above 0, not 0.",
        "4: 'rates.EUR-USD'의 값은 0 초과의 수여야 하는데 지금은 0입니다.",
    ),
    (
        '[[step]]\nfiltr = "novelty"',
        "4, step 1: unknown verb 'filtr'. Did you mean 'filter'?",
        "4, 1단계: 알 수 없는 동사 'filtr'. 혹시 'filter'가 아닌가요?",
    ),
    (
        '[[step]]\nfilter = "novelty"\nteach = "answer"',
        "3, step 1: teach, filter in one step. Each step has one verb; write a second [[step]].",
        "3, 1단계: 한 단계에 teach, filter가 함께 있습니다. 동사는 단계마다 하나입니다. [[step]]을 하나 더 쓰세요.",
    ),
    (
        "[[step]]\nk = 1",
        "3, step 1: the step does not say what it does (its keys: k). "
        'Begin it with one of seeds, translate, teach, filter, train, evaluate, as in: filter = "novelty"',
        "3, 1단계: 무엇을 하는 단계인지 적혀 있지 않습니다(적힌 키: k). "
        'seeds, translate, teach, filter, train, evaluate 가운데 하나로 시작하세요. 예: filter = "novelty"',
    ),
    (
        "[[step]]\ntrain = 3",
        "3, step 1: 'train' names a plugin, as in train = \"name\"; 3 is no name.",
        "3, 1단계: 'train'에는 train = \"이름\"처럼 플러그인 이름을 적습니다. 3은 이름이 아닙니다.",
    ),
    (
        '[[step]]\nseeds = "a"\n[[step]]\nfilter = "b"\nname = "a"\n[[step]]\nfilter = "c"\nname = "a"',
        "10, step 3 (filter c): an earlier step is named 'a' as well. Give one of them another name.",
        "10, 3단계(filter c): 앞에도 이름이 'a'인 단계가 있습니다. 둘 가운데 하나의 이름을 바꾸세요.",
    ),
    (
        '[[step]]\nseeds = "a"\nteacher = "gpt"',
        "5, step 1 (seeds a): 'teacher' means nothing in a step with 'seeds', only with translate, teach, filter, evaluate. Remove it.",
        "5, 1단계(seeds a): 'teacher'는 'seeds' 단계에서는 아무 뜻이 없고 translate, teach, filter, evaluate에서만 쓰입니다. 지우세요.",
    ),
    (
        '[[step]]\ntrain = "sft"\n[[step]]\nevaluate = "a"\nstudent = "base"\nstudents = ["base"]',
        "8, step 2 (evaluate a): 'student' and 'students' stand in one step. Keep one of them.",
        "8, 2단계(evaluate a): 한 단계에 'student'와 'students'가 함께 있습니다. 하나만 남기세요.",
    ),
    (
        '[[step]]\nseeds = "kin"\n[[step]]\nfilter = "a"\nonly = ["kinn"]',
        "7, step 2 (filter a): 'only' names 'kinn', and no seeds step of that name comes before. Did you mean 'kin'?",
        "7, 2단계(filter a): 'only'에 적힌 'kinn'이라는 seeds 단계가 앞에 없습니다. 혹시 'kin'이 아닌가요?",
    ),
    (
        '[[step]]\ntrain = "sft"\n[[step]]\ntrain = "sft"\nmodel = "step:stf"',
        "7, step 2 (train sft): 'model' names the step 'stf', and no train step of that name comes before. Did you mean 'sft'?",
        "7, 2단계(train sft): 'model'에 적힌 'stf'라는 train 단계가 앞에 없습니다. 혹시 'sft'가 아닌가요?",
    ),
    (
        '[[step]]\nevaluate = "a"\nstudent = "newest"',
        "5, step 1 (evaluate a): 'student' names 'newest', and no train step comes before.",
        "5, 1단계(evaluate a): 'student'에 'newest'가 적혀 있는데 앞에 train 단계가 없습니다.",
    ),
]


@pytest.mark.parametrize(("text", "english", "korean"), SHAPES, ids=range(len(SHAPES)))
def test_a_wrong_shape_is_told_with_its_line(recipe, text, english, korean):
    steps = "" if "[[step]]" in text else '\n[[step]]\nseeds = "a"\n'
    text = text if text.startswith("[") else text + "\n"
    recipe.write(f'[recipe]\nlanguage = "ko"\n{text}{steps}')
    assert recipe.told() == [f"koalpaca.toml:{english}"]
    assert recipe.told("ko") == [f"koalpaca.toml:{korean}"]


def test_a_recipe_without_a_head_is_shown_one(recipe):
    recipe.write('[[step]]\nseeds = "a"\n')
    assert recipe.told() == [
        "koalpaca.toml: the table [recipe] is missing. Begin the file with:",
        "  [recipe]",
        '  name = "koalpaca"',
        '  language = "ko"',
    ]
    assert recipe.told("ko")[0] == "koalpaca.toml: [recipe] 표가 없습니다. 파일을 이렇게 시작하세요."


def test_a_recipe_needs_a_language_and_takes_its_name_from_the_file(recipe):
    steps = '[[step]]\nseeds = "a"\n'
    recipe.write("[recipe]\n" + steps)
    (english,), (korean,) = recipe.told(), recipe.told("ko")
    assert english.startswith("koalpaca.toml:1: 'language' is missing; it must be a text")
    assert korean.startswith("koalpaca.toml:1: 'language'가 빠졌습니다.")
    recipe.write('[recipe]\nlanguage = "Korean"\n' + steps)
    assert recipe.told() == [
        'koalpaca.toml:2: \'Korean\' is not the code of a language. Write language = "ko" or "en", for example.'
    ]
    assert recipe.told("ko") == ['koalpaca.toml:2: \'Korean\'은 언어 코드가 아닙니다. language = "ko"나 "en"처럼 쓰세요.']
    recipe.write('[recipe]\nlanguage = "ko"\n' + steps)
    assert recipe.read().name == "koalpaca"


def test_steps_in_single_brackets_are_told_apart(recipe):
    recipe.write('[recipe]\nlanguage = "ko"\n[step]\nseeds = "a"\n')
    assert recipe.told() == ["koalpaca.toml:3: steps are written as [[step]], one for each, with two brackets."]
    assert recipe.told("ko") == ["koalpaca.toml:3: 단계는 하나마다 대괄호를 두 번 써서 [[step]]으로 적습니다."]


def test_all_problems_are_told_at_once_in_the_order_of_their_lines(recipe):
    recipe.write('[recipe]\nlanguage = "ko"\nseed = "x"\n[rate]\n[[step]]\nfiltr = "a"\n[[step]]\nteach = ""\n')
    lines = [int(problem.split(":")[1].split(",")[0]) for problem in recipe.told("en", "nothing")[:-1]]
    assert lines == [3, 4, 6, 7]
    assert recipe.told("en", "nothing")[-1].startswith("--set nothing: ")


def test_set_changes_an_option_before_the_recipe_is_checked(recipe):
    recipe.write(GOOD)
    read = recipe.read(
        "novelty.threshold=0.9",
        "novelty-2.field=answer",
        "recipe.seed=7",
        "teachers.gpt.model=gpt-5",
        'novelty.only=["handcrafted"]',
    )
    assert read.entries[1].options == {"threshold": 0.9} and read.entries[2].options == {"field": "answer"}
    assert read.entries[1].only == ("handcrafted",)
    assert read.seed == 7 and read.teachers["gpt"]["model"] == "gpt-5"
    assert read.text == GOOD


SCALED = """

[scales.toy]
novelty.threshold = 0.9
teachers.gpt.base_url = "http://127.0.0.1:8011/v1"
recipe.seed = 7

[[scales.toy.step]]
seeds = "handcrafted"
name = "few"
pth = "few.jsonl"
"""


def test_a_scale_sets_options_and_puts_steps_first_and_what_is_set_beside_it_wins(recipe):
    recipe.write(GOOD + SCALED)
    whole, toy = recipe.read(), recipe.read('novelty.only=["few"]', "scale=toy")
    assert toy.name == f"{whole.name}-toy", "two sizes do not share a folder"
    assert [entry.name for entry in toy.entries] == ["few", *(entry.name for entry in whole.entries)]
    assert toy.entries[2].options["threshold"] == 0.9 and toy.entries[2].only == ("few",) and toy.seed == 7
    assert toy.teachers["gpt"] == {**whole.teachers["gpt"], "base_url": "http://127.0.0.1:8011/v1"}
    assert recipe.read("scale=toy", "novelty.threshold=0.5").entries[2].options["threshold"] == 0.5
    written = (GOOD + SCALED).splitlines()
    assert written[toy.entries[0].lines["pth"] - 1] == 'pth = "few.jsonl"', "a problem is told where it is written"
    assert written[toy.entries[2].lines["threshold"] - 1] == "novelty.threshold = 0.9"
    assert toy.entries[1].line == whole.entries[0].line > 0


def test_a_scale_that_names_nothing_is_told_also_where_nobody_wants_it(recipe):
    recipe.write(GOOD + "\n[scales.toy]\nnovlty.threshold = 0.9\n")
    line = len(GOOD.splitlines()) + 3
    assert recipe.told("en") == [
        f"koalpaca.toml:{line}: the scale 'toy' sets something in 'novlty', and the recipe has no such step or table. Did you mean 'novelty'?"
    ]
    assert recipe.told("ko") == [
        f"koalpaca.toml:{line}: 규모 'toy'에서 'novlty'를 바꾸려 하는데, 레시피에 그런 단계나 표가 없습니다. 혹시 'novelty'가 아닌가요?"
    ]
    recipe.write(GOOD + SCALED)
    assert recipe.told("en", "scale=toi") == ["--set scale=toi: this recipe has no scale 'toi'. Did you mean 'toy'? It has: toy."]
    assert recipe.told("ko", "scale=toi") == [
        "--set scale=toi: 이 레시피에는 'toi'라는 규모가 없습니다. 혹시 'toy'가 아닌가요? 있는 것: toy"
    ]
    recipe.write("scales = 3\n" + GOOD)
    assert recipe.told("en") == ["koalpaca.toml:1: write scales as tables, as in [scales.toy] with lines like sft.max_steps = 3"]
    assert recipe.told("ko") == ["koalpaca.toml:1: 규모는 표로 쓰세요. 예: [scales.toy] 아래에 sft.max_steps = 3"]


def test_a_step_whose_name_has_dots_can_be_set(recipe):
    recipe.write(GOOD.replace('filter = "novelty"\n\n[teachers', 'filter = "novelty"\nname = "v1.1"\n\n[teachers'))
    assert recipe.read("v1.1.threshold=1").entries[2].options == {"threshold": 1}


def test_a_setting_that_fits_nowhere_is_told(recipe):
    recipe.write(GOOD)
    assert recipe.told("en", "novlty.threshold=1", "threshold") == [
        "--set novlty.threshold=1: there is no step 'novlty', or nothing to set there. Did you mean 'novelty'?",
        "--set threshold: write --set step.option=value, as in --set novelty.threshold=0.8",
    ]
    assert recipe.told("ko", "novlty.threshold=1", "threshold") == [
        "--set novlty.threshold=1: 'novlty'라는 단계가 없거나 거기에 바꿀 것이 없습니다. 혹시 'novelty'가 아닌가요?",
        "--set threshold: --set 단계.옵션=값 꼴로 쓰세요. 예: --set novelty.threshold=0.8",
    ]
    assert recipe.told("en", "recipe.seed=x") == [
        "--set recipe.seed=x: 'seed' must be a whole number, at least 0 and at most 9223372036854775807, not 'x'."
    ]
