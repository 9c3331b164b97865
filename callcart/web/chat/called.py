"""How a visitor's web call stands, as the frame is told of it with all the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from callcart.contact.webcalls import public as webcalls
from callcart.people.staff.public import staff_names
from callcart.web.reader import reader


def told(visitor: Any) -> dict[str, Any] | None:
    """How the visitor's web call stands; None where there is nothing to say, or the shop wants none."""
    if not webcalls.offered(visitor.line):
        return None
    found = webcalls.of_visitor(visitor)
    if found is None:
        return None
    names = staff_names([found.agent_id], language=reader().language)
    return {
        "id": str(found.id),
        "state": str(found.state),
        "why": found.why,
        "answered": found.answered,
        "who": first_name(names, found.agent_id),
        "until": found.until.isoformat(),
    }


def first_name(names: Mapping[UUID, str], staff_id: UUID | None) -> str:
    """What a visitor is told of who answers; empty for nobody."""
    name = names.get(staff_id, "") if staff_id is not None else ""
    return name.split()[0] if name else ""
