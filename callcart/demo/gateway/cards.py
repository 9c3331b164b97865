"""The test cards, and what the bank behind each says. Numbers are the usual ones of payment laboratories."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Card:
    """A test card. `declined` is the bank's reason; `seconds` it thinks; `messages` the shop gets about a payment; `short` how much less
    (minor units) these say than was taken: a company that lies, or errs."""

    number: str
    declined: str = ""
    seconds: int = 0
    messages: int = 1
    short: int = 0

    @property
    def shown(self) -> str:
        return " ".join(self.number[start : start + 4] for start in range(0, 16, 4))


CARDS = {
    card.number: card
    for card in (
        Card("4242424242424242"),
        Card("4000000000000002", declined="card_declined"),
        Card("4000000000009995", declined="insufficient_funds"),
        Card("4000000000003220", seconds=6),
        Card("4000000000007726", messages=2),
        Card("4000000000000259", messages=0),
        Card("4000000000000341", short=100),
    )
}
