"""What the layout writes, `datasets` loads; what the card says, the hub understands."""

import subprocess
import sys

import pytest
import seodang
import yaml
from seodang.testing import LayoutContract
from seodang.wording import render
from seodang_hub import Hub
from seodang_hub.cards import HUB_LICENCES, front_matter, hub_licence, licence_page


class Lines(seodang.Format):
    """A question and its answer."""

    name = "lines"
    needs = columns = ("q", "a")
    example = {"q": "서당이란?", "a": "마을 학교"}


class TestHub(LayoutContract):
    layout = Hub
    format = Lines


def dataset(write_rows=None, terms=("CC-BY-4.0",), name="서당 자료", license="") -> seodang.Dataset:
    return seodang.Dataset(
        name=name, format=Lines(), columns=("q", "a"), language="ko", terms=terms, card="# 서당 자료\n", write_rows=write_rows,
        license=license,
    )  # fmt: skip


def front(terms=("CC-BY-4.0",), rows=5, **facts) -> dict:
    text = front_matter(dataset(terms=terms, **facts), rows, "data/train-*.parquet")
    assert text.startswith("---\n") and text.endswith("---\n")
    return yaml.safe_load(text.strip("-\n"))


def test_the_licence_that_a_run_was_reviewed_for_stands_alone():
    assert front(("CC-BY-SA-3.0", "LicenseRef-KOGL-1"), license="cc-by-sa-4.0")["license"] == "cc-by-sa-4.0"
    assert "license_name" not in front(("LicenseRef-KOGL-1",), license="MIT")
    assert front(("MIT",), license="LicenseRef-village")["license_name"] == "LicenseRef-village"


def test_the_front_matter_is_what_the_hub_reads():
    assert front() == {
        "pretty_name": "서당 자료",
        "language": ["ko"],
        "license": "cc-by-4.0",
        "task_categories": ["text-generation"],
        "size_categories": ["n<1K"],
        "tags": ["seodang", "synthetic", "lines"],
        "configs": [{"config_name": "default", "data_files": [{"split": "train", "path": "data/train-*.parquet"}]}],
    }


def test_the_hubs_own_library_takes_the_card():
    huggingface_hub = pytest.importorskip("huggingface_hub")
    card = huggingface_hub.DatasetCard(
        front_matter(dataset(terms=("CC-BY-4.0", "LicenseRef-KOGL-1")), 5, "data/train-*") + "# x\n"
    )
    assert card.data.license == ["cc-by-4.0", "other"] and card.data.license_name == "LicenseRef-KOGL-1"


@pytest.mark.parametrize(
    ("rows", "size"),
    [(999, "n<1K"), (1_000, "1K<n<10K"), (99_999, "10K<n<100K"), (100_000, "100K<n<1M"), (1_000_000, "1M<n<10M"), (2 * 10**9, "1B<n<10B")],
)  # fmt: skip
def test_sizes_are_the_hubs(rows, size):
    assert front(rows=rows)["size_categories"] == [size]


@pytest.mark.parametrize(
    ("term", "spelt"),
    [
        ("Apache-2.0", "apache-2.0"), ("CC-BY-NC-SA-4.0", "cc-by-nc-sa-4.0"), ("CC0-1.0", "cc0-1.0"), ("GPL-3.0-only", "gpl-3.0"),
        ("AGPL-3.0-or-later", "agpl-3.0"), ("ODC-By-1.0", "odc-by"), ("ODbL-1.0", "odbl"), ("CDLA-Permissive-2.0", "cdla-permissive-2.0"),
        ("LicenseRef-KOGL-1", "other"), ("LicenseRef-exaone-1.2-nc", "other"), ("CC-BY-SA-2.0-KR", "other"), ("unknown", "unknown"),
        ("LicenseRef-unstated", "unknown"), ("NOASSERTION", "unknown"),
    ],
)  # fmt: skip
def test_licences_are_spelt_as_the_hub_spells_them(term, spelt):
    assert hub_licence(term) == spelt
    assert spelt in HUB_LICENCES or spelt in ("other", "unknown")


def test_what_the_hub_has_no_name_for_has_a_name_and_a_page():
    terms = ("LicenseRef-KOGL-1", "CC-BY-4.0", "LicenseRef-openai")
    assert front(terms)["license"] == ["other", "cc-by-4.0"]
    assert (
        front(terms)["license_name"] == "LicenseRef-KOGL-1 AND LicenseRef-openai" and front(terms)["license_link"] == "LICENSE.md"
    )
    assert (
        licence_page(terms).endswith("- CC-BY-4.0\n- LicenseRef-KOGL-1\n- LicenseRef-openai\n") and licence_page(("MIT",)) == ""
    )
    assert front(())["license"] == "unknown" and "license_name" not in front(())


def test_a_name_that_is_yaml_stays_a_name():
    assert front(name='no: "x" # 1')["pretty_name"] == 'no: "x" # 1'


