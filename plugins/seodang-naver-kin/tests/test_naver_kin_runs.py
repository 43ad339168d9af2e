"""Whole runs: the README's examples, forgetting by address through the real command line, keys, masks and the plan."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from seodang_naver_kin.mock import mock_naver

pytest.importorskip("seodang_locale_ko", reason="the examples are Korean, and the mask needs the patterns of the language")
pytest.importorskip("seodang_answer", reason="what was made from a question has to be forgotten with it")
pytest.importorskip("seodang_echo", reason="somebody has to answer")

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
KEYS = {"NAVER_CLIENT_ID": "ident-7f3aQz19", "NAVER_CLIENT_SECRET": "gahoi-dong-42secret"}
URL = "https://kin.naver.com/qna/detail.naver?d1id=4&dirId=402&docId=80000000"
ROWS = "".join(
    json.dumps(
        {
            "title": f"{number}번 가게의 장부",
            "body": "전화는 010-1234-5678 입니다.",
            "answer": f"{number}번 답: jangbu@seodang.example",
            "adopted": True,
            "url": f"{URL}{number}&rank={number}",
        },
        ensure_ascii=False,
    )
    + "\n"
    for number in range(3)
)
TEACH = '\n[[step]]\nteach = "answer"\nteacher = "echo"\n'


@pytest.fixture
def seodang(tmp_path):
    """The real command line in a folder of its own. Gives exit code and output."""

    def run(*arguments: str, language: str = "en", **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "seodang", *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "SEODANG_LANGUAGE": language, **environment},
        )

    (tmp_path / "kin").mkdir()
    (tmp_path / "kin" / "rows.jsonl").write_text(ROWS, encoding="utf-8")
    run.folder = tmp_path
    return run


def everything_in(folder: Path) -> str:
    return "".join(path.read_bytes().decode("utf-8", "replace") for path in sorted(folder.rglob("*")) if path.is_file())


def test_the_readmes_first_example_and_forgetting_by_address(seodang):
    (seodang.folder / "recipe.toml").write_text(EXAMPLES[0] + TEACH, encoding="utf-8")
    done = seodang("run", "recipe.toml", "--run-dir", "run", "--quiet")
    assert done.returncode == 0, done.stderr
    shown = [json.loads(line) for line in seodang("show", "run", "naver-kin", "--json").stdout.splitlines()]
    for number, row in enumerate(shown):
        assert re.fullmatch(f"{number}번 가게의 장부\n\n전화는 <[^<>]+_1> 입니다.", row["messages"][0]["text"])
        assert re.fullmatch(f"{number}번 답: <[^<>]+_1>", row["columns"]["answer"])
    assert len(shown) == 3 and sum(shown[0]["tags"]["masked"].values()) == 2
    assert shown[1]["tags"]["rights"] == "글쓴이 동의서 2024-3"
    assert shown[1]["terms"] == ["LicenseRef-naver-kin"] and shown[1]["tags"]["url"] == f"{URL}1"

    forgotten = seodang("forget", "run", "--url", f"{URL}1", "--json")
    assert forgotten.returncode == 0, forgotten.stderr
    assert json.loads(forgotten.stdout)["rows"] == 2, "the seed and the answer that was made from it"
    left = everything_in(seodang.folder / "run")
    assert "1번 가게의 장부" not in left and "1번 답" not in left and "0번 가게의 장부" in left and "2번 가게의 장부" in left
    again = seodang("forget", "run", "--url", f"{URL}0&rank=0", "--json")
    assert json.loads(again.stdout)["rows"] == 2, "the address as it stood in the file names the row as well"


def test_the_readmes_second_example_against_the_mock(seodang):
    with mock_naver(total=120) as server:
        recipe = f'{EXAMPLES[1]}base_url = "{server.url}"\nrequests_per_second = 50\n'
        (seodang.folder / "recipe.toml").write_text(recipe, encoding="utf-8")
        missing = seodang("run", "recipe.toml", "--run-dir", "run", "--quiet")
        assert missing.returncode == 5 and "needs NAVER_CLIENT_ID, which is not set" in missing.stderr
        assert "echo" not in missing.stderr, "nothing called echo searches"
        done = seodang("run", "recipe.toml", "--run-dir", "run", "--quiet", **KEYS)
        assert done.returncode == 0, done.stderr
        again = seodang("run", "recipe.toml", "--run-dir", "run", "--quiet", **KEYS)
        assert again.returncode == 0 and server.counts().payments == 4, "a finished search is not repeated"
    shown = [json.loads(line) for line in seodang("show", "run", "naver-kin", "--json").stdout.splitlines()]
    assert shown and shown[0]["tags"]["query"] == "김칫독"
    assert not any(key in everything_in(seodang.folder / "run") for key in KEYS.values())


@pytest.mark.parametrize(
    ("fault", "code", "english"), [("401", 5, "did not accept the keys"), ("quota", 6, "answers no more calls")]
)
def test_a_failure_has_its_exit_code_and_no_key_is_left_anywhere(seodang, fault, code, english):
    from seodang.testing.wire_faults import Faults

    with mock_naver(faults=Faults(rates={fault: 1.0})) as server:
        (seodang.folder / "recipe.toml").write_text(f'{EXAMPLES[1]}base_url = "{server.url}"\n', encoding="utf-8")
        failed = seodang("run", "recipe.toml", "--run-dir", "run", "--quiet", **KEYS)
        korean = seodang("run", "recipe.toml", "--run-dir", "run", "--quiet", language="ko", **KEYS)
    assert failed.returncode == korean.returncode == code and english in failed.stderr
    assert ("받아들이지 않았습니다" if fault == "401" else "당분간 더 답하지 않습니다") in korean.stderr
    said = failed.stdout + failed.stderr + korean.stdout + korean.stderr + everything_in(seodang.folder / "run")
    assert not any(key in said for key in KEYS.values())


def test_unmasked_rows_reach_no_other_computer(seodang):
    teach = '\n[[step]]\nteach = "answer"\nteacher = "openai"\nmodel = "m"\ninput_price = 0\noutput_price = 0\n'
    pytest.importorskip("seodang_openai", reason="a teacher on another computer")
    environment = {"OPENAI_API_KEY": "sk-not-a-real-key"}
    (seodang.folder / "recipe.toml").write_text(f"{EXAMPLES[0]}mask = false\n{teach}", encoding="utf-8")
    stopped = seodang("run", "recipe.toml", "--run-dir", "run", "--quiet", **environment)
    assert stopped.returncode == 3 and "api.openai.com" in stopped.stderr, stopped.stderr
    (seodang.folder / "recipe.toml").write_text(f"{EXAMPLES[0]}{teach}", encoding="utf-8")
    planned = seodang("plan", "recipe.toml", "--run-dir", "other", "--json", **environment)
    assert planned.returncode == 0 and not json.loads(planned.stdout)["problems"], planned.stdout
