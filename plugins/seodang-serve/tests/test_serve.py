"""What OpenAI's own client gets from the server: answers, pieces, models and errors as it knows them."""

from __future__ import annotations

import asyncio
import io
import json
import os
import re
import signal
from pathlib import Path

import aiohttp
import click
import openai
import pytest
import seodang
from aiohttp import web
from seodang_serve import command
from seodang_serve.app import Chat
from seodang_serve.guarding import Door
from seodang_serve.serving import Wanted, serve

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")

HELLO = [{"role": "system", "content": "짧게"}, {"role": "user", "content": [{"type": "text", "text": "안녕?"}]}]


def test_the_sdk_talks_to_student_and_base_of_a_run(run, talk):
    async def story(client, _):
        names = [model.id async for model in client.models.list()]
        whole = await client.chat.completions.create(model="student", messages=HELLO, max_tokens=12)
        pieces = await client.chat.completions.create(
            model="student", messages=HELLO, max_tokens=12, stream=True, stream_options={"include_usage": True}
        )
        chunks = [chunk async for chunk in pieces]
        short = await client.chat.completions.create(
            model="base", messages=HELLO, max_completion_tokens=3, n=1, stop=["없을 말"], user="나", temperature=0
        )
        return names, whole, chunks, short, await client.models.retrieve("base")

    names, whole, chunks, short, base = talk(run, story)
    assert names == ["student", "base"] and base.id == "base"
    (choice,) = whole.choices
    assert choice.finish_reason == "length" and choice.message.role == "assistant" and choice.message.content
    assert whole.usage.completion_tokens == 12 and whole.usage.total_tokens == whole.usage.prompt_tokens + 12
    said = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices and chunk.choices[0].delta.content]
    assert len(said) > 3 and "".join(said) == choice.message.content, "the same, in pieces as they were made"
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "length"
    assert chunks[-1].usage == whole.usage and not chunks[-1].choices
    assert choice.message.content.startswith(short.choices[0].message.content), "base and student are the same model here"


def test_what_is_drawn_is_drawn_by_the_seed(run, talk):
    async def story(client, _):
        async def ask(**wishes):
            told = await client.chat.completions.create(model="student", messages=HELLO, max_tokens=8, temperature=1.5, **wishes)
            return told.choices[0].message.content

        return await asyncio.gather(ask(seed=1), ask(seed=1), ask(seed=2), ask(), ask(top_p=0.9))

    first, again, other, drawn, _ = talk(run, story)
    assert first == again and len({first, other, drawn}) == 3


def test_who_stops_listening_stops_the_student(run, talk):
    async def story(client, _):
        async with await client.chat.completions.create(model="student", messages=HELLO, stream=True) as pieces:
            async for chunk in pieces:
                if chunk.choices[0].delta.content:
                    break
        after = await client.chat.completions.create(model="student", messages=HELLO, max_tokens=2)
        return after.choices[0].finish_reason

    assert talk(run, story) == "length", "and the next one is answered"


class Talker:
    """Says a word after another until nobody listens."""

    sample = 0
    left = False

    async def answer(self, request, hear):
        while not self.left:
            await asyncio.sleep(0.01)
            self.left = not hear("또 ")
        return seodang.Answer(message=seodang.Message("assistant", "또 "))


@pytest.mark.parametrize("stream", [False, True])
def test_who_goes_away_ends_the_answer_also_when_it_was_asked_for_whole(stream):
    talker = Talker()
    question = {"model": "talker", "messages": [{"role": "user", "content": "길게"}], "stream": stream}

    async def story():
        runner = web.AppRunner(Chat({"talker": talker}, page="", most=64).app(Door()), access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            address = f"http://127.0.0.1:{runner.addresses[0][1]}/v1/chat/completions"
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=0.3)) as session:
                with pytest.raises(TimeoutError):
                    async with session.post(address, json=question) as reply:
                        await reply.read()
            for _ in range(500):
                if talker.left:
                    return
                await asyncio.sleep(0.01)
        finally:
            await runner.cleanup()

    asyncio.run(story())
    assert talker.left


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"{rubbish", 400, "This is no JSON: "),
        (b"[" * 100_000, 400, "This is nested too deeply."),
        (b"[1]", 400, "A request is an object."),
        (b'"' + b"a" * (5 * 2**20) + b'"', 413, "A request has at most 4,194,304 bytes."),
    ],
)  # fmt: skip
def test_rubbish_is_answered_in_openais_form(run_served_once, body, status, words):
    async def sent(address):
        headers = {"Content-Type": "application/json"}
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{address}/v1/chat/completions", data=io.BytesIO(body), headers=headers) as reply,
        ):
            return reply.status, (await reply.json())["error"]["message"]

    got, message = run_served_once.loop.run_until_complete(sent(run_served_once.address))
    assert got == status and message.startswith(words)


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_it_goes_when_it_is_told_to(run, capsys, name):
    async def whole():
        serving = asyncio.ensure_future(
            serve(Wanted(place=run / "03-train-village-school" / "student", device="cpu"), Door(), browser=False, as_json=True)
        )
        said = ""
        while not said and not serving.done():
            await asyncio.sleep(0.05)
            said = capsys.readouterr().out
        os.kill(os.getpid(), name)
        await asyncio.wait_for(serving, 20)
        return json.loads(said)

    assert asyncio.run(whole())["models"] == ["student"]


