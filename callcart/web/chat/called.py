"""How a visitor's web call stands, as the frame is told of it with all the rest."""

from __future__ import annotations

from typing import Any

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
        "who": names.get(found.agent_id, "").split(" ")[0],
        "until": found.until.isoformat(),
    }
