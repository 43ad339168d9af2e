"""A task that SkyPilot takes: its keys are those of its documentation, its command is the one that resumes, and no key stands in it."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
import yaml
from seodang.commandline import main

KEYS = {
    "name",
    "workdir",
    "num_nodes",
    "resources",
    "envs",
    "secrets",
    "file_mounts",
    "volumes",
    "setup",
    "run",
    "config",
    "service",
}
RESOURCES = {
    "infra", "accelerators", "accelerator_args", "cpus", "memory", "instance_type", "use_spot", "disk_size", "disk_tier", "network_tier",
    "image_id", "ports", "labels", "autostop", "any_of", "ordered", "job_recovery",
}  # fmt: skip
RECOVERY = {"strategy", "max_restarts_on_errors", "recover_on_exit_codes"}
MOUNT = {"name", "source", "store", "persistent", "mode", "config"}
"""The fields of docs.skypilot.co, reference/yaml-spec and examples/managed-jobs, as read in November 2026."""


@pytest.fixture
def write(tmp_path: Path, monkeypatch, capsys):
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    (tmp_path / "KoAlpaca v1.1.toml").write_text("", encoding="utf-8")

    def written(*arguments: str, language: str = "en"):
        monkeypatch.setenv("SEODANG_LANGUAGE", language)
        with pytest.raises(SystemExit) as ended:
            main(["skypilot", str(tmp_path / "KoAlpaca v1.1.toml"), str(tmp_path / "sky.yaml"), *arguments])
        said = capsys.readouterr()
        return ended.value.code, said.out, said.err

    return written


def test_the_task_has_the_fields_that_skypilot_documents(write, tmp_path):
    code, out, err = write(
        "--bucket", "s3://my-runs", "--accelerators", "A100:8", "--secret", "HF_TOKEN", "--install", "seodang", "--install", "seodang-train>=0.1",
        "--set", "sft.devices=8",
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert out.strip().endswith("sky jobs launch sky.yaml --secret HF_TOKEN")
    task = yaml.safe_load((tmp_path / "sky.yaml").read_text(encoding="utf-8"))
    assert set(task) <= KEYS and {"name", "resources", "file_mounts", "run"} <= set(task)
    resources = task["resources"]
    assert set(resources) <= RESOURCES and resources["use_spot"] is True and resources["accelerators"] == "A100:8"
    assert set(resources["job_recovery"]) <= RECOVERY and resources["job_recovery"]["recover_on_exit_codes"] == [75]
    ((place, mount),) = task["file_mounts"].items()
    assert set(mount) <= MOUNT and mount == {"source": "s3://my-runs", "mode": "MOUNT_CACHED"}
    assert task["secrets"] == {"HF_TOKEN": None}, "SkyPilot takes the value from whoever launches"
    assert shlex.split(task["run"]) == [
        "exec", "seodang", "run", "KoAlpaca v1.1.toml", "--run-dir", f"{place}/koalpaca-v1-1", "--set", "sft.devices=8",
    ]  # fmt: skip
    assert shlex.split(task["setup"]) == ["pip", "install", "seodang", "seodang-train>=0.1"]


def test_without_gpus_and_keys_there_are_no_empty_fields(write, tmp_path):
    assert write("--bucket", "gs://runs")[0] == 0
    task = yaml.safe_load((tmp_path / "sky.yaml").read_text(encoding="utf-8"))
    assert "secrets" not in task and "accelerators" not in task["resources"]


@pytest.mark.parametrize(
    ("arguments", "english", "korean"),
    [
        (("--bucket", "s3://runs", "--secret", "HF_TOKEN=hf_abc"), "--secret takes a name such as HF_TOKEN and never a value.", "값은 쓰지 않습니다."),
        (("--bucket", "runs"), "runs is no bucket.", "runs는 버킷이 아닙니다."),
    ],
)  # fmt: skip
def test_mistakes(write, tmp_path, arguments, english, korean):
    for language, expected in (("en", english), ("ko", korean)):
        code, out, err = write(*arguments, language=language)
        assert code == 4 and expected in err and "hf_abc" not in out + err
    assert not (tmp_path / "sky.yaml").exists()


def test_a_file_of_yours_is_not_replaced(write, tmp_path):
    assert write("--bucket", "s3://runs")[0] == 0
    code, _, err = write("--bucket", "s3://other")
    assert code == 4 and "sky.yaml exists already." in err
    assert "s3://runs" in (tmp_path / "sky.yaml").read_text(encoding="utf-8")
    _, _, err = write("--bucket", "s3://other", language="ko")
    assert "sky.yaml이 이미 있습니다." in err or "sky.yaml가 이미 있습니다." in err
