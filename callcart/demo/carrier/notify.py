"""Moves parcels that are due, and tells shops of it."""

from __future__ import annotations

from callcart.core.clock import now
from callcart.demo.carrier.book import Book
from callcart.demo.company.telling import keep_at_it
from callcart.integrations.carriers.demo import SEAL


async def keep_moving(book: Book) -> None:
    """Until cancelled."""

    def move_what_is_due() -> None:
        for tracking in book.due(now().timestamp()):
            book.move(tracking, at=now().timestamp())

    await keep_at_it(book, SEAL, work=move_what_is_due)
