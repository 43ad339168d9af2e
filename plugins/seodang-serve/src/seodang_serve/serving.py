"""From what a person wants to a server that runs: models opened, the teacher's ledger at hand, the page made."""

from __future__ import annotations

import asyncio
import json
import signal
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import click
import msgspec
import seodang
from aiohttp import web
from seodang.ledger.money import parse_cap
from seodang.plugins.loading import load_plugins
from seodang.plugins.offers import Offers
from seodang.serving.desk import Desk, Opening, language_of_run, students_of_run, teacher_of_run
from seodang.wording import language

from seodang_serve import said
from seodang_serve.app import Chat
from seodang_serve.chat_page import chat_page
from seodang_serve.guarding import Door
from seodang_serve.moderating import JUDGE, Moderator
from seodang_serve.speakers import Speaker, StudentSpeaker, TeacherSpeaker


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is served, and under which measures."""

    place: Path
    template: str = "chat"
    teacher: bool = False
    costs: tuple[str, ...] = ()
    moderate: bool = False
    moderation_url: str = ""
    watermark: bool = False
    watermark_key: str = ""
    device: str = ""
    max_tokens: int = 512

    @property
    def is_run(self) -> bool:
        return (self.place / "lock.toml").is_file()

    @property
    def language(self) -> str:
        return language_of_run(self.place) if self.is_run else language()

    def openings(self) -> dict[str, Opening]:
        if self.is_run:
            return students_of_run(self.place)
        return {self.place.stem: Opening("local", {"path": str(self.place.absolute()), "template": self.template})}


async def serve(wanted: Wanted, door: Door, *, browser: bool, as_json: bool) -> None:
    """Until it is interrupted."""
    async with running(wanted, door) as (address, names):
        # What stands behind # stays in the browser: the token is in nobody's log.
        page = f"{address}/" + (f"#{door.token}" if door.token else "")
        if as_json:
            click.echo(json.dumps({"url": f"{address}/v1", "models": names}))
        else:
            click.echo(said("serves", url=f"{address}/v1", models=names, page=f"{address}/"))
        if browser:
            import webbrowser

            webbrowser.open(page)
        ended = asyncio.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            # Both, so that nothing that is kept for as long as the server runs outlives it.
            asyncio.get_running_loop().add_signal_handler(name, ended.set)
        await ended.wait()


@asynccontextmanager
async def running(wanted: Wanted, door: Door, offers: Offers | None = None) -> AsyncIterator[tuple[str, list[str]]]:
    """The address of the server, and the names of the models, for the length of an `async with`."""
    async with AsyncExitStack() as stack:
        desk = Desk(offers or load_plugins(), Path.cwd(), language=wanted.language)
        speakers: dict[str, Speaker] = {}
        for name, opening in wanted.openings().items():
            student = await desk.open_student(_measured(desk, wanted, opening))
            stack.push_async_callback(student.close)
            speakers[name] = StudentSpeaker(student)
        if wanted.teacher:
            speakers["teacher"] = await _teacher(desk, wanted, stack)
        moderator = await _moderator(desk, wanted, stack) if wanted.moderate else None
        page = chat_page(list(speakers), moderated=wanted.moderate, marked=wanted.watermark)
        chat = Chat(speakers, page=page, most=wanted.max_tokens, moderator=moderator)
        runner = web.AppRunner(chat.app(door), access_log=None, shutdown_timeout=2.0)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, door.host, door.port)
        try:
            await site.start()
        except OSError as error:
            raise seodang.SeodangError("seodang_serve:no-port", port=door.port, error=error.strerror or str(error)) from None
        name = f"[{door.host}]" if ":" in door.host else door.host
        yield f"http://{name}:{runner.addresses[0][1]}", list(speakers)


def _measured(desk: Desk, wanted: Wanted, opening: Opening) -> Opening:
    """With what this invocation adds, which the student's plugin has to know."""
    added: dict[str, Any] = {"device": wanted.device} if wanted.device else {}
    if wanted.watermark:
        added["watermark"] = {"key": wanted.watermark_key} if wanted.watermark_key else {}
    fields = desk.offers.find("student", opening.plugin).cls.Options.__struct_fields__
    for name in added:
        if name not in fields:
            raise seodang.SeodangError("seodang_serve:no-option", plugin=opening.plugin, option=name)
    options: Mapping[str, Any] = {**opening.options, **added}
    return Opening(opening.plugin, options)


async def _teacher(desk: Desk, wanted: Wanted, stack: AsyncExitStack) -> TeacherSpeaker:
    found = teacher_of_run(wanted.place, desk.offers) if wanted.is_run else None
    if found is None:
        raise seodang.SeodangError("seodang_serve:no-teacher", place=str(wanted.place))
    _look_for_secrets(desk, found[1])
    ledger = wanted.place.absolute().parent / f"chat-{wanted.place.absolute().name}.sqlite"
    caps = [parse_cap(cost) for cost in wanted.costs]
    return TeacherSpeaker(await stack.enter_async_context(desk.asking(found, ledger, caps)))


async def _moderator(desk: Desk, wanted: Wanted, stack: AsyncExitStack) -> Moderator:
    """Its answers cost nothing and are about what people say in private: they are kept no longer than the server runs."""
    judge = desk.find("teacher", JUDGE, {"base_url": wanted.moderation_url} if wanted.moderation_url else {})
    _look_for_secrets(desk, judge)
    place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="seodang-serve-")))
    role = (desk.offers.find("teacher", JUDGE), judge)
    return Moderator(await stack.enter_async_context(desk.asking(role, place / "ledger.sqlite")))


def _look_for_secrets(desk: Desk, capability: seodang.Teacher) -> None:
    """Before anybody has asked anything: a key that is missing is told to who starts the server."""
    context = desk.context(capability)
    for reference in capability.secrets:
        context.secret(reference)
