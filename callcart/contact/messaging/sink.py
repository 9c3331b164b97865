"""Where a channel gives what it hears, each in a transaction of its own: it is kept before the other side is told so."""

from __future__ import annotations

from uuid import UUID

from callcart.contact.messaging import arrive, jobs
from callcart.contact.messaging.lines import note_state
from callcart.contact.messaging.models import Arrival, Line
from callcart.contact.messaging.states import LineState
from callcart.contact.messaging.transport import Incoming, Receipt
from callcart.core import files
from callcart.core.database import raw
from callcart.core.jobs import defer
from callcart.core.tenancy import tenant_transaction

KIND = "arrival"
_RECEIVED = "SELECT messaging_received(%s::int, %s::uuid, %s::text, %s::boolean, %s::text)"


class LineSink:
    """The sink of one line."""

    def __init__(self, tenant_id: int, line_id: UUID) -> None:
        self.tenant_id, self.line_id = tenant_id, line_id

    def raw(self, external_id: str, content: bytes) -> None:
        with tenant_transaction(self.tenant_id):
            line = self._line()
            arrival, made = Arrival.objects.get_or_create(
                line=line,
                external_id=external_id[:500],
                defaults={"size": len(content), "file_key": files.put(content, kind=KIND)},
            )
            if made:
                defer(jobs.read_arrival, arrival_id=arrival.id)

    def message(self, incoming: Incoming) -> None:
        with tenant_transaction(self.tenant_id):
            arrive.receive(self._line(), incoming)

    def receipt(self, receipt: Receipt) -> None:
        raw.autocommit_one(
            _RECEIVED,
            (self.tenant_id, self.line_id, receipt.reference[:500], receipt.delivered, receipt.words[:300]),
        )

    def at(self, cursor: str) -> None:
        with tenant_transaction(self.tenant_id):
            Line.objects.filter(id=self.line_id).update(cursor=cursor)

    def up(self) -> None:
        with tenant_transaction(self.tenant_id):
            note_state(self.line_id, LineState.UP)

    def down(self, why: str) -> None:
        with tenant_transaction(self.tenant_id):
            note_state(self.line_id, LineState.DOWN, why)

    def _line(self) -> Line:
        return Line.objects.get(id=self.line_id)
