"""What supervision knows of figures and limits, as data and pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Audience(StrEnum):
    """To whom a message goes."""

    ALL = "all"
    TEAM = "team"
    QUEUE = "queue"


class Alert(StrEnum):
    """How far a figure is from what is wanted."""

    OK = ""
    WARN = "warn"
    ALARM = "alarm"


MEASURES = ("waiting", "longest", "level", "ready")
LOW_IS_BAD = frozenset({"level", "ready"})
# measure: (least, most) that may be set
BOUNDS: Mapping[str, tuple[int, int]] = {
    "waiting": (1, 10_000),
    "longest": (1, 86_400),
    "level": (0, 100),
    "ready": (0, 1_000),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one queue: where each figure is coloured, and where it rings. None: never."""

    waiting_warn: int | None = 5
    waiting_alarm: int | None = 10
    longest_warn: int | None = 60
    longest_alarm: int | None = 180
    level_warn: int | None = 80
    level_alarm: int | None = 60
    ready_warn: int | None = 1
    ready_alarm: int | None = 0


SHIPPED = Limits()


def judged(limits: Limits, figures: Mapping[str, float | None]) -> dict[str, Alert]:
    """Each figure against its limits. A figure that nobody knows (None) is fine; agents ready matter only while somebody waits."""
    return {name: _judge(limits, name, figures.get(name)) for name in MEASURES}


def _judge(limits: Limits, name: str, value: float | None) -> Alert:
    if value is None:
        return Alert.OK
    for alert in (Alert.ALARM, Alert.WARN):
        limit: int | None = getattr(limits, f"{name}_{alert}")
        if limit is not None and (value <= limit if name in LOW_IS_BAD else value >= limit):
            return alert
    return Alert.OK


def worst(alerts: Mapping[str, Alert]) -> Alert:
    """The gravest of several."""
    found = set(alerts.values())
    return next((each for each in (Alert.ALARM, Alert.WARN) if each in found), Alert.OK)
