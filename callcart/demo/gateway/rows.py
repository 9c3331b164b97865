"""What stands in the company's book."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    SESSION = "session"
    CHARGE = "charge"


class State(StrEnum):
    OPEN = "open"
    PROCESSING = "processing"
    CAPTURED = "captured"
    DECLINED = "declined"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Payment:
    """A page to pay on, or a charge on a mandate. `due_at`: when an open page runs out or the bank has decided."""

    reference: str
    key: str
    kind: Kind
    state: State
    amount: int
    currency: str
    description: str
    language: str
    return_url: str
    notify_url: str
    keep_mandate: bool
    mandate: str
    card: str
    failure: str
    event_id: str
    made_at: float
    due_at: float

    @property
    def settled(self) -> bool:
        return self.state in {State.CAPTURED, State.DECLINED, State.EXPIRED}

    def event(self, state: State | None = None) -> dict[str, Any]:
        """What the shop is told; `state` where it is another than the payment's own (a refused card on an open page)."""
        return {
            "event_id": self.event_id,
            "kind": str(state or self.state),
            "reference": self.reference,
            "key": self.key,
            "amount": self.amount,
            "currency": self.currency,
            "mandate": self.mandate,
            "failure": self.failure,
        }