def test_rows_are_parted_into_numbered_files(tmp_path):
    left = [3, 3, 1]

    def write_rows(path, most=None):
        assert most == 3
        path.parent.mkdir(exist_ok=True)
        path.write_text("{}\n" * (left[0] if left else 0))
        return left.pop(0) if left else 0

    Hub(Hub.Options(file="jsonl", rows_per_file=3)).write(dataset(write_rows, ("LicenseRef-KOGL-1",)), tmp_path)
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()) == [
        "LICENSE.md", "README.md", *(f"data/train-{number:05}-of-00003.jsonl" for number in range(3)),
    ]  # fmt: skip
    assert "size_categories:\n- n<1K\n" in (tmp_path / "README.md").read_text(encoding="utf-8")


def test_no_rows_are_no_dataset(tmp_path):
    with pytest.raises(seodang.DataError) as told:
        Hub().write(dataset(lambda path, most=None: 0), tmp_path)
    assert told.value.code == "seodang_hub:no-rows"


RECIPE = """
[recipe]
name = "lessons"
language = "ko"

[[step]]
seeds = "handcrafted"
path = "rows.jsonl"
licence = "CC-BY-4.0"

[[step]]
teach = "answer"
teacher = "echo"
"""
ROWS = "".join(f'{{"instruction": "{number} 더하기 1은?"}}\n' for number in range(7))

LOAD = """
import sys
from datasets import load_dataset
rows = load_dataset(sys.argv[1], split="train")
print(rows.num_rows, rows.column_names, rows[0]["messages"][0]["content"], rows[6]["messages"][1]["role"])
"""


def command(*arguments, **environ):
    import os

    return subprocess.run(
        [sys.executable, *map(str, arguments)], capture_output=True, text=True, timeout=240,
        env={**os.environ, "SEODANG_LANGUAGE": "en", **environ},
    )  # fmt: skip


@pytest.mark.parametrize("file", ["parquet", "jsonl"])
def test_from_a_recipe_to_what_datasets_loads(tmp_path, file):
    """The real command line, and the library that everybody loads the hub with, offline."""
    for module in ("datasets", "seodang_handcrafted", "seodang_answer", "seodang_echo", "seodang_instruct_data"):
        pytest.importorskip(module, reason=f"{module} is not installed")
    (tmp_path / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    (tmp_path / "rows.jsonl").write_text(ROWS, encoding="utf-8")
    done = command("-m", "seodang", "run", tmp_path / "recipe.toml", "--run-dir", tmp_path / "run", "--quiet")
    assert done.returncode == 0, done.stderr
    place = tmp_path / "hub"
    options = ("--option", f"file={file}", "--option", "rows_per_file=3")
    done = command("-m", "seodang", "export", tmp_path / "run", "--to", "messages", "--layout", "hub", place, *options)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"7 rows written to {place}.\n", "")
    assert sorted(path.name for path in (place / "data").iterdir()) == [f"train-{n:05}-of-00003.{file}" for n in range(3)]
    assert "2. teach by seodang-answer:answer: 7 in, 7 on" in (place / "README.md").read_text(encoding="utf-8")
    loaded = command(
        "-c", LOAD, place, HF_HUB_OFFLINE="1", HF_DATASETS_CACHE=str(tmp_path / "cache"), HF_HOME=str(tmp_path / "home")
    )
    assert loaded.stdout == "7 ['messages'] 0 더하기 1은? assistant\n", loaded.stderr


def test_terms_that_nobody_knows_are_refused_on_the_command_line(tmp_path):
    for module in ("seodang_handcrafted", "seodang_instruct_data"):
        pytest.importorskip(module, reason=f"{module} is not installed")
    (tmp_path / "recipe.toml").write_text(
        RECIPE.partition("[[step]]\nteach")[0].replace('licence = "CC-BY-4.0"', ""), encoding="utf-8"
    )
    (tmp_path / "rows.jsonl").write_text(ROWS, encoding="utf-8")
    assert command("-m", "seodang", "run", tmp_path / "recipe.toml", "--run-dir", tmp_path / "run", "--quiet").returncode == 0
    export = (
        "-m",
        "seodang",
        "export",
        tmp_path / "run",
        "--to",
        "messages",
        "--layout",
        "hub",
        tmp_path / "hub",
        "--option",
        "file=jsonl",
    )
    refused = command(*export)
    assert refused.returncode == 3 and not (tmp_path / "hub").exists()
    assert refused.stderr.startswith(
        "The layout hub is for publishing, and the terms of these records are not known (LicenseRef-unstated)."
    )
    assert command(*export, "--allow-terms").returncode == 0
    assert "license: unknown" in (tmp_path / "hub" / "README.md").read_text(encoding="utf-8")


def test_messages():
    assert render("seodang_hub:no-rows", {"format": "alpaca"}, "en") == (
        "No record can be written as alpaca, and the hub takes no empty dataset. Choose another format or step."
    )
    assert render("seodang_hub:no-rows", {"format": "alpaca"}, "ko") == (
        "alpaca로 쓸 수 있는 레코드가 없고, 허브는 빈 데이터셋을 받지 않습니다. 다른 형식이나 단계를 고르세요."
    )
