"""Reading flows: the list with what callers hear now, one flow with its versions, and which number leads where."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from callcart.core.actor import Actor
from callcart.core.errors import Invalid, NotFound
from callcart.engage.ivr.blocks import Graph
from callcart.engage.ivr.check import Finding, World, check
from callcart.engage.ivr.graphs import read
from callcart.engage.ivr.models import Flow, FlowNumber, FlowVersion, VersionState
from callcart.engage.ivr.shipped import MAIN
from callcart.engage.ivr.world import world_of_shop
from callcart.people.tenants.public import ServiceNumber, list_service_numbers

MOST_VERSIONS = 50


@dataclass(frozen=True, slots=True)
class FlowRow:
    """A flow in the list. `numbers`: whose callers hear it; of the main flow, all that chose no other. `errors`: in what
    callers hear, because something it leads to is gone since."""

    flow: Flow
    published: FlowVersion | None
    draft: FlowVersion | None
    numbers: tuple[ServiceNumber, ...]
    errors: int = 0


@dataclass(frozen=True, slots=True)
class FlowView:
    """A flow's page. `versions`: the newest first, at most `MOST_VERSIONS`."""

    flow: Flow
    published: FlowVersion | None
    draft: FlowVersion | None
    versions: tuple[FlowVersion, ...]

    @property
    def is_main(self) -> bool:
        return self.flow.code == MAIN


def list_flows(actor: Actor) -> list[FlowRow]:
    """All flows, the main one first."""
    actor.require("ivr.view")
    flows = sorted(Flow.objects.all(), key=lambda flow: (flow.code != MAIN, flow.code))
    current = FlowVersion.objects.exclude(state=VersionState.RETIRED)
    versions = {(version.flow_id, version.state): version for version in current}
    world = world_of_shop(actor.tenant_id)
    chosen = numbers_and_flows(actor)
    return [
        FlowRow(
            flow,
            versions.get((flow.id, VersionState.PUBLISHED)),
            versions.get((flow.id, VersionState.DRAFT)),
            tuple(number for number, code in chosen if code == flow.code),
            _errors(versions.get((flow.id, VersionState.PUBLISHED)), world),
        )
        for flow in flows
    ]


def _errors(version: FlowVersion | None, world: World) -> int:
    try:
        findings = check(read(version.graph), world) if version is not None else []
    except Invalid:
        return 1
    return sum(finding.is_error for finding in findings)


def numbers_and_flows(actor: Actor) -> list[tuple[ServiceNumber, str]]:
    """Every service number with the code of the flow it leads to."""
    actor.require("ivr.view")
    codes = dict(FlowNumber.objects.values_list("number", "flow__code"))
    return [(each, codes.get(each.number, MAIN)) for each in list_service_numbers(actor.tenant_id)]


def flow_view(actor: Actor, flow_id: UUID) -> FlowView:
    """Raises NotFound."""
    actor.require("ivr.view")
    flow = Flow.objects.filter(id=flow_id).first()
    if flow is None:
        raise NotFound
    versions = tuple(flow.versions.order_by("-number").defer("graph")[: MOST_VERSIONS + 1])
    by_state = {version.state: version for version in versions}
    published = (
        by_state.get(VersionState.PUBLISHED) or flow.versions.filter(state=VersionState.PUBLISHED).first()
    )
    return FlowView(flow, published, by_state.get(VersionState.DRAFT), versions[:MOST_VERSIONS])


def version_of(actor: Actor, flow_id: UUID, number: int) -> FlowVersion:
    """Raises NotFound."""
    actor.require("ivr.view")
    found = FlowVersion.objects.select_related("flow").filter(flow_id=flow_id, number=number).first()
    if found is None:
        raise NotFound
    return found


def draft_of(actor: Actor, flow_id: UUID) -> FlowVersion | None:
    actor.require("ivr.view")
    rows = FlowVersion.objects.select_related("flow")
    return rows.filter(flow_id=flow_id, state=VersionState.DRAFT).first()


def graph_in(version: FlowVersion) -> Graph:
    """What a version consists of. Raises NotFound where it is of a program that is no more."""
    try:
        return read(version.graph)
    except Invalid:
        raise NotFound from None


def findings_of(actor: Actor, version: FlowVersion) -> list[Finding]:
    """What would have to be put right before it is published."""
    actor.require("ivr.view")
    return check(graph_in(version), world_of_shop(actor.tenant_id))
