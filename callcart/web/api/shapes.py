"""What all resources are written with: bounded texts and numbers, money, moments in UTC, pages of a list.

Texts that PostgreSQL cannot hold and numbers no column holds are refused here, with the name of their field.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Generic, TypeVar

from ninja import Query, Schema
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from callcart.core.fields import is_storable
from callcart.core.money import Money

MOST_MINOR = 10**14
MOST_VERSION = 2**31 - 1


def _storable(text: str) -> str:
    if not is_storable(text):
        raise ValueError("This text holds characters that cannot be kept.")
    return text


def _utc(moment: datetime) -> datetime:
    """A moment without a zone is taken for UTC; years that no calendar here reaches are refused."""
    if not 1900 <= moment.year <= 9000:
        raise ValueError("This moment cannot be right.")
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


Text = Annotated[str, StringConstraints(max_length=500), AfterValidator(_storable)]
LongText = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(_storable)]
Code = Annotated[str, StringConstraints(max_length=100), AfterValidator(_storable)]
Cursor = Annotated[str, StringConstraints(max_length=200), AfterValidator(_storable)]
Minor = Annotated[
    int, Field(ge=-MOST_MINOR, le=MOST_MINOR, strict=True, description="minor units: cents, fen")
]
Units = Annotated[int, Field(ge=-(10**7), le=10**7, strict=True)]
Version = Annotated[
    int,
    Field(ge=0, le=MOST_VERSION, strict=True, description="the version that was read; another one is 409"),
]
Moment = Annotated[datetime, AfterValidator(_utc)]
Limit = Annotated[int, Query(ge=1, le=200, description="how many at most")]
IdempotencyKey = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_storable)]


class Given(Schema):
    """What a program sends: a field we do not know is refused, as it is mostly a misspelt one."""

    model_config = ConfigDict(extra="forbid")


class MoneyShape(Schema):
    minor: int = Field(description="minor units: cents, fen")
    currency: str = Field(description="ISO 4217")


class MoneyGiven(Given):
    minor: Minor
    currency: Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]

    def value(self) -> Money:
        return Money(self.minor, self.currency)


Item = TypeVar("Item")


class PageOf(Schema, Generic[Item]):
    """A page of a list. `cursor` asks for the next page; it is empty at the end."""

    items: list[Item]
    cursor: str


class Refusal(Schema):
    """Why a request was refused. `code` is stable; `message` is in the language of Accept-Language; `fields` names each wrong one."""

    code: str
    message: str
    retryable: bool = False
    fields: dict[str, str] = {}
    details: dict[str, str | int | float | bool] = {}


def money(minor: int, currency: str) -> MoneyShape:
    return MoneyShape(minor=minor, currency=currency)


def of(amount: Money) -> MoneyShape:
    return MoneyShape(minor=amount.minor, currency=amount.currency)
