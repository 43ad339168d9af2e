"""The trees of Open Assistant in memory: which messages are wanted, and which paths lead through them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import msgspec

ROLES = {"prompter": "user", "assistant": "assistant"}
_APART = ("text", "role", "replies")


class Wanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which messages are taken. What is not said here is Open Assistant's own rule for supervised training."""

    languages: Annotated[
        list[str], msgspec.Meta(description="Only messages in these languages, such as ['ko']; none means all.")
    ] = []
    top_k: Annotated[
        int, msgspec.Meta(ge=0, description="Only so many of the best ranked answers to a question; 0 means all.")
    ] = 0
    synthetic: Annotated[bool, msgspec.Meta(description="Take messages that a model wrote, too.")] = False
    deleted: Annotated[bool, msgspec.Meta(description="Take deleted messages, too.")] = False
    unreviewed: Annotated[bool, msgspec.Meta(description="Take messages that were not accepted by a review, too.")] = False
    states: Annotated[list[str], msgspec.Meta(description="Only trees in these states, where one is stated; none means all.")] = (
        msgspec.field(default_factory=lambda: ["ready_for_export"])
    )

    def why_not(self, values: Mapping[str, Any], *, root: bool) -> str:
        """Why a message is not wanted; nothing where it is."""
        if values.get("deleted") and not self.deleted:
            return "deleted"
        if values.get("synthetic") and not self.synthetic:
            return "synthetic"
        reviewed = values.get("review_result", True)
        if not self.unreviewed and (reviewed is False or (root and reviewed is None)):
            return "unreviewed"
        if self.languages and values.get("lang", self.languages[0]) not in self.languages:
            return "language"
        rank = values.get("rank")
        if self.top_k and isinstance(rank, (int, float)) and rank >= self.top_k:
            return "rank"
        return ""


class Node(msgspec.Struct):
    """A message of a tree. `values` is what it has beside role, text and replies; `where` its row, where it has one of its own."""

    role: str
    text: str
    values: dict[str, Any]
    replies: list[Node] = []
    where: str = ""


def node_of(message: Any, where: str = "") -> Node | str:
    """The node of a message and of all that was replied, or what is wrong. Not recursive: a tree may be deeper than Python's stack."""
    if isinstance(root := _single(message, where), str):
        return root
    waiting = [(root, message)]
    while waiting:
        node, values = waiting.pop()
        replies = values.get("replies") or []
        if not isinstance(replies, list):
            return "replies is no list"
        for reply in replies:
            child = _single(reply, where)
            if isinstance(child, str):
                return child
            node.replies.append(child)
            waiting.append((child, reply))
    return root


def _single(message: Any, where: str) -> Node | str:
    if not isinstance(message, dict) or not isinstance(message.get("text"), str):
        return "a message has no text"
    if message.get("role") not in ROLES:
        return f"the role '{message.get('role')}' is neither prompter nor assistant"
    values = {name: value for name, value in message.items() if name not in _APART}
    return Node(message["role"], message["text"], values, [], where)


def message_of(node: Node) -> dict[str, Any]:
    """The message as the tree's file has it, with all its replies."""
    return node.values | {"text": node.text, "role": node.role, "replies": [message_of(reply) for reply in node.replies]}


def pruned(root: Node, wanted: Wanted) -> tuple[Node | None, list[tuple[Node, str]]]:
    """The tree of the wanted messages, and the others with the reason. What hangs on an unwanted message is unwanted with it."""
    left: list[tuple[Node, str]] = []
    waiting = [(root, wanted.why_not(root.values, root=True))]
    while waiting:
        node, reason = waiting.pop()
        if reason:
            left.append((node, reason))
            waiting += [(reply, reason) for reply in node.replies]
            continue
        reasons = [wanted.why_not(reply.values, root=False) for reply in node.replies]
        waiting += [(reply, why) for reply, why in zip(node.replies, reasons, strict=True) if why]
        waiting += [(reply, "") for reply, why in zip(node.replies, reasons, strict=True) if not why]
        node.replies = [reply for reply, why in zip(node.replies, reasons, strict=True) if not why]
    return (None if left and left[0][0] is root else root), left


def paths(root: Node) -> Iterator[list[Node]]:
    """The paths from the root to each answer below which nothing is answered, in the order of the tree.

    A question that nobody answered belongs to no path; `paths` leaves it in the replies of the answer before it. A root that nobody
    answered is a path of its own.
    """
    answered = _answered(root)
    waiting = [[root]]
    while waiting:
        path = waiting.pop()
        further = [reply for reply in path[-1].replies if id(reply) in answered]
        if further:
            waiting += [[*path, reply] for reply in reversed(further)]
        else:
            yield path


def _answered(root: Node) -> set[int]:
    """The nodes on a path to an assistant's message."""
    order, waiting = [], [root]
    while waiting:
        node = waiting.pop()
        order.append(node)
        waiting += node.replies
    found: set[int] = set()
    for node in reversed(order):
        if node.role == "assistant" or any(id(reply) in found for reply in node.replies):
            found.add(id(node))
    return found
