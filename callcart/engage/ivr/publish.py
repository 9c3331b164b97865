"""What callers hear from the next call on: publishing a draft, going back to an earlier version, and the flow of each number.

A flow with an error is never published, also not by going back to it: what it leads to may be gone by now. Versions are
added to and never changed, so calls in progress keep theirs and the list of them is the history.
"""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import AppError, Conflict, Invalid, NotFound
from callcart.engage.ivr.check import Finding, check, may_publish
from callcart.engage.ivr.drafts import StaleDraft, locked_flow, new_draft
from callcart.engage.ivr.graphs import read
from callcart.engage.ivr.models import Flow, FlowNumber, FlowVersion, VersionState
from callcart.engage.ivr.shipped import MAIN
from callcart.engage.ivr.world import world_of_shop
from callcart.people.tenants.public import list_service_numbers


class FlowBroken(AppError):
    """This flow has errors. Callers go on hearing the version before."""

    code = "ivr.broken"
    status = 422

    def __init__(self, findings: list[Finding]) -> None:
        wrong = sum(finding.is_error for finding in findings)
        text = ngettext(
            "There is %(count)s error to put right first. Callers go on hearing the version before.",
            "There are %(count)s errors to put right first. Callers go on hearing the version before.",
            wrong,
        )
        super().__init__(text % {"count": wrong})
        self.findings = findings


class FlowInUse(Conflict):
    """Numbers lead to this flow. Choose another flow for them first."""

    code = "ivr.in_use"


def publish(actor: Actor, flow_id: UUID, *, revision: int) -> FlowVersion:
    """Let callers hear the draft. Raises NotFound, StaleDraft, FlowBroken with all that is wrong."""
    actor.require("ivr.publish")
    flow = locked_flow(flow_id)
    draft = flow.versions.filter(state=VersionState.DRAFT).first()
    if draft is None or draft.revision != revision:
        raise StaleDraft
    return _publish(actor, flow, draft)


def roll_back(actor: Actor, flow_id: UUID, number: int) -> FlowVersion:
    """Let callers hear an earlier version again; it becomes a new one with the same blocks. A draft stays as it is, after it.
    Raises NotFound, FlowBroken."""
    actor.require("ivr.publish")
    flow = locked_flow(flow_id)
    old = flow.versions.filter(number=number, state=VersionState.RETIRED).first()
    if old is None:
        raise NotFound
    draft = flow.versions.filter(state=VersionState.DRAFT).first()
    if draft is not None:  # its number is taken by what goes out before it
        number_of_draft, draft.number = draft.number, draft.number + 1
        draft.save(update_fields=["number"])
        made = FlowVersion(flow=flow, number=number_of_draft, graph=old.graph, based_on=old.number)
    else:
        made = new_draft(actor, flow, old)
    return _publish(actor, flow, made)


def _publish(actor: Actor, flow: Flow, version: FlowVersion) -> FlowVersion:
    findings = check(read(version.graph), world_of_shop(flow.tenant_id))
    if not may_publish(findings):
        raise FlowBroken(findings)
    before = flow.versions.filter(state=VersionState.PUBLISHED).first()
    if before is not None:
        before.state = VersionState.RETIRED
        before.save(update_fields=["state"])
    version.state = VersionState.PUBLISHED
    version.published_at, version.published_by = now(), actor.name
    version.changed_by = version.changed_by or actor.name
    version.save()
    audit.record(
        actor, "ivr.publish", subject=("flow", flow.id),
        before={"number": before.number if before else None},
        after={"number": version.number, "based_on": version.based_on},
    )  # fmt: skip
    events.emit("ivr.published", subject=("flow", flow.id), data={"number": version.number})
    return version


def choose_flow(actor: Actor, number: str, flow_id: UUID | None) -> None:
    """The flow that callers of a service number walk through from the next call on; None is the main one. Raises NotFound,
    Invalid."""
    actor.require("ivr.publish")
    if number not in {each.number for each in list_service_numbers(actor.tenant_id)}:
        raise NotFound
    flow = Flow.objects.filter(id=flow_id).first() if flow_id else None
    if flow_id and flow is None:
        raise NotFound
    if flow is not None and not flow.versions.filter(state=VersionState.PUBLISHED).exists():
        raise Invalid(fields={number: _("Publish this flow first.")})
    before = FlowNumber.objects.filter(number=number).select_related("flow").first()
    if flow is None or flow.code == MAIN:
        FlowNumber.objects.filter(number=number).delete()
    else:
        FlowNumber.objects.update_or_create(number=number, defaults={"flow": flow})
    audit.record(
        actor, "ivr.choose", before={"number": number, "flow": before.flow.code if before else MAIN},
        after={"number": number, "flow": flow.code if flow else MAIN},
    )  # fmt: skip
    events.emit("ivr.chosen", data={"number": number})


def remove_flow(actor: Actor, flow_id: UUID) -> None:
    """Take a flow away with its history; never the main one. A call that is in it goes on to a person. Raises NotFound,
    FlowInUse, Invalid."""
    actor.require("ivr.publish")
    flow = locked_flow(flow_id)
    if flow.code == MAIN:
        raise Invalid(fields={"flow": _("The main flow cannot be removed.")})
    if flow.numbers.exists():
        raise FlowInUse
    audit.record(
        actor, "ivr.remove", subject=("flow", flow.id), before={"code": flow.code, "name": flow.name}
    )
    flow.delete()
