"""States of what arrives and of what leaves, as data."""

from __future__ import annotations

from enum import StrEnum


class Author(StrEnum):
    """Who wrote a message."""

    CUSTOMER = "customer"
    STAFF = "staff"
    SYSTEM = "system"


class MessageKind(StrEnum):
    """`AUTOMATIC` is what a machine on the other side sent (an out-of-office reply), `BOUNCE` that something of ours did not
    arrive, `CARD` a thing of the shop shown to the customer (an order), `NOTICE` is said outside of any conversation (a sign-in code):
    its conversation is its own id, which is nobody's, and its words are forgotten once it has gone."""

    TEXT = "text"
    AUTOMATIC = "automatic"
    BOUNCE = "bounce"
    CARD = "card"
    NOTICE = "notice"


class ArrivalState(StrEnum):
    """`RECEIVED` is kept and not read yet, `FILED` is a message of a conversation, `IGNORED` needs no conversation (a receipt),
    `DEAD` could not be read: a person may look at it and have it tried again."""

    RECEIVED = "received"
    FILED = "filed"
    IGNORED = "ignored"
    DEAD = "dead"


class DeliveryState(StrEnum):
    """`IN_DOUBT`: the provider may have it or not (we died, or it went silent, between the hand-over and its answer). It is never
    sent again by itself; a person may."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    IN_DOUBT = "in_doubt"


OPEN = (DeliveryState.WAITING, DeliveryState.SENDING)
DEAD = (DeliveryState.FAILED, DeliveryState.IN_DOUBT)
_D = DeliveryState

TRANSITIONS: dict[DeliveryState, frozenset[DeliveryState]] = {
    _D.WAITING: frozenset({_D.SENDING, _D.FAILED}),
    _D.SENDING: frozenset({_D.WAITING, _D.SENT, _D.DELIVERED, _D.FAILED, _D.IN_DOUBT}),
    _D.SENT: frozenset({_D.DELIVERED, _D.FAILED}),
    _D.DELIVERED: frozenset(),
    # Sent again by a person, or a receipt that came after all.
    _D.FAILED: frozenset({_D.WAITING, _D.DELIVERED}),
    _D.IN_DOUBT: frozenset({_D.WAITING, _D.SENT, _D.DELIVERED, _D.FAILED}),
}


class LineState(StrEnum):
    """Whether a line works, as it last said. `NEW` was never tried."""

    NEW = "new"
    UP = "up"
    DOWN = "down"
