"""What a plan says a recipe will cost before anybody is asked: lessons in rounds, what comes after them, and translators."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import msgspec
import pytest
import seodang
from seodang.plugins.offers import offers_of
from seodang.recipes.reading import read_recipe
from seodang.recipes.resolving import resolve
from seodang.runs.forecast import forecast

sys.path.insert(0, str(Path(__file__).parent))
import village

HEAD = '[recipe]\nname = "rounds"\nlanguage = "ko"\n\n[[step]]\nseeds = "rows"\npath = "rows.jsonl"\n'
GROWN = HEAD + '\n[[step]]\nteach = "growing"\nteacher = "storyteller"\ncount = 40\n'
JUDGED = GROWN + '\n[[step]]\nfilter = "graded"\njudge = "storyteller"\n'
ROWS = '{"question": "하나"}\n{"question": "둘"}\n{"question": "셋"}\n'


class Storyteller(seodang.Teacher):
    """Four tasks at once."""

    name = "storyteller"
    asked = 0

    def price(self):
        return seodang.Price(currency="USD", input_micro_per_million=1_000_000, output_micro_per_million=2_000_000)

    def most_tokens(self, request):
        return super().most_tokens(request)[0], 500

    async def answer(self, request, context):
        type(self).asked += 1
        said = "\n".join(f"{request.messages[-1].text} {number}" for number in range(4))
        return seodang.Answer(message=seodang.Message("assistant", said), usage=seodang.Usage(30, 60))


class Growing(seodang.Lesson):
    """Every round shows what the last one made, so that no question can be formed before the answer to the one before it."""

    name = "growing"

    class Options(seodang.Lesson.Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
        count: Annotated[int, msgspec.Meta(description="So many tasks.")] = 40

    def estimate(self, rows, context):
        asked = self.ask_for("할 일을 넷 더 쓰세요: " + "보기 " * 20)
        return seodang.Outlook(
            questions=(seodang.Expected(request=asked, times=self.options.count // 4, output_tokens=80),), rows=self.options.count
        )

    async def teach(self, records, context):
        pool = [record async for record in records]
        made = []
        while len(made) < self.options.count:
            shown = (made or [pool[0].question])[-1]
            answer = await context.ask(self.ask_for(f"할 일을 넷 더 쓰세요: {shown}"))
            made += answer.message.text.splitlines()
        for task in made:
            yield seodang.single_turn(task, "답", parents=tuple(record.id for record in pool))


class Told(seodang.Lesson):
    name = "told"

    async def teach(self, records, context):
        async for record, answer in context.ask.each(records, self.request):
            yield msgspec.structs.replace(record, messages=(*record.messages, answer.message))


class Several(seodang.Lesson):
    """Asks twice about each row: at once, one after the other, or until it likes the answer."""

    name = "several"

    class Options(seodang.Lesson.Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
        how: Annotated[str, msgspec.Meta(description="'together', 'in-turn' or 'stubborn'.")] = "together"

    async def teach(self, records, context):
        async def asked(record):
            if self.options.how == "together":
                return await asyncio.gather(*(context.ask(self.ask_for(f"{record.question} {part}")) for part in range(2)))
            first = (await context.ask(self.ask_for(record.question))).message.text
            while self.options.how == "stubborn":
                first = (await context.ask(self.ask_for(first))).message.text
            return int((await context.ask(self.ask_for(first))).message.text)

        async for record, _ in context.ask.each(records, asked):
            yield record


class Foreign(village.Rows):
    """Rows in English."""

    name = "foreign"

    def read(self, context):
        for record in super().read(context):
            yield msgspec.structs.replace(record, language="en")


class Graded(seodang.Filter):
    """Asks the judge about every answer."""

    name = "graded"

    async def sift(self, records, context):
        async def in_turn():
            for record in records:
                yield record

        def question(record):
            return (
                seodang.Request(messages=(seodang.Message("user", f"{record.question}\n{record.answer}"),))
                if record.answered
                else None
            )

        return [seodang.Keep() async for _ in context.ask.each(in_turn(), question)]


class Ferry(seodang.Translator):
    name = "ferry"

    def price(self):
        return seodang.Price(currency="KRW", input_micro_per_million=20_000_000_000)

    def translate(self, texts, context):
        return [seodang.Translation(f"({context.language}) {text.text}", billed=len(text.text)) for text in texts]


@seodang.hookimpl
def register_teachers(register):
    register(Storyteller)


@seodang.hookimpl
def register_lessons(register):
    register(Growing)
    register(Told)
    register(Several)


@seodang.hookimpl
def register_seeds(register):
    register(Foreign)


@seodang.hookimpl
def register_filters(register):
    register(Graded)


@seodang.hookimpl
def register_translators(register):
    register(Ferry)


PLUGINS = [village, sys.modules[__name__]]


@pytest.fixture
def planned(tmp_path):
    def plan(text, rows=ROWS):
        (tmp_path / "recipe.toml").write_text(text, encoding="utf-8")
        (tmp_path / "rows.jsonl").write_text(rows, encoding="utf-8")
        recipe, offers = read_recipe(tmp_path / "recipe.toml"), offers_of(*PLUGINS)
        return forecast(recipe, resolve(recipe, offers), offers, tmp_path / "run")

    return plan


def test_a_lesson_in_rounds_says_itself_what_it_will_ask(planned):
    found = planned(GROWN)
    estimate = found.steps[1].estimate
    assert (estimate.requests, estimate.output_tokens, estimate.declared) == (10, 800, True)
    assert estimate.likely_micro == estimate.input_tokens + 2 * 800 < estimate.most_micro
    assert found.likely_micro == {"USD": estimate.likely_micro} and found.spent_micro == {}


def test_what_the_ledger_has_answered_is_taken_off(planned, run_recipe, tmp_path):
    Storyteller.asked = 0
    run = run_recipe(GROWN.replace("count = 40", "count = 12"), files={"rows.jsonl": ROWS}, plugins=PLUGINS)
    assert run.ok and Storyteller.asked == 3
    text = GROWN
    (tmp_path / "recipe.toml").write_text(text, encoding="utf-8")
    recipe, offers = read_recipe(tmp_path / "recipe.toml"), offers_of(*PLUGINS)
    found = forecast(recipe, resolve(recipe, offers), offers, run.run)
    estimate = found.steps[1].estimate
    assert (estimate.stored, estimate.requests) == (3, 7)
    assert found.spent_micro == {"USD": 3 * (30 + 120)}

    whole = run_recipe(text, files={"rows.jsonl": ROWS}, plugins=PLUGINS)
    assert whole.ok and Storyteller.asked == 10, "as was foreseen"


def test_the_judge_after_a_lesson_that_did_not_run_is_counted_as_an_upper_bound(planned):
    judged = planned(JUDGED).steps[2].estimate
    assert (judged.rows, judged.requests, judged.exact) == (40, 40, False)
    assert judged.input_tokens > 40 * 250, "the answers that it will read are not there yet, and are not nothing"
    assert judged.most_micro >= judged.likely_micro > 0


def test_a_lesson_that_answers_gives_the_judge_as_many_answers_as_there_are_rows(planned):
    recipe = HEAD + '\n[[step]]\nteach = "told"\nteacher = "storyteller"\n\n[[step]]\nfilter = "graded"\njudge = "storyteller"\n'

    steps = planned(recipe).steps
    assert [(step.estimate.requests, step.estimate.exact) for step in steps[1:]] == [(3, True), (3, False)]


@pytest.mark.parametrize(("how", "requests", "complete"), [("together", 6, True), ("in-turn", 6, False), ("stubborn", 51, False)])
def test_all_questions_of_a_coroutine_are_counted_over_answers_that_are_made_up(planned, how, requests, complete):
    estimate = planned(HEAD + f'\n[[step]]\nteach = "several"\nteacher = "storyteller"\nhow = "{how}"\n').steps[1].estimate
    assert (estimate.requests, estimate.complete) == (requests, complete)


def test_texts_to_translate_are_counted_in_characters_and_in_the_translator_s_currency(planned):
    found = planned(
        HEAD.replace('seeds = "rows"', 'seeds = "foreign"') + '\n[[step]]\ntranslate = "ferry"\n',
        '{"question": "One?", "answer": "Two."}\n{"question": "One?"}\n',
    )
    estimate = found.steps[1].estimate
    assert (estimate.rows, estimate.requests, estimate.input_tokens, estimate.unit) == (2, 2, 8, "characters")
    assert found.most_micro == {"KRW": 8 * 20_000}
