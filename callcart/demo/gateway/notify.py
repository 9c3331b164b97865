"""Settles payments that are due, and tells shops what became of them."""

from __future__ import annotations

from callcart.core.clock import now
from callcart.demo.company.telling import keep_at_it
from callcart.demo.gateway.book import Book
from callcart.demo.gateway.cards import CARDS
from callcart.demo.gateway.rows import Payment, State
from callcart.integrations.gateways.demo import SEAL


async def keep_telling(book: Book) -> None:
    """Until cancelled."""

    def settle_what_is_due() -> None:
        for payment in book.due_payments(now().timestamp()):
            settle(book, payment)

    await keep_at_it(book, SEAL, work=settle_what_is_due)


def settle(book: Book, payment: Payment) -> None:
    """The bank has decided about a card, or a page has run out."""
    at = now().timestamp()
    if payment.state is State.OPEN:
        book.finish(payment, State.EXPIRED, failure="expired", at=at)
        return
    card = CARDS.get(payment.card)
    if card is None or card.declined:
        book.finish(payment, State.DECLINED, failure=card.declined if card else "card_gone", at=at)
    else:
        book.finish(payment, State.CAPTURED, messages=card.messages, short=card.short, at=at)
