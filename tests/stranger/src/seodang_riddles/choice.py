"""Which of three answers does the student find likeliest?"""

from typing import Annotated

import msgspec
import seodang

ITEMS = (
    ("What has hands but cannot clap?", ("A clock.", "A horse.", "A cloud."), 0),
    ("What has one eye but cannot see?", ("A king.", "A needle.", "A door."), 1),
    ("What has keys but opens no door?", ("A river.", "A gaoler.", "A piano."), 2),
)


class RiddleChoice(seodang.Evaluation):
    """Choice by likelihood. The place of the right answer changes, so that always guessing the first earns a third."""

    name = "riddle-choice"
    revision = 1

    class Options(msgspec.Struct, frozen=True, kw_only=True):
        few: Annotated[int, msgspec.Meta(ge=1, description="Ask only so many.")] = len(ITEMS)

    def texts(self, context):
        return [question for question, _, _ in ITEMS]

    def evaluate(self, student, context):
        asked = ITEMS[: self.options.few]
        right = 0
        for index, (question, answers, wanted) in enumerate(asked):
            likely = student.loglikelihoods([(question, answer) for answer in answers])
            chosen = max(range(len(answers)), key=lambda place: likely[place])
            right += chosen == wanted
            values = {"question": question, "chosen": answers[chosen], "right": chosen == wanted}
            yield seodang.Item(task=self.name, index=index, values=values)
            context.progress(index + 1, len(asked))
        yield seodang.Score(name="accuracy", value=right / len(asked), count=len(asked), protocol="likelihood of 3")
