"""data-designer: the questions are a seed data set, the answers a column. Its health check, which would be paid for, is left out."""

import json
import os
import sys


def count_tokens_without_a_download() -> None:
    """It loads a vocabulary from the network for the statistics of its report."""
    import tiktoken

    class Bytes:
        def encode(self, text: str, **_: object) -> list[int]:
            return list(text.encode()[::3])

    tiktoken.get_encoding = tiktoken.encoding_for_model = lambda *_: Bytes()


def main(url: str, rows: str, out: str, in_flight: str) -> None:
    os.environ |= {"NEMO_TELEMETRY_ENABLED": "false", "DATA_DESIGNER_HOME": os.path.abspath("home")}
    count_tokens_without_a_download()
    import data_designer.config as dd
    import pandas
    from data_designer.interface import DataDesigner

    with open(rows, encoding="utf-8") as lines:
        questions = [json.loads(line)["instruction"] for line in lines]
    limits = dd.ChatCompletionInferenceParams(max_tokens=1024, max_parallel_requests=int(in_flight))
    model = dd.ModelConfig(alias="teacher", model="mock", provider="mock", inference_parameters=limits, skip_health_check=True)
    recipe = dd.DataDesignerConfigBuilder(model_configs=[model])
    recipe.with_seed_dataset(dd.DataFrameSeedSource(df=pandas.DataFrame({"question": questions})))
    recipe.add_column(dd.LLMTextColumnConfig(name="answer", prompt="{{ question }}", model_alias="teacher"))
    provider = dd.ModelProvider(name="mock", endpoint=url, provider_type="openai", api_key="none")
    answered = DataDesigner(artifact_path="artifacts", model_providers=[provider]).create(recipe, num_records=len(questions))
    with open(out, "w", encoding="utf-8") as file:
        for row in answered.load_dataset().to_dict("records"):
            file.write(json.dumps({"prompt": row["question"], "answer": row["answer"]}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
