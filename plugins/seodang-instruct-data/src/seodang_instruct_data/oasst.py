"""Open Assistant: a tree of messages as one row, or a row for each message that names its parent."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import msgspec
import seodang
from seodang import LeftOut, Message, Record, Row

from seodang_instruct_data.asking import CARRIES_TEXT_ONLY, with_input
from seodang_instruct_data.columns import beside, other_columns, tags_of, yes_or_no
from seodang_instruct_data.trees import ROLES, Node, Wanted, message_of, node_of, paths, pruned

_SPEAKERS = {role: speaker for speaker, role in ROLES.items()}
_FLAT_NAMES = (("message_id", "parent_id"), ("user_message_id", "parent_message_id"))

_DEEPEST = 200
_RANK = re.compile(r"\d{1,9}(?:\.0)?")
_OF_A_MESSAGE = frozenset({
    "message_id", "parent_id", "user_id", "created_date", "text", "role", "lang", "review_count", "review_result", "deleted", "rank",
    "synthetic", "model_name", "detoxify", "message_tree_id", "tree_state", "emojis", "labels",
})  # fmt: skip


class Trees(seodang.Format):
    """OASST's export of trees. Each path from the root to a last answer is a record.

    The record's column `thread` keeps what each message has beside its text (ids, rank, labels), and the questions nobody answered, so
    that the tree can be written again. Records of one tree that follow each other become one row.
    """

    name = "oasst-trees"
    revision = 1
    needs = ("message_tree_id", "prompt")
    columns = ("message_tree_id", "tree_state", "prompt", "thread")
    cannot_carry = CARRIES_TEXT_ONLY
    example = {
        "message_tree_id": "a1",
        "tree_state": "ready_for_export",
        "prompt": {
            "message_id": "a1", "text": "하늘은 왜 파란가요?", "role": "prompter", "lang": "ko", "review_result": True,
            "replies": [
                {"message_id": "b1", "parent_id": "a1", "text": "빛이 흩어져서요.", "role": "assistant", "lang": "ko", "rank": 0, "replies": []},
                {"message_id": "b2", "parent_id": "a1", "text": "바다가 비쳐서요.", "role": "assistant", "lang": "ko", "rank": 1, "replies": []},
            ],
        },
    }  # fmt: skip

    Options = Wanted

    def recognises(self, values: Mapping[str, Any]) -> bool:
        return super().recognises(values) and isinstance(values["prompt"], dict)

    def read(self, rows: Iterator[Row], context: seodang.Context) -> Iterator[Record]:
        cut: Counter[str] = Counter()
        for row in rows:
            root = node_of(row.values.get("prompt"), row.where)
            if isinstance(root, str):
                context.quarantine(row.where, "bad-tree", root)
                continue
            state = row.values.get("tree_state")
            if self.options.states and state is not None and state not in self.options.states:
                context.drop(row.where, "tree-state", f"the tree is in the state {state}")
                continue
            root, left = pruned(root, self.options)
            if root is None:
                context.drop(row.where, left[0][1], left[0][0].text[:200])
                continue
            if left:
                cut.update(reason for _, reason in left)
                context.tell(messages_left_out=dict(sorted(cut.items())))
            tags = tags_of(row.values, ("message_tree_id", "tree_state"))
            yield from records_of(root, tags, other_columns(row.values, self.columns))

    def write(self, records: Iterator[Record], extras: frozenset[str]) -> Iterator[Mapping[str, Any] | LeftOut]:
        for tree in trees_of(records):
            if isinstance(tree, LeftOut):
                yield tree
            else:
                root, record = tree
                identity = record.tags.get("message_tree_id", root.values["message_id"])
                head = {"message_tree_id": identity, "tree_state": record.tags.get("tree_state")}
                yield head | {"prompt": message_of(root)} | beside(record, self.columns)


class FlatMessages(seodang.Format):
    """OASST's messages one by one, `parent_id` naming the message before (in some files `user_message_id`, `parent_message_id`).

    Trees are put together first, so all messages of the source are in memory. A message whose parent is missing is set aside.
    """

    name = "oasst-messages"
    revision = 1
    needs = ("text", "role")
    columns = ("message_id", "parent_id", "text", "role", "thread")
    cannot_carry = CARRIES_TEXT_ONLY
    example = {"message_id": "a1", "parent_id": None, "text": "Can you teach me?", "role": "prompter", "lang": "en"}

    Options = Wanted

    def recognises(self, values: Mapping[str, Any]) -> bool:
        return super().recognises(values) and bool(_flat_names(values))

    def read(self, rows: Iterator[Row], context: seodang.Context) -> Iterator[Record]:
        for root in _grown(rows, context):
            tree = root.values.get("message_tree_id", root.values["message_id"])
            state = root.values.get("tree_state")
            if self.options.states and state is not None and state not in self.options.states:
                left = [(node, "tree-state") for node in _all_of(root)]
            else:
                kept, left = pruned(root, self.options)
                if kept is not None:
                    for record in records_of(kept, {"message_tree_id": tree}, {}):
                        # What the last message has beside Open Assistant's own; `thread` has it too, of every message.
                        others = other_columns(record.columns["thread"][-1], {*_OF_A_MESSAGE, "open"})
                        yield msgspec.structs.replace(record, columns=others | record.columns)
            for node, reason in left:
                context.drop(node.where, reason, node.text[:200])

    def write(self, records: Iterator[Record], extras: frozenset[str]) -> Iterator[Mapping[str, Any] | LeftOut]:
        for tree in trees_of(records):
            if isinstance(tree, LeftOut):
                yield tree
                continue
            root, record = tree
            others = {} if "thread" in record.columns else beside(record, self.columns)
            parents = {id(reply): node for node in _all_of(root) for reply in node.replies}
            for node in _all_of(root):
                parent = parents.get(id(node))
                head = {"message_id": node.values["message_id"], "parent_id": parent.values["message_id"] if parent else None}
                yield head | {"text": node.text, "role": node.role} | other_columns(node.values, head) | others


def records_of(root: Node, tags: Mapping[str, Any], columns: Mapping[str, Any]) -> Iterator[Record]:
    """A record per path. What nobody answered goes with the first path that passes by."""
    told: set[int] = set()
    for path in paths(root):
        thread = []
        for place, node in enumerate(path):
            values = dict(node.values)
            if id(node) not in told:
                told.add(id(node))
                further = {id(each) for each in path[place + 1 : place + 2]}
                open_ones = [[number, message_of(reply)] for number, reply in enumerate(node.replies) if _is_open(reply, further)]
                if open_ones:
                    values["open"] = open_ones
            thread.append(values)
        yield Record(
            language=_language(path),
            messages=tuple(Message(ROLES[node.role], node.text) for node in path),
            tags={**tags, "message_id": path[-1].values.get("message_id")},
            columns={**columns, "thread": thread},
        )


def trees_of(records: Iterator[Record]) -> Iterator[tuple[Node, Record] | LeftOut]:
    """The trees that the records are paths of, each with its first record. Paths of a tree that follow each other are put together."""
    root: Node | None = None
    first: Record | None = None
    for record in records:
        path = _path(record)
        if isinstance(path, LeftOut):
            yield path
            continue
        same = first is not None and record.tags.get("message_tree_id", record.id) == first.tags.get("message_tree_id", first.id)
        if root is not None and first is not None and same and _joined(root, path):
            continue
        if root is not None and first is not None:
            yield _with_open_ones(root), first
        root, first = path[0], record
        for node, reply in pairwise(path):
            node.replies.append(reply)
    if root is not None and first is not None:
        yield _with_open_ones(root), first


def _path(record: Record) -> list[Node] | LeftOut:
    """The record's messages as nodes, with the ids and labels that they came with, or with ids of their own."""
    messages = with_input(record)
    roles = [message.role for message in messages]
    if "tool" in roles or any(message.calls for message in messages):
        return LeftOut("tools")
    if not roles or roles[0] != "user" or not _SPEAKERS.keys() >= {*roles}:
        return LeftOut("system" if "system" in roles else "unasked")
    thread = record.columns.get("thread")
    if not isinstance(thread, list) or len(thread) != len(messages):
        names = [f"{record.id}-{place}" for place in range(len(messages))]
        thread = [
            {"message_id": name} | ({"parent_id": before} if before else {})
            for name, before in zip(names, ["", *names], strict=False)
        ]
        for values in thread:
            if record.language:
                values["lang"] = record.language
    return [
        Node(_SPEAKERS[message.role], message.text, dict(values), []) for message, values in zip(messages, thread, strict=True)
    ]


