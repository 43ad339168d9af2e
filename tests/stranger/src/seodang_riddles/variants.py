"""New riddles out of old ones, in rounds: the second round may draw from what the first has brought."""

from typing import Annotated

import msgspec
import seodang


class RiddleVariants(seodang.Lesson):
    """Draws a riddle, lets the teacher make another of it, and puts both into the pool."""

    name = "riddle-variants"
    revision = 1
    deterministic = False

    class Options(msgspec.Struct, frozen=True, kw_only=True):
        rounds: Annotated[int, msgspec.Meta(ge=1, description="How often to draw.")] = 2
        draws: Annotated[int, msgspec.Meta(ge=1, description="So many riddles a round.")] = 4

    async def teach(self, records, context):
        given = [record async for record in records]
        pool = [(record.question, record.id) for record in given]
        for _ in range(self.options.rounds if pool else 0):
            drawn = [context.random.choice(pool) for _ in range(self.options.draws)]
            asked = [seodang.single_turn(question, id=str(number)) for number, (question, _) in enumerate(drawn)]
            async for record, answer in context.ask.each(self._one_by_one(asked), self.request):
                _, origin = drawn[int(record.id)]
                if len(answer.message.text) < 10:
                    continue
                pool.append((answer.message.text, origin))
                yield seodang.single_turn(answer.message.text, parents=(origin,), tags={"kind": "variant"})
        used = {origin for _, origin in pool[len(given) :]}
        for record in given:
            if record.id not in used:
                yield seodang.Drop("not-drawn", id=record.id)

    async def _one_by_one(self, records):
        for record in records:
            yield record
