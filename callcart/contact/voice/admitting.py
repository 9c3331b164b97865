"""Whether a call may wait for a person where it is sent: what the queue says of its hours, of nobody there, of too many, and which queue
that is. What is done instead is heard as another part of the flow (`Diverted`).
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from callcart.contact.routing import public as routing
from callcart.contact.voice.flow import CallFacts
from callcart.core.database import raw
from callcart.core.tenancy import tenant_transaction

# Told in words, by why; the flow has a part of each name.
TOLD = "told_"


@dataclass(frozen=True, slots=True)
class Admitted:
    """What is done with a caller who is to wait, or who has waited. WAIT: he waits, in `queue` (None: where routing says)."""

    action: routing.Instead = routing.Instead.WAIT
    queue: UUID | None = None
    occasion: str = ""

    @property
    def waits(self) -> bool:
        return self.action is routing.Instead.WAIT

    @property
    def part(self) -> str:
        """The part of the flow that is heard instead."""
        return TOLD + self.occasion if self.action is routing.Instead.MESSAGE else str(self.action)

    @property
    def about(self) -> dict[str, str]:
        return {"queue": str(self.queue) if self.queue else "", "occasion": self.occasion}


WAITS = Admitted()

_WAY = """
SELECT w.queue_id, w.skill, acd_is_plain(w.queue_id, 0::smallint, array_remove(ARRAY[w.skill], NULL))
  FROM voice_way(%s::int, %s::uuid, %s::text, %s::uuid) w"""


def admitted(facts: CallFacts, language: str, queue: UUID | None, *, always: bool = False) -> Admitted:
    """What is done with a caller who is to wait: in this queue, or where `voice_way` says. Outside of any transaction."""
    found, skill, plain = raw.autocommit_one(_WAY, (facts.tenant_id, facts.conversation_id, language, queue))
    if found is None or plain:
        return Admitted(queue=found)
    with tenant_transaction(facts.tenant_id):
        answer = routing.admission(found, skills=[skill] if skill else (), always=always)
    asked = answer.queue_id if answer.action is routing.Instead.WAIT else found
    return Admitted(answer.action, asked, str(answer.occasion or ""))
