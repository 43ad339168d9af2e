"""The vendor's files, as far as batches need them: uploads come as multipart forms, contents are bytes."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Any

import msgspec
from seodang.testing.wire_server import Reaction, Received

from seodang_openai.mock_wire import encode, error

_BOUNDARY = re.compile(r'boundary="?([^";]+)')
_NAME = re.compile(rb'\bname="([^"]*)"')
_FILE_NAME = re.compile(rb'filename="([^"]*)"')
PAGE = 20


class MockFile(msgspec.Struct):
    id: str
    filename: str
    purpose: str
    content: bytes
    created_at: int

    def told(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": "file",
            "bytes": len(self.content),
            "created_at": self.created_at,
            "filename": self.filename,
            "purpose": self.purpose,
            "status": "processed",
        }


class MockFiles:
    def __init__(self) -> None:
        self._files: dict[str, MockFile] = {}

    def add(self, filename: str, purpose: str, content: bytes) -> MockFile:
        file = MockFile(f"file-{len(self._files) + 1:08}", filename, purpose, content, int(time.time()))
        self._files[file.id] = file
        return file

    def find(self, identifier: str) -> MockFile | None:
        return self._files.get(identifier)

    def upload(self, received: Received) -> Reaction:
        """`POST /v1/files`"""
        parts = form(received)
        if "file" not in parts or "purpose" not in parts:
            return error(400, "'file' and 'purpose' are required.")
        filename, content = parts["file"]
        return Reaction(body=encode(self.add(filename, parts["purpose"][1].decode(), content).told()))

    def react(self, received: Received, rest: str, query: Mapping[str, str]) -> Reaction:
        """Everything below `/v1/files` but the upload. `rest` is what stands behind that."""
        if not rest:
            wanted = query.get("purpose")
            return page([file.told() for file in self._files.values() if wanted in (None, file.purpose)], query)
        identifier, _, what = rest.partition("/")
        file = self._files.get(identifier)
        if file is None:
            return error(404, f"No such File object: {identifier}", code="not_found")
        if received.method == "DELETE":
            del self._files[identifier]
            return Reaction(body=encode({"id": identifier, "object": "file", "deleted": True}))
        if what == "content":
            return Reaction(body=file.content, headers=(("content-type", "application/octet-stream"),))
        return Reaction(body=encode(file.told()))


def form(received: Received) -> dict[str, tuple[str, bytes]]:
    """The parts of a multipart form: the name of the file and the bytes of each."""
    found = _BOUNDARY.search(received.headers.get("content-type", ""))
    if found is None:
        return {}
    parts = {}
    for part in received.body.split(b"--" + found[1].encode())[1:-1]:
        head, _, content = part.partition(b"\r\n\r\n")
        name, filename = _NAME.search(head), _FILE_NAME.search(head)
        if name is not None:
            parts[name[1].decode()] = (filename[1].decode() if filename else "", content.removesuffix(b"\r\n"))
    return parts


def page(told: list[dict[str, Any]], query: Mapping[str, str]) -> Reaction:
    """The newest first, so many at once, those behind `after`."""
    told = told[::-1]
    names = [each["id"] for each in told]
    if (after := query.get("after")) in names:
        told = told[names.index(after) + 1 :]
    limit = int(query.get("limit", PAGE))
    shown = told[:limit]
    ends = {"first_id": shown[0]["id"], "last_id": shown[-1]["id"]} if shown else {}
    return Reaction(body=encode({"object": "list", "data": shown, "has_more": len(told) > limit, **ends}))