def _joined(root: Node, path: list[Node]) -> bool:
    """Hangs the path into the tree, if it is one of it: from where its ids are new. False where a message was changed."""
    node, place = root, 0
    if _identity(root) != _identity(path[0]) or root.text != path[0].text:
        return False
    while place + 1 < len(path):
        known = next((reply for reply in node.replies if _identity(reply) == _identity(path[place + 1])), None)
        if known is None:
            break
        if known.text != path[place + 1].text:
            return False
        node, place = known, place + 1
    for reply in path[place + 1 :]:
        node.replies.append(reply)
        node = reply
    return True


def _identity(node: Node) -> Any:
    return node.values.get("message_id")


def _with_open_ones(root: Node) -> Node:
    """The tree with the questions that nobody answered in their old places."""
    for node in list(_all_of(root)):
        for number, message in node.values.pop("open", ()):
            reply = node_of(message)
            if isinstance(reply, Node):
                node.replies.insert(number, reply)
    return root


def _is_open(reply: Node, further: set[int]) -> bool:
    """A reply in which no path goes on: nobody answered it, nor anything below it."""
    return reply.role == "prompter" and id(reply) not in further and all(node.role == "prompter" for node in _all_of(reply))


def _all_of(root: Node) -> Iterator[Node]:
    """The nodes of a tree, a message before its replies."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(node.replies)


def _language(path: list[Node]) -> str:
    language = path[-1].values.get("lang", "")
    return language if isinstance(language, str) else ""


def _flat_names(values: Mapping[str, Any]) -> tuple[str, str] | tuple[()]:
    return next((names for names in _FLAT_NAMES if names[0] in values and names[1] in values), ())


def _cells(values: Mapping[str, Any]) -> dict[str, Any]:
    """What decides about a message, as JSON has it, where a table's cells have it as texts."""
    found = {name: yes_or_no(values[name]) for name in ("deleted", "synthetic", "review_result", "rank") if name in values}
    rank = found.get("rank")
    if isinstance(rank, str) and _RANK.fullmatch(rank):
        found["rank"] = float(rank) if "." in rank else int(rank)
    return found


