"""What customers answered: one asking a row, newest first, and the mean by queue, agent or channel. Each figure opens down to its
conversations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Sum

from callcart.core.actor import Actor
from callcart.engage.survey.models import Asked

PAGE = 50


class By(StrEnum):
    QUEUE = "queue"
    AGENT = "agent"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; what is empty fits all. `low`: a mean of two or less."""

    first: datetime | None = None
    end: datetime | None = None
    queue_id: UUID | None = None
    agent_id: UUID | None = None
    channel: str = ""
    survey_id: UUID | None = None
    low: bool = False


@dataclass(frozen=True, slots=True)
class Mean:
    """One group: how many were asked and answered, and the mean of their answers (None without any)."""

    key: str
    asked: int
    answered: int
    mean: float | None


def answered(
    actor: Actor, wanted: Wanted, *, after: tuple[datetime, UUID] | None = None, most: int = PAGE
) -> list[Asked]:
    """Those who answered, newest first; `after` pages on. Raises PermissionDenied."""
    actor.require("survey.results")
    rows = _fitting(wanted, "answered_at").filter(answered_at__isnull=False)
    if wanted.low:
        rows = rows.filter(count__gt=0, total__lte=F("count") * 2)
    if after is not None:
        at, last = after
        rows = rows.filter(Q(answered_at__lt=at) | Q(answered_at=at, id__lt=last), answered_at__lte=at)
    return list(rows.order_by("-answered_at", "-id")[:most])


def means(actor: Actor, wanted: Wanted, by: By) -> list[Mean]:
    """The groups of those who were asked in a time, the most asked first. Raises PermissionDenied."""
    actor.require("survey.results")
    name = "channel" if by is By.CHANNEL else f"{by}_id"
    rows = (
        _fitting(wanted, "asked_at")
        .values(name)
        .annotate(
            asked=Count("id"),
            answered=Count("id", filter=Q(count__gt=0)),
            all=Sum("total"),
            scores=Sum("count"),
        )
        .order_by("-asked", name)[:200]
    )
    return [
        Mean(
            str(row[name] or ""),
            row["asked"],
            row["answered"],
            round(row["all"] / row["scores"], 2) if row["scores"] else None,
        )
        for row in rows
    ]


def _fitting(wanted: Wanted, moment: str) -> QuerySet[Asked]:
    exact = {
        name: value
        for name, value in (
            ("queue_id", wanted.queue_id),
            ("agent_id", wanted.agent_id),
            ("channel", wanted.channel),
            ("survey_id", wanted.survey_id),
            (f"{moment}__gte", wanted.first),
            (f"{moment}__lt", wanted.end),
        )
        if value
    }
    return Asked.objects.filter(**exact)
