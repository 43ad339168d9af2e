"""The SDK without its types of answers: they are there for whoever wants them, and nobody pays for them before."""

import subprocess
import sys


def told(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_importing_the_connection_leaves_the_types_of_answers_alone_and_the_import_system_as_it_was():
    code = (
        "import sys; before = list(sys.meta_path)\n"
        "import seodang_openai.connection as connection\n"
        "print(sum(name.startswith('openai.types.responses.') for name in sys.modules) < 20, sys.meta_path == before)\n"
        "from openai.types.responses import Response, ResponseInputText\n"
        "from openai.types import Batch, chat\n"
        "import openai.types.graders\n"
        "print(Response.__name__, ResponseInputText.__name__, Batch.__name__, chat.ChatCompletion.__name__)\n"
        "print(hasattr(openai.types, 'Nothing'), hasattr(openai.types.responses, 'Nothing'))\n"
        "client = connection.openai.AsyncOpenAI(api_key='x')\n"
        "print(type(client.chat.completions).__name__, type(client.batches).__name__, type(client.moderations).__name__)\n"
    )
    assert told(code).splitlines() == [
        "True True",
        "Response ResponseInputText Batch ChatCompletion",
        "False False",
        "AsyncCompletions AsyncBatches AsyncModerations",
    ]


def test_an_sdk_that_is_imported_already_is_taken_as_it_is():
    code = (
        "import openai, openai.types.responses as whole\n"
        "import seodang_openai.connection as connection\n"
        "print(connection.openai is openai, openai.types.responses is whole, type(whole).__name__)"
    )
    assert told(code) == "True True module"