def _grown(rows: Iterator[Row], context: seodang.Context) -> list[Node]:
    """The roots of all trees, in the order of their rows, with everything that hangs on them."""
    nodes: dict[Any, Node] = {}
    roots: list[Node] = []
    replies: list[tuple[Node, Any]] = []
    for row in rows:
        names = _flat_names(row.values)
        node = (
            node_of(row.values | _cells(row.values) | {"replies": []}, row.where)
            if names
            else "it names neither itself nor its parent"
        )
        if isinstance(node, str):
            context.quarantine(row.where, "bad-message", node)
            continue
        identity, parent = node.values.pop(names[0]), node.values.pop(names[1])  # type: ignore[misc]
        if not isinstance(identity, str) or identity in nodes:
            context.quarantine(row.where, "bad-message", f"the id {identity} is no text, or another message has it")
            continue
        node.values = {"message_id": identity} | ({"parent_id": parent} if parent else {}) | node.values
        nodes[identity] = node
        if parent is None or parent == "":
            roots.append(node)
        else:
            replies.append((node, parent))
    for node, parent in replies:
        if isinstance(parent, str) and parent in nodes:
            nodes[parent].replies.append(node)
        else:
            context.quarantine(node.where, "no-parent", f"the message {parent} that it replies to is missing")
    reached = _reached(roots, context)
    for node, parent in replies:
        if id(node) not in reached and parent in nodes:
            context.quarantine(node.where, "no-parent", "the messages that it replies to lead to no beginning")
    return roots


def _reached(roots: list[Node], context: seodang.Context) -> set[int]:
    """The nodes that hang on a root. A dialogue without end is cut: as a tree nobody could write it."""
    reached: set[int] = set()
    waiting = [(root, 1) for root in roots]
    while waiting:
        node, depth = waiting.pop()
        reached.add(id(node))
        if depth < _DEEPEST:
            waiting += [(reply, depth + 1) for reply in node.replies]
            continue
        for cut in [each for reply in node.replies for each in _all_of(reply)]:
            reached.add(id(cut))
            context.quarantine(cut.where, "too-deep", f"more than {_DEEPEST} messages follow each other")
        node.replies = []
    return reached
