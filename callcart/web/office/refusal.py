"""What a page shows of a verb that refused: nothing where none did, so that templates need not ask."""

from __future__ import annotations

from dataclasses import dataclass, field

from callcart.core.errors import AppError, Conflict
from callcart.web.http import Attempt


@dataclass(frozen=True, slots=True)
class Refusal:
    """A message, errors by field, the status of the answer. `stale`: somebody else was faster."""

    message: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    status: int = 200
    stale: bool = False
    error: AppError | None = None


def refusal(tried: Attempt | None) -> Refusal:
    """The refusal of an attempt; an empty one where it went well or was not made."""
    if tried is None or tried.error is None:
        return Refusal()
    stale = type(tried.error) is Conflict
    return Refusal(tried.message, tried.fields, tried.status, stale, tried.error)
