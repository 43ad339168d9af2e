"""What a failure means for the lane and for the bill."""

from __future__ import annotations

from seodang.errors import Exhausted, MissingSecret, Refused, RemoteError, Transient, Unauthorized
from seodang.traffic.lane import Slot

LONGEST_DETAIL = 500
_UNPAID = (Refused, Unauthorized, Exhausted, MissingSecret)


def tell(slot: Slot, error: Exception) -> None:
    """What the lane learns of it; of a plugin's own mistake it learns nothing."""
    if isinstance(error, Refused):
        slot.succeeded()
    elif isinstance(error, RemoteError):
        slot.failed(error)


def outcome_of(error: Exception) -> str:
    """What the ledger counts: nothing where it is certain that no work was done, else the worst case."""
    if isinstance(error, Transient):
        return "in-doubt" if error.in_doubt else "unpaid"
    return "unpaid" if isinstance(error, _UNPAID) or (isinstance(error, RemoteError) and error.status >= 400) else "in-doubt"


def detail_of(error: Exception) -> str:
    """What the other side said, or what the plugin tripped over, shortened."""
    detail = error.detail if isinstance(error, RemoteError) else f"{type(error).__name__}: {error}"
    return detail[:LONGEST_DETAIL]
