"""Translators, teachers and lessons, each of which breaks one promise, and the tests of the contract that notice it."""

import asyncio
import itertools

import msgspec
import seodang
from seodang.testing import LessonContract, TeacherContract, TranslatorContract

COUNT = itertools.count()


class Copying(seodang.Translator):
    """Leaves every text as it is; those below break it."""

    name = "copying"

    def translate(self, texts, context):
        return [seodang.Translation(text.text) for text in texts]


class Shuffled(Copying):
    """Gives the texts back in another order, and one too many for none."""

    name = "shuffled"
    max_texts = 0

    def translate(self, texts, context):
        return [seodang.Translation(text.text) for text in reversed(texts)] or [seodang.Translation("nothing")]


class TestShuffled(TranslatorContract):
    translator = Shuffled
    breaks = {
        "test_there_is_one_translation_per_text",
        "test_they_stay_in_order",
        "test_nothing_is_asked_for_nothing",
        "test_it_says_how_much_it_takes_at_once",
        "test_code_and_placeholders_survive",
    }


class Mangling(Copying):
    """Loses the marks of what is not language, and a text now and then."""

    name = "mangling"

    def translate(self, texts, context):
        return [seodang.Translation(text.text.replace("⟦", "(")) for text in texts if "한글" not in text.text]


class TestMangling(TranslatorContract):
    translator = Mangling
    breaks = {"test_they_stay_in_order", "test_code_and_placeholders_survive", "test_there_is_one_translation_per_text"}


class KeylessTranslator(Copying):
    """Says that it needs a key and goes on without."""

    name = "keyless"
    secrets = ("env:NO_SUCH_KEY",)


class TestKeylessTranslator(TranslatorContract):
    translator = KeylessTranslator
    breaks = {"test_it_needs_its_secret"}


class Saying(seodang.Teacher):
    """Says "yes"; those below break it."""

    name = "saying"

    async def answer(self, request, context):
        return seodang.Answer(message=seodang.Message("assistant", "yes"))


class Keyless(Saying):
    """Says that it needs a key and goes on without."""

    name = "keyless"
    secrets = ("env:NO_SUCH_KEY",)


class TestKeyless(TeacherContract):
    teacher = Keyless
    breaks = {"test_it_needs_its_secret"}


class Dear(Saying):
    """Uses more tokens than it said it would, and is somebody else each time."""

    name = "dear"

    @property
    def identity(self):
        return f"number {next(COUNT)}"

    async def answer(self, request, context):
        return seodang.Answer(message=seodang.Message("assistant", "yes"), usage=seodang.Usage(10, 10_000))


class TestDear(TeacherContract):
    teacher = Dear
    breaks = {"test_its_worst_case_is_the_worst", "test_who_it_is_does_not_change"}


class Moody(Saying):
    """Reads the same reply differently every time."""

    name = "moody"

    async def answer(self, request, context):
        return seodang.Reply(b"yes")

    def read(self, reply):
        return seodang.Answer(message=seodang.Message("assistant", f"{reply.body.decode()} {next(COUNT)}"))


class TestMoody(TeacherContract):
    teacher = Moody
    breaks = {"test_a_reply_reads_the_same_again"}


class Mute(Saying):
    """Ends in a way nobody knows."""

    name = "mute"

    async def answer(self, request, context):
        return seodang.Answer(message=seodang.Message("user", "?"), finish="bored")


class TestMute(TeacherContract):
    teacher = Mute
    breaks = {"test_every_request_has_an_answer"}


class Answering(seodang.Lesson):
    """Asks for an answer; those below break it."""

    name = "answering"

    async def teach(self, records, context):
        async for record, answer in context.ask.each(records, self.request):
            yield msgspec.structs.replace(record, messages=(*record.messages, answer.message))


class Inventive(Answering):
    """Asks something else every time."""

    name = "inventive"

    def request(self, record):
        return seodang.Request(messages=(*record.messages, seodang.Message("user", f"And number {next(COUNT)}?")))


class TestInventive(LessonContract):
    lesson = Inventive
    breaks = {"test_a_repeated_run_asks_nothing", "test_late_answers_change_nothing", "test_a_resumed_run_is_the_same_run"}


class Racing(Answering):
    """Takes the answers as they come instead of in the order of the questions."""

    name = "racing"

    async def teach(self, records, context):
        done = []

        async def ask(record):
            answer = await context.ask(self.request(record))
            done.append(msgspec.structs.replace(record, messages=(*record.messages, answer.message)))

        await asyncio.gather(*[ask(record) async for record in records])
        for record in done:
            yield record


class TestRacing(LessonContract):
    lesson = Racing
    breaks = {"test_late_answers_change_nothing"}
    may_break = {"test_a_repeated_run_asks_nothing", "test_a_resumed_run_is_the_same_run"}


class Adopting(Answering):
    """Makes up ids and parents."""

    name = "adopting"

    async def teach(self, records, context):
        async for record in super().teach(records, context):
            yield msgspec.structs.replace(record, id="", parents=("nobody",))


class TestAdopting(LessonContract):
    lesson = Adopting
    breaks = {"test_every_result_leads_back_to_its_records"}


class Boasting(Answering):
    """Expects questions without an example of one."""

    name = "boasting"

    def estimate(self, rows, context):
        return seodang.Outlook(questions=(), rows=rows)


class TestBoasting(LessonContract):
    lesson = Boasting
    breaks = {"test_what_it_expects_to_ask_can_be_said_beforehand"}


class Speechless(Answering):
    """Makes no record of anything, and drops one that is not there."""

    name = "speechless"

    async def teach(self, records, context):
        async for record in records:
            await context.ask(self.request(record))
        yield seodang.Drop("boring", id="nobody")


class TestSpeechless(LessonContract):
    lesson = Speechless
    breaks = {"test_it_makes_records", "test_every_result_leads_back_to_its_records", "test_no_records_are_no_trouble"}


@seodang.hookimpl
def register_translators(register):
    for translator in (Shuffled, Mangling, KeylessTranslator):
        register(translator)


@seodang.hookimpl
def register_teachers(register):
    for teacher in (Keyless, Dear, Moody, Mute):
        register(teacher)


@seodang.hookimpl
def register_lessons(register):
    for lesson in (Inventive, Racing, Adopting, Boasting, Speechless):
        register(lesson)
