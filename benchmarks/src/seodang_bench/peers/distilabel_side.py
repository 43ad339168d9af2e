"""distilabel: a pipeline of two steps. A batch is as large as questions may be under way, and waits for its slowest."""

import json
import sys


def main(url: str, rows: str, out: str, in_flight: str) -> None:
    from distilabel.models import OpenAILLM
    from distilabel.pipeline import Pipeline
    from distilabel.steps import LoadDataFromDicts
    from distilabel.steps.tasks import TextGeneration

    with open(rows, encoding="utf-8") as lines:
        questions = [{"instruction": json.loads(line)["instruction"]} for line in lines]
    size = min(int(in_flight), len(questions))
    with Pipeline(name="speed") as pipeline:
        load = LoadDataFromDicts(data=questions, batch_size=size)
        teacher = OpenAILLM(model="mock", base_url=url, api_key="none", generation_kwargs={"max_new_tokens": 1024})
        load >> TextGeneration(llm=teacher, input_batch_size=size)
    answered = pipeline.run(use_cache=False)["default"]["train"]
    with open(out, "w", encoding="utf-8") as file:
        for row in answered:
            file.write(json.dumps({"prompt": row["instruction"], "answer": row["generation"]}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
