"""The lives of stock documents, as data. `docs/inventory.md` draws them."""

from __future__ import annotations

from callcart.commerce.inventory.documents.tables import DocumentState as S
from callcart.commerce.inventory.documents.tables import DocumentType

TRANSITIONS: dict[DocumentType, dict[S, frozenset[S]]] = {
    DocumentType.STOCK_IN: {
        S.DRAFT: frozenset({S.OPEN, S.CANCELLED}),
        S.OPEN: frozenset({S.PART_RECEIVED, S.RECEIVED, S.CANCELLED}),
        S.PART_RECEIVED: frozenset({S.OPEN, S.RECEIVED, S.CLOSED_SHORT}),
    },
    DocumentType.TRANSFER: {
        S.DRAFT: frozenset({S.SENT, S.CANCELLED}),
        S.SENT: frozenset({S.PART_RECEIVED, S.RECEIVED, S.CLOSED}),
        S.PART_RECEIVED: frozenset({S.SENT, S.RECEIVED, S.CLOSED}),
        S.RECEIVED: frozenset({S.CLOSED}),
    },
    DocumentType.COUNT: {S.COUNTING: frozenset({S.POSTED, S.CANCELLED})},
    DocumentType.STOCK_OUT: {S.DRAFT: frozenset({S.POSTED, S.CANCELLED})},
}
RECEIVING = frozenset({S.OPEN, S.SENT, S.PART_RECEIVED})
"""States in which goods are taken in."""


def may_become(type_: str, state: str, following: S) -> bool:
    return following in TRANSITIONS[DocumentType(type_)].get(S(state), frozenset())


def is_last(type_: str, state: str) -> bool:
    """Whether nothing comes after this state."""
    return not TRANSITIONS[DocumentType(type_)].get(S(state))
