"""What can go wrong, as one tree.

SeodangError                one sentence for a person, never a traceback
├── RecipeError             every problem of a recipe at once
├── PluginError             a plugin is missing, broken, or two offer one name
├── DataError               rows, files or a run directory that cannot be used
├── StepError               a step stopped; the same command continues it
│   ├── OutOfBudget         the cap would be passed by the next request
│   ├── Interrupted         somebody asked the run to stop
│   └── TermsError          an objection was raised before money was spent
└── RemoteError             somebody else's computer said no
    ├── Transient           ask again later
    ├── Exhausted           the quota is used up
    ├── Refused             this one request will never be answered
    ├── Unauthorized        the key is wrong
    └── MissingSecret       the key is not there
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seodang.requests import Limits


class SeodangError(Exception):
    """An error meant for a person: a message of the catalogue and the facts that fill it.

    `code` names the message, as in `recipes.unknown-option`: room and name. A plugin's codes begin with its
    module, as in `seodang_openai:no-such-model`, and stand in the `messages.en.toml` (and `.ko`) beside that module.
    """

    exit_code = 4

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code, facts)
        self.code = code
        self.facts = facts

    def __str__(self) -> str:
        from seodang.wording import render

        return render(self.code, self.facts)

    def __reduce__(self) -> tuple[Any, ...]:
        # The facts are keywords, which pickle would forget: a worker process could not tell what happened.
        return _again, (type(self), self.args, vars(self))


def _again(kind: type[SeodangError], arguments: tuple[Any, ...], state: dict[str, Any]) -> SeodangError:
    error = kind.__new__(kind, *arguments)
    vars(error).update(state)
    return error


class RecipeError(SeodangError):
    """All the problems of one recipe, in the order of its lines."""

    exit_code = 3

    def __init__(self, problems: Sequence[SeodangError]) -> None:
        super().__init__("recipes.problems")
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class PluginError(SeodangError):
    """A plugin is missing, could not be loaded, or shares its name with another."""

    exit_code = 3


class DataError(SeodangError):
    """Rows, files or a run directory that cannot be used."""

    exit_code = 4


class StepError(SeodangError):
    """A step stopped; the same command goes on from there."""

    exit_code = 4


class OutOfBudget(StepError):
    """The next request would pass the cap. Nothing was sent."""

    exit_code = 7


class Interrupted(StepError):
    """Somebody asked the run to stop. Raised by long work, after it has saved what it has."""

    exit_code = 75


class TermsError(StepError):
    """An objection was raised before anything was spent."""

    exit_code = 3


class RemoteError(SeodangError):
    """What a teacher or a translator raises when the other side does not do what was asked.

    `detail` is what the other side said. The core redacts it before it is stored or shown.
    """

    exit_code = 6
    message_code = "remote.error"

    def __init__(self, detail: str = "", *, status: int = 0) -> None:
        super().__init__(self.message_code, detail=detail, status=status)
        self.detail = detail
        self.status = status


class Transient(RemoteError):
    """Ask again, not before `retry_after` seconds.

    `throttled`: the other side is healthy and asks for patience (429); that opens no breaker.
    `in_doubt`: the request had left when the connection failed, so it may have been paid for.
    `limits` are what the other side said of its limits (`seodang.Limits`).
    """

    message_code = "remote.transient"

    def __init__(
        self,
        detail: str = "",
        *,
        retry_after: float = 0.0,
        throttled: bool = False,
        in_doubt: bool = False,
        status: int = 0,
        limits: Limits | None = None,
    ) -> None:
        super().__init__(detail, status=status)
        self.retry_after = retry_after
        self.throttled = throttled
        self.in_doubt = in_doubt
        self.limits = limits


class Exhausted(RemoteError):
    """The account's quota is used up: nothing more is sent to this teacher in this run."""

    message_code = "remote.exhausted"


class Refused(RemoteError):
    """A final answer to this one request: it is entered in the ledger under `reason` and not sent again unless asked."""

    message_code = "remote.refused"

    def __init__(self, detail: str = "", *, reason: str = "refused", status: int = 0) -> None:
        super().__init__(detail, status=status)
        self.reason = reason


class Unauthorized(RemoteError):
    """The key is wrong, or not allowed to do this."""

    exit_code = 5
    message_code = "remote.unauthorized"


class MissingSecret(RemoteError):
    """`name` is where the secret was looked for, as in `env:OPENAI_API_KEY`; never the secret."""

    exit_code = 5
    message_code = "remote.missing-secret"

    def __init__(self, name: str) -> None:
        super().__init__()
        self.facts = {"name": name.removeprefix("env:"), "reference": name}
