"""AlpacaEval's annotators: the prompt that a `configs.yaml` names, and what its parser makes of the answer; and ours written as theirs.

Theirs asks once, in an order drawn from the instruction; ours asks in both, so that the place of an answer decides nothing. Their
`weighted_…` annotators read the probabilities of two tokens, for which a judge's answer here has no place: they are refused.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import seodang

from seodang_alpaca_eval.prompts import Shown, words_in

_CHAT = re.compile(r"<\|im_start\|>(\w+)\n(.*?)<\|im_end\|>", re.DOTALL)
_PARSERS = ("ranking_parser", "regex_parser", "lmsys_parser")
_REGEX_MEANS = {1: 1.0, 2: 0.0, 1.5: 0.5, 0: 0.5}
_SCORES = re.compile(r"\s*(\d+(?:\.\d+)?)[ ,]+(\d+(?:\.\d+)?)\s*")
ANSWER_TOKENS = 300


class Annotator:
    """One annotator of a file of theirs."""

    def __init__(self, path: Path, name: str) -> None:
        import yaml

        try:
            configs = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise seodang.DataError("seodang_alpaca_eval:not-configs", path=str(path), detail=str(error)) from None
        if not isinstance(configs, dict) or not all(isinstance(config, dict) for config in configs.values()):
            raise seodang.DataError("seodang_alpaca_eval:not-configs", path=str(path), detail=type(configs).__name__)
        if (name and name not in configs) or (not name and len(configs) != 1):
            raise seodang.DataError("seodang_alpaca_eval:which-annotator", path=str(path), name=name, known=sorted(configs))
        self._config: Mapping[str, Any] = configs[name or next(iter(configs))]
        self.name = f"annotator {name or next(iter(configs))}"
        self._parser = str(self._config.get("fn_completion_parser", ""))
        if self._parser not in _PARSERS:
            raise seodang.DataError("seodang_alpaca_eval:parser", path=str(path), parser=self._parser, known=list(_PARSERS))
        self._prompt = self._read_prompt(path)

    def request(self, shown: Shown, context: seodang.Context) -> seodang.Request:
        places = {"instruction": "\n\n".join(shown.question.turns[: shown.turns])}
        places |= {"output_1": shown.sides[0][-1], "output_2": shown.sides[-1][-1]}

        def filled(text: str) -> str:
            # One pass: an answer that holds «{output_2}» is not filled in again.
            return re.sub(r"\{(instruction|output_1|output_2)\}", lambda found: places[found[1]], text)

        messages = tuple(seodang.Message(role, filled(text.strip("\n"))) for role, text in _CHAT.findall(self._prompt))
        return seodang.Request(messages=messages or (seodang.Message("user", filled(self._prompt)),))

    def read(self, answer: seodang.Answer, shown: Shown) -> float | None:
        text = answer.message.text
        if self._parser == "lmsys_parser":
            return _by_scores(text)
        if self._parser == "regex_parser":
            return self._by_pattern(text)
        return _by_rank(text)

    def _by_pattern(self, text: str) -> float | None:
        """The first of their patterns that matches, where they match at different places the earliest."""
        patterns = self._config.get("completion_parser_kwargs", {}).get("outputs_to_match", {})
        found = {}
        for value, pattern in patterns.items():
            if match := re.search(str(pattern), text):
                found[match.start()] = float(value)
        return _REGEX_MEANS.get(found[min(found)]) if found else None

    def _read_prompt(self, path: Path) -> str:
        """Their path is written from the folder above the annotator's, as in `alpaca_eval_gpt4/prompt.txt`."""
        wanted = str(self._config.get("prompt_template", ""))
        for place in (path.parent / wanted, path.parent.parent / wanted, path.parent / Path(wanted).name):
            if wanted and place.is_file():
                return place.read_text(encoding="utf-8")
        raise seodang.DataError("seodang_alpaca_eval:no-prompt-file", path=str(path), wanted=wanted)


def _by_scores(text: str) -> float | None:
    """The scores of both in the first line, as in `8 7`: the prompt of Vicuna's evaluation asks for them."""
    found = _SCORES.fullmatch(text.strip().partition("\n")[0])
    if found is None:
        return None
    first, second = float(found[1]), float(found[2])
    return 0.5 if first == second else float(first > second)


def _by_rank(text: str) -> float | None:
    """A list of `{'model': …, 'rank': …}` in which `model_1` is the first answer, as theirs are written: Python, not JSON."""
    start, end = text.find("["), text.rfind("]")
    if not 0 <= start < end:
        return None
    try:
        ranks = {str(entry["model"]): int(entry["rank"]) for entry in ast.literal_eval(text[start : end + 1])}
        first, second = ranks["model_1"], ranks["model_2"]
    except (ValueError, SyntaxError, TypeError, KeyError, RecursionError, MemoryError):
        # Whatever it is, it is no ranking: the caller counts it as an answer without a verdict.
        return None
    return 0.5 if first == second else float(first < second)


def write_configs(folder: Path, language: str, model: str) -> None:
    """Our question to the judge as an annotator of AlpacaEval's: `configs.yaml` and the prompt that it names.

    Their tools ask in one order only and put answers into the prompt as they are: another protocol than ours, whose figures are theirs.
    """
    import yaml

    words = words_in(language)
    system = " ".join((words["pair"], words["pair-text"]))
    parts = [
        (words["question"], "{instruction}"),
        *((f"{words['answer']} {side}", f"{{output_{n}}}") for n, side in ((1, "A"), (2, "B"))),
    ]
    user = "\n\n".join(f"[{title}]\n{place}" for title, place in parts)
    prompt = f"<|im_start|>system\n{system}\n<|im_end|>\n<|im_start|>user\n{user}\n<|im_end|>\n"
    name = f"seodang_{language}"
    config = {
        "prompt_template": f"{name}/prompt.txt",
        "fn_completions": "openai_completions",
        "completions_kwargs": {"model_name": model, "max_tokens": ANSWER_TOKENS, "temperature": 0},
        "fn_completion_parser": "regex_parser",
        "completion_parser_kwargs": {"outputs_to_match": {1: r"\[\[A\]\]", 2: r"\[\[B\]\]", 1.5: r"\[\[C\]\]"}},
        "batch_size": 1,
    }
    place = folder / name
    place.mkdir(parents=True, exist_ok=True)
    (place / "prompt.txt").write_text(prompt, encoding="utf-8")
    (place / "configs.yaml").write_text(yaml.safe_dump({name: config}, allow_unicode=True, sort_keys=False), encoding="utf-8")
