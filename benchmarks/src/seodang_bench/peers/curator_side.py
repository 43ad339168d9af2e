"""curator: a class with `prompt` and `parse`. Its own limits are set out of the way, and its telemetry is off."""

import json
import os
import sys
import tempfile


def count_tokens_without_a_download() -> None:
    """It loads a vocabulary from the network when it is made, to estimate costs that a mock does not have."""
    import tiktoken

    class Bytes:
        def encode(self, text: str, **_: object) -> list[int]:
            return list(text.encode()[::3])

    tiktoken.get_encoding = tiktoken.encoding_for_model = lambda *_: Bytes()


def main(url: str, rows: str, out: str, in_flight: str) -> None:
    os.environ |= {"TELEMETRY_ENABLED": "false", "CURATOR_VIEWER": "0", "CURATOR_CACHE_DIR": tempfile.mkdtemp(dir=".")}
    os.environ.setdefault("OPENAI_API_KEY", "none")
    count_tokens_without_a_download()
    from bespokelabs import curator

    class Answers(curator.LLM):
        def prompt(self, row: dict) -> str:
            return row["instruction"]

        def parse(self, row: dict, response: str) -> dict:
            return {"prompt": row["instruction"], "answer": response}

    with open(rows, encoding="utf-8") as lines:
        questions = [{"instruction": json.loads(line)["instruction"]} for line in lines]
    teacher = Answers(
        model_name="mock",
        backend="openai",
        backend_params={
            "base_url": url,
            "api_key": "none",
            "max_concurrent_requests": int(in_flight),
            "max_requests_per_minute": 10**7,
            "max_tokens_per_minute": 10**10,
        },
        generation_params={"max_tokens": 1024},
    )
    answered = teacher(questions)
    with open(out, "w", encoding="utf-8") as file:
        for row in getattr(answered, "dataset", answered):
            file.write(json.dumps({"prompt": row["prompt"], "answer": row["answer"]}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
