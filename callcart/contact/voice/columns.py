"""A call's row as the database functions of voice take it."""

from __future__ import annotations

import json
from typing import Any

from callcart.contact.voice.records import CallRow


def columns(row: CallRow) -> tuple[Any, ...]:
    """As `_COLUMNS` takes them."""
    return (
        row.facts.tenant_id, row.facts.conversation_id, str(row.state), row.agent_channel, row.agent_staff_id, row.offer_id,
        row.legs_dialled, plain(row.flow_state), row.lost_at,
    )  # fmt: skip


def plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
