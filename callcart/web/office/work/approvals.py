"""Requests for approval in the office: what waits for the reader, what the reader asked for, what was decided."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from callcart.core import permissions
from callcart.core.actor import Actor
from callcart.people.approvals import public as asked
from callcart.web import formats
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office.listing import PAGE, Cursor, cursor_of
from callcart.web.office.refusal import refusal
from callcart.web.office.words import Word
from callcart.web.office.work.links import address


@dataclass(frozen=True, slots=True)
class Row:
    """A request as pages show it. `decides`: the reader may decide it now."""

    request: asked.Approval
    action: str
    size: str
    address: str
    state: Word
    decides: bool


@requires()
def approvals(request: HttpRequest) -> HttpResponse:
    """One of the three lists."""
    actor = actor_of(request)
    wanted = request.GET.get("part", "")
    part = asked.Part(wanted) if wanted in set(asked.Part) else asked.Part.WAITING
    after = cursor_of(request)
    found = asked.list_approvals(actor, part=part, after=UUID(after.id) if after else None, size=PAGE)
    return page(
        request, "office/work/approvals.html", part=part, parts=_parts(), waiting=asked.count_decidable(actor),
        rows=[_row(actor, each) for each in found.rows],
        next=Cursor("", str(found.after)).text() if found.after else "",
    )  # fmt: skip


def _parts() -> dict[str, str]:
    return {
        asked.Part.WAITING: _("For you to decide"),
        asked.Part.MINE: _("Asked by you"),
        asked.Part.PAST: _("Decided"),
    }


def _row(actor: Actor, found: asked.Approval) -> Row:
    action = asked.known(found.action)
    waiting = found.state == asked.ApprovalState.WAITING
    return Row(
        request=found,
        action=str(action.label) if action else found.action,
        size=_size(found),
        address=address(action.link if action else "", found.subject_kind, found.subject_id),
        state=_state(found.state),
        decides=waiting and asked.may_decide(actor, found),
    )


def _size(found: asked.Approval) -> str:
    """The amount or percentage asked for, in the reader's form."""
    if found.amount is not None:
        return formats.money(found.amount)
    return formats.percent(found.percent / 100) if found.percent is not None else ""


def _state(state: str) -> Word:
    return {
        "waiting": Word(pgettext("approval", "Waiting"), "amber"),
        "approved": Word(pgettext("approval", "Approved"), "green"),
        "refused": Word(_("Refused"), "red"),
        "withdrawn": Word(_("Taken back"), "grey"),
        "expired": Word(_("Time ran out"), "grey"),
    }.get(state, Word(state, "grey"))


@requires()
def approval(request: HttpRequest, approval_id: UUID) -> HttpResponse:
    """One request, with what the reader may do about it."""
    return _page(request, approval_id)


def _page(
    request: HttpRequest, approval_id: UUID, *, tried: Attempt | None = None, dialog: str = ""
) -> HttpResponse:
    actor = actor_of(request)
    found = asked.get_approval(actor, approval_id)
    refused = refusal(tried)
    at_fields = bool(dialog and refused.fields)
    known = permissions.known().get(found.permission)
    waiting = found.state == asked.ApprovalState.WAITING
    return page(
        request, "office/work/approval.html", row=_row(actor, found), found=found,
        permission=str(known.label) if known else found.permission, mine=waiting and found.asked_by == actor.id,
        reaches=asked.names_of_approvers(found) if waiting else [], dialog=dialog if at_fields else "",
        errors=refused.fields, posted=request.POST, message="" if at_fields else refused.message,
        status=refused.status,
    )  # fmt: skip


@require_POST
@requires()
def approve(request: HttpRequest, approval_id: UUID) -> HttpResponse:
    note = request.POST.get("note", "")
    return _act(
        request, approval_id, asked.approve, said=_("Approved and done."), dialog="approve", note=note
    )


@require_POST
@requires()
def refuse(request: HttpRequest, approval_id: UUID) -> HttpResponse:
    reason = request.POST.get("reason", "")
    return _act(request, approval_id, asked.refuse, said=_("Refused."), dialog="refuse", reason=reason)


@require_POST
@requires()
def withdraw(request: HttpRequest, approval_id: UUID) -> HttpResponse:
    return _act(request, approval_id, asked.withdraw, said=_("Request taken back."))


def _act(
    request: HttpRequest,
    approval_id: UUID,
    verb: Callable[..., Any],
    *,
    said: str,
    dialog: str = "",
    **arguments: Any,
) -> HttpResponse:
    asked.get_approval(actor_of(request), approval_id)
    with attempt() as tried:
        verb(actor_of(request), approval_id, **arguments)
    if tried:
        return go(request, url("office:approvals"), toast=said)
    return _page(request, approval_id, tried=tried, dialog=dialog)
