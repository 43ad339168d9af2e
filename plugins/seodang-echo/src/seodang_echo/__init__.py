"""A teacher and a translator that give back what they are given. For trying a recipe without a key."""

import seodang


class EchoTeacher(seodang.Teacher):
    """Answers with the question."""

    name = "echo"
    revision = 1

    async def answer(self, request, context):
        return seodang.Answer(message=seodang.Message("assistant", request.messages[-1].text))


class EchoTranslator(seodang.Translator):
    """Leaves every text as it is, between the marks of the target language, so that one can see what was translated."""

    name = "echo"
    revision = 1
    stands_in = True

    def translate(self, texts, context):
        return [seodang.Translation(f"[{context.language}] {text.text}") for text in texts]


@seodang.hookimpl
def register_teachers(register):
    register(EchoTeacher)


@seodang.hookimpl
def register_translators(register):
    register(EchoTranslator)