def test_the_readme_says_what_is_there(run, talk):
    """Its client asks as it is written, and its commands and options are those of this command."""
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert (
        "http://127.0.0.1:8013/v1" in example
        and str(next(one for one in command.params if one.name == "port").default) in example
    )

    async def story(_, address):
        told = {}
        await asyncio.to_thread(exec, example.replace("http://127.0.0.1:8013", address), told)
        told["client"].close()
        return told["answer"].choices[0].message.content

    assert talk(run, story, max_tokens=8)
    assert re.findall(r"^seodang (\w+) ", README, re.MULTILINE) == ["serve", "detect"]
    ours = {option for parameter in command.params for option in parameter.opts if isinstance(parameter, click.Option)}
    named = set(re.findall(r"`(--[a-z-]+)", README))
    assert len(named) > 8 and not named - ours


@pytest.mark.parametrize(
    ("wishes", "kind", "code", "words"),
    [
        ({"model": "gpt"}, openai.NotFoundError, "model_not_found", "There are: student, base."),
        ({"n": 2}, openai.BadRequestError, "unsupported_parameter", "does not do n."),
        ({"tools": [{"type": "function"}]}, openai.BadRequestError, "unsupported_parameter", "does not do tools."),
        ({"temperature": 3}, openai.BadRequestError, "invalid_value", "temperature"),
        ({"messages": [{"role": "assistant", "content": "네"}]}, openai.BadRequestError, None, "The last message"),
        ({"messages": [{"role": "user", "content": "길다" * 300}]}, openai.BadRequestError, "context_length_exceeded", "reads 256"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url"}]}]},
            openai.BadRequestError, None, "no image_url",
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("stream", [False, True])
def test_errors_come_in_openais_form(run_served_once, wishes, kind, code, words, stream):
    with pytest.raises(kind) as error:
        run_served_once({"model": "student", "messages": HELLO, "stream": stream, **wishes})
    assert error.value.code == code and words in error.value.message


@pytest.fixture(scope="module")
def run_served_once(run, offers):
    """One server for many wrong requests."""
    from seodang_serve.serving import running

    loop = asyncio.new_event_loop()
    serving = running(Wanted(place=run, device="cpu"), Door(), offers)
    address, _ = loop.run_until_complete(serving.__aenter__())

    async def asked(request):
        async with openai.AsyncOpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0) as client:
            return await client.chat.completions.create(**request)

    def once(request):
        return loop.run_until_complete(asked(request))

    once.loop, once.address = loop, address
    yield once
    loop.run_until_complete(serving.__aexit__(None, None, None))
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()


def test_only_who_calls_us_by_name_and_has_the_token_comes_in(run, talk):
    """Rebinding, look-alikes, forms of other pages: nobody gets to a model."""
    body = b'{"model": "student", "messages": [{"role": "user", "content": "a"}], "max_tokens": 1}'

    async def story(client, address):
        port = address.rpartition(":")[2]
        ours = {"Host": f"127.0.0.1:{port}", "Content-Type": "application/json", "Authorization": "Bearer secret"}
        probes = {
            "right": {},
            "localhost": {"Host": f"localhost:{port}"},
            "proxy": {"Host": "village.example"},
            "own page": {"Origin": f"http://127.0.0.1:{port}"},
            "rebinding": {"Host": f"evil.example:{port}"},
            "look-alike": {"Host": f"127.0.0.1.evil.example:{port}"},
            "other port": {"Host": "127.0.0.1:1"},
            "evil origin": {"Origin": "http://evil.example"},
            "null origin": {"Origin": "null"},
            "form": {"Content-Type": "application/x-www-form-urlencoded"},
            "text": {"Content-Type": "text/plain"},
            "wrong token": {"Authorization": "Bearer wrong"},
            "no token": {"Authorization": ""},
        }
        found = {}
        async with aiohttp.ClientSession() as session:
            for name, headers in probes.items():
                async with session.post(f"{address}/v1/chat/completions", data=body, headers={**ours, **headers}) as reply:
                    found[name] = reply.status
                    assert reply.status == 200 or "error" in await reply.json()
            async with session.options(f"{address}/v1/chat/completions", headers=ours) as reply:
                found["preflight"] = reply.status
                assert "Access-Control-Allow-Origin" not in reply.headers
            async with session.get(f"{address}/", headers={"Host": "evil.example"}) as reply:
                found["page elsewhere"] = reply.status
            async with session.get(f"{address}/") as reply:
                assert (
                    reply.headers["Content-Security-Policy"].startswith("default-src 'none'")
                    and "secret" not in await reply.text()
                )
                found["page"] = reply.status
        return found

    door = Door(token="secret", names=("village.example",))
    assert talk(run, story, door) == {
        "right": 200, "localhost": 200, "proxy": 200, "own page": 200, "rebinding": 421, "look-alike": 421, "other port": 421,
        "evil origin": 403, "null origin": 403, "form": 415, "text": 415, "wrong token": 401, "no token": 401,
        "preflight": 405, "page elsewhere": 421, "page": 200,
    }  # fmt: skip
