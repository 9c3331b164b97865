"""Writing a notice, in the transaction of what it tells. The same fact is told once by each medium, however often it is reported."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from callcart.core import events, jobs
from callcart.core.clock import now
from callcart.core.database import raw
from callcart.core.ids import new_id
from callcart.core.tenancy import current_tenant
from callcart.engage.notices.jobs import send_notice
from callcart.engage.notices.models import Medium
from callcart.engage.notices.reach import Reach
from callcart.engage.notices.transport import ways_out
from callcart.engage.notices.wording import fill, ways, wording

_INSERT = """
INSERT INTO notices_notice (id, tenant_id, key, kind, medium, order_id, customer_id, language, address, subject, text, parts,
  state, tries, failure, reference, made_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 'waiting', 0, '', '', %s)
ON CONFLICT (tenant_id, key, medium) DO NOTHING RETURNING id
"""


def tell(
    kind: str, key: str, reach: Reach, values: Mapping[str, str], *, order_id: UUID | None = None
) -> list[UUID]:
    """Have somebody told, by the way the shop chose for the kind; the notices that were written. None where the kind is off, nothing
    reaches them, or the fact was told before."""
    if events.of_the_past():
        return []
    made = []
    for medium in reach.media(ways()[kind], ways_out()):
        found = _write(kind, f"{kind}:{key}", reach, medium, values, order_id)
        if found is not None:
            made.append(found)
            jobs.defer(send_notice, notice_id=str(found))
    return made


def _write(
    kind: str, key: str, reach: Reach, medium: Medium, values: Mapping[str, str], order_id: UUID | None
) -> UUID | None:
    message = fill(wording(kind, medium, reach.language), medium, values)
    row = raw.one(
        _INSERT,
        (
            new_id(),
            current_tenant(),
            key,
            kind,
            medium,
            order_id,
            reach.customer_id,
            reach.language,
            reach.addresses[medium],
            message.subject,
            message.text,
            message.length.parts if message.length else 1,
            now(),
        ),
    )
    return UUID(str(row[0])) if row else None
