"""What happened to a case, and who is told: history, audit, the order, the event, the task of whoever it waits for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext, override

from callcart.commerce.aftersales.labels import state_label
from callcart.commerce.aftersales.models import Case, CaseHistory
from callcart.commerce.aftersales.rules import rules_of
from callcart.commerce.aftersales.states import CaseState, check_transition
from callcart.commerce.aftersales.units import given_back
from callcart.commerce.orders.public import keep_given_back
from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.language import locale_of
from callcart.core.money import Money
from callcart.people.tasks.public import close_tasks

LATE = "return_late"
_PUBLIC = frozenset({*CaseState, "sent", "sent_back", "picture"})
# How long a case may stand in a state before somebody is asked to look; goods on their way have the shop's own time.
PATIENCE: Mapping[CaseState, timedelta] = {
    CaseState.ASKED: timedelta(days=1),
    CaseState.APPROVED: timedelta(days=1),
    CaseState.RECEIVED: timedelta(days=2),
    CaseState.INSPECTED: timedelta(days=1),
    CaseState.SETTLED: timedelta(days=7),
}


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One entry as a reader sees it; a customer sees no names and no reasons of staff."""

    at: datetime
    text: str
    who: str
    actor_kind: str
    reason: str
    public: bool


def note(
    actor: Actor, case: Case, kind: str, *, data: Mapping[str, Any] | None = None, reason: str = ""
) -> None:
    """Write an entry without moving the case, and its audit."""
    CaseHistory.objects.create(
        case=case,
        at=now(),
        kind=kind,
        data=dict(data or {}),
        public=kind in _PUBLIC,
        actor_kind=actor.kind,
        actor_name=actor.name,
        reason=reason,
    )
    audit.record(actor, f"aftersales.{kind}", subject=("return", case.id), after=data, reason=reason)


def step(actor: Actor, case: Case, state: CaseState, *, reason: str = "", told: str = "") -> Case:
    """Move a case whose order and row are locked; `told` is what the customer hears where that is more than the state.
    Raises WrongCaseState."""
    check_transition(case.state, state)
    close_tasks(LATE, ("return", case.id), outcome="moved_on")
    case.state = state
    save(case)
    _write(actor, case, reason)
    tell(case, told or ("approved" if state is CaseState.WAITING else state))
    return case


def begin(actor: Actor, case: Case) -> None:
    """Save a case that is new, and say so."""
    case.state_at, case.due_at = now(), due(case)
    case.save(force_insert=True)


def announce(actor: Actor, case: Case) -> None:
    """A new case with its lines is written."""
    _write(actor, case, "")
    tell(case, case.state)


def save(case: Case) -> None:
    """Save a case at its next version."""
    case.version += 1
    case.state_at, case.due_at = now(), due(case)
    case.save()


def due(case: Case) -> datetime | None:
    """By when the case should have moved."""
    state = CaseState(case.state)
    if state is CaseState.WAITING:
        return now() + timedelta(days=rules_of().wait_days)
    patience = PATIENCE.get(state)
    return now() + patience if patience else None


def tell(case: Case, told: str) -> None:
    events.emit(
        "aftersales.changed",
        subject=("return", case.id),
        data={"order_id": case.order_id, "return_id": case.id, "state": str(told)},
    )


def _write(actor: Actor, case: Case, reason: str) -> None:
    note(actor, case, case.state, reason=reason)
    keep_given_back(actor, case.order, given_back(case.order_id), number=case.number, state=case.state)


def rows_of(case: Case, language: str, *, only_public: bool) -> list[HistoryRow]:
    """A case's history, oldest first."""
    rows = case.history.all()
    with override(language):
        return [
            HistoryRow(
                at=row.at,
                text=_say(row, case, language),
                who="" if only_public else row.actor_name,
                actor_kind=row.actor_kind,
                reason=row.reason if not only_public or row.kind == CaseState.REFUSED else "",
                public=row.public,
            )
            for row in rows
            if row.public or not only_public
        ]


def _say(row: CaseHistory, case: Case, language: str) -> str:
    data = row.data
    if row.kind in set(CaseState):
        return state_label(row.kind)
    if row.kind in ("sent", "sent_back"):
        said = gettext("Sent to us: %(by)s") if row.kind == "sent" else gettext("Sent back: %(by)s")
        return said % {"by": " ".join(str(data.get(each, "")) for each in ("by", "tracking")).strip()}
    if row.kind == "cost":
        locale = locale_of(language)
        amount = Money(int(data.get("amount", 0)), case.currency).format(locale)
        return gettext("Cost noted: %(amount)s") % {"amount": amount}
    if row.kind == "replacement":
        return gettext("Replacement ordered: %(number)s") % {"number": data.get("number", "")}
    return gettext("Picture added") if row.kind == "picture" else row.kind
