"""Which version a call runs: read anew for each call, so that what is published holds from the next call on."""

from __future__ import annotations

import structlog
from django.db.models import Q

from callcart.core.errors import Invalid
from callcart.core.ids import read_id
from callcart.engage.ivr.blocks import Graph
from callcart.engage.ivr.graphs import read
from callcart.engage.ivr.models import FlowVersion, VersionState
from callcart.engage.ivr.shipped import MAIN

log = structlog.get_logger(__name__)


def version_for(number: str) -> str:
    """The id of the version published for a service number, else of the shop's main flow; empty: what ships is heard."""
    here = Q(flow__code=MAIN) | Q(flow__numbers__number=number) if number else Q(flow__code=MAIN)
    rows = FlowVersion.objects.filter(here, state=VersionState.PUBLISHED).values_list("id", "flow__code")
    found = sorted(rows, key=lambda row: row[1] == MAIN)
    return str(found[0][0]) if found else ""


def graph_of(version: str) -> Graph | None:
    """The graph of a version that is or was published; None where there is none or an older program's cannot be read."""
    version_id = read_id(version)
    if version_id is None:
        return None
    rows = FlowVersion.objects.exclude(state=VersionState.DRAFT).filter(id=version_id)
    values = rows.values_list("graph", flat=True).first()
    if values is None:
        return None
    try:
        return read(values)
    except Invalid as error:
        log.error("ivr.unreadable", version=version, fields=sorted(error.fields))
        return None
