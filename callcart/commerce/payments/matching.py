"""Which order a line of a bank statement pays. Pure: facts in, proposals with a confidence and the reasons out.

Certain is only a number of ours with its check digit together with the very amount that is missing; everything else is for a
person to say yes to.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from callcart.core.ids import is_valid_number, unspoken

CERTAIN = 90
LIKELY = 50
_RUNS = re.compile(r"\d[\d\s\u00a0\u2010-\u2015-]{2,24}\d")
_NAME_NOISE = re.compile(r"[\W_\d]+")


class Why(StrEnum):
    NUMBER = "number"
    AMOUNT = "amount"
    PART = "part"
    OVER = "over"
    NAME = "name"
    ONLY_ONE = "only_one"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class Debt:
    """A payment as matching needs it."""

    payment_id: UUID
    order_number: str
    missing_minor: int
    payer_name: str
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class Proposal:
    payment_id: UUID
    confidence: int
    why: tuple[Why, ...]


def numbers_in(*texts: str) -> list[str]:
    """What may be order numbers in a text: runs of digits, however grouped, whose check digit is right; and each group alone."""
    found: dict[str, None] = {}
    for text in texts:
        plain = unicodedata.normalize("NFKC", text)
        for run in _RUNS.findall(plain):
            for part in (unspoken(run), *re.findall(r"\d{3,}", run)):
                if 4 <= len(part) <= 20 and is_valid_number(part):
                    found[part] = None
    return list(found)


def same_name(left: str, right: str) -> bool:
    """Whether two names are of one person: the same words in any order, or the same Chinese characters."""
    one, two = _words(left), _words(right)
    return bool(one) and one == two


def _words(name: str) -> frozenset[str]:
    plain = unicodedata.normalize("NFKC", name).casefold()
    return frozenset(word for word in _NAME_NOISE.split(plain) if word)


def propose(
    amount_minor: int, payer: str, named: Sequence[Debt], same_amount: Iterable[Debt]
) -> Proposal | None:
    """The order that a sum most likely pays: one whose number stands in the text (`named`), else the only open one of that
    amount, if its payer's name fits better."""
    best: Proposal | None = None
    for debt in named:
        found = _by_number(amount_minor, payer, debt)
        if best is None or found.confidence > best.confidence:
            best = found
    if best is not None:
        return best
    alike = [debt for debt in same_amount if debt.is_open and debt.missing_minor == amount_minor]
    by_name = [debt for debt in alike if same_name(payer, debt.payer_name)]
    if len(by_name) == 1:
        return Proposal(by_name[0].payment_id, 70, (Why.AMOUNT, Why.NAME))
    if by_name:
        return Proposal(by_name[0].payment_id, 40, (Why.AMOUNT, Why.NAME))
    if len(alike) == 1:
        return Proposal(alike[0].payment_id, 30, (Why.AMOUNT, Why.ONLY_ONE))
    return None


def _by_number(amount_minor: int, payer: str, debt: Debt) -> Proposal:
    why, score = [Why.NUMBER], 60
    if not debt.is_open or debt.missing_minor <= 0:
        return Proposal(debt.payment_id, 40, (Why.NUMBER, Why.SETTLED))
    if amount_minor == debt.missing_minor:
        why, score = [*why, Why.AMOUNT], 95
    elif amount_minor < debt.missing_minor:
        why.append(Why.PART)
    else:
        why.append(Why.OVER)
    if same_name(payer, debt.payer_name):
        why, score = [*why, Why.NAME], min(score + 10, 99 if Why.AMOUNT in why else 80)
    return Proposal(debt.payment_id, score, tuple(why))
