"""Facts. A verb emits what happened in its own transaction; after the commit the live feed carries it to screens
and voice, and handlers of higher rooms run as jobs, at least once each.

An event holds ids only: whoever reads it fetches the rest with his own permissions.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog

from callcart.core import jobs, models
from callcart.core.database import raw
from callcart.core.tenancy import current_tenant, tenant_transaction

log = structlog.get_logger(__name__)

Handler = Callable[["Event"], None]
# Written beside every change there is, with a job for each handler: by hand, a fifth of what single statements take.
_EMIT = """
SELECT core_emit_handled(%s, %s, %s, %s::uuid, %s::uuid, %s, %s::jsonb, %s, %s, %s::text[])"""
PORTION = 100  # events that one job tells a handler of


@dataclass(frozen=True, slots=True)
class Event:
    """One fact as handlers and the feed see it."""

    id: int
    tenant_id: int
    at: datetime
    kind: str
    subject_kind: str
    subject_id: UUID | None
    staff_id: UUID | None
    audience: str
    data: Mapping[str, Any]


_handlers: dict[str, dict[str, Handler]] = defaultdict(dict)
_waiting: ContextVar[list[tuple[str, int]] | None] = ContextVar("callcart_events_waiting", default=None)


def handler(*kinds: str) -> Callable[[Handler], Handler]:
    """Register a reaction to kinds of events; it runs in the worker, in a transaction of the event's tenant,
    and must be able to run twice."""

    def register(function: Handler) -> Handler:
        for kind in kinds:
            _handlers[kind][f"{function.__module__}.{function.__qualname__}"] = function
        return function

    return register


def emit(
    kind: str,
    *,
    subject: tuple[str, UUID] | None = None,
    staff_id: UUID | None = None,
    audience: str = "staff",
    data: Mapping[str, Any] | None = None,
) -> int:
    """Record a fact in the transaction in hand and return its id. `audience`: `staff` (every desk and office page),
    `one` (only the staff member named), `board` (who may see the board, and the one named), `process` (no screen)."""
    subject_kind, subject_id = subject or ("", None)
    plain = {key: str(value) if isinstance(value, UUID) else value for key, value in (data or {}).items()}
    waiting, handlers = _waiting.get(), list(_handlers.get(kind, ()))
    event_id: int = raw.value(
        _EMIT,
        (
            current_tenant(),
            kind,
            subject_kind,
            subject_id,
            staff_id,
            audience,
            json.dumps(plain),
            *jobs.queue_and_name(run_handler),
            handlers if waiting is None else [],
        ),
    )
    if waiting is not None:
        waiting += [(name, event_id) for name in handlers]
    return event_id


def emit_many(
    kind: str, subject_kind: str, subject_ids: Sequence[UUID], *, audience: str = "process"
) -> None:
    """Record the same fact of many subjects in one statement; by default for no screen, which could not follow. Handlers are
    told of each, by one job for a portion of them."""
    if not subject_ids:
        return
    made = raw.all(
        "INSERT INTO core_event (tenant_id, kind, subject_kind, subject_id, audience, data)"
        " SELECT %s, %s, %s, subject, %s, '{}'::jsonb FROM unnest(%s::uuid[]) AS subject RETURNING id",
        (current_tenant(), kind, subject_kind, audience, list(subject_ids)),
    )
    found, waiting = [int(row[0]) for row in made], _waiting.get()
    for name in _handlers.get(kind, ()):
        if waiting is not None:
            waiting += [(name, event_id) for event_id in found]
        else:
            portions = [found[start : start + PORTION] for start in range(0, len(found), PORTION)]
            jobs.defer_many(
                run_handler_on_many,
                [{"handler_name": name, "event_ids": portion} for portion in portions],
            )


@contextmanager
def handled_at_once() -> Iterator[None]:
    """For what is written down of the past (imports, the demo shops): handlers of what is emitted inside run at the end of
    the block, in the transaction and at the frozen time in hand, instead of as jobs."""
    waiting: list[tuple[str, int]] = []
    token = _waiting.set(waiting)
    try:
        yield
        while waiting:
            name, event_id = waiting.pop(0)
            run_handler(handler_name=name, event_id=event_id)
    finally:
        _waiting.reset(token)


def of_the_past() -> bool:
    """Whether what happens now is written down of the past (`handled_at_once`): nobody is told of it."""
    return _waiting.get() is not None


@jobs.job(queue="events", retry=8, atomic=False)
def run_handler_on_many(*, handler_name: str, event_ids: list[int]) -> None:
    """Run one handler on events one after the other, each in a transaction of its own. One that fails does not keep the others
    waiting: it becomes a job of its own, which is tried again as any other."""
    tenant_id = current_tenant()
    for event_id in event_ids:
        try:
            with tenant_transaction(tenant_id):
                run_handler(handler_name=handler_name, event_id=event_id)
        except Exception:  # the edge of a job: whatever a handler raises
            log.warning("event.handler_failed", handler=handler_name, event_id=event_id, exc_info=True)
            with tenant_transaction(tenant_id):
                jobs.defer(run_handler, handler_name=handler_name, event_id=event_id)


@jobs.job(queue="events", retry=8)
def run_handler(*, handler_name: str, event_id: int) -> None:
    """Run one handler on one event."""
    row = models.Event.objects.filter(id=event_id).first()
    function = _handlers.get(row.kind, {}).get(handler_name) if row else None
    if row is None or function is None:
        return  # the event is past its keeping time, or the handler is gone with an upgrade
    function(
        Event(
            id=row.id,
            tenant_id=current_tenant(),
            at=row.at,
            kind=row.kind,
            subject_kind=row.subject_kind,
            subject_id=row.subject_id,
            staff_id=row.staff_id,
            audience=row.audience,
            data=row.data,
        )
    )
