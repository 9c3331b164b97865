"""A campaign on its way: SMS to very many, each waiting to leave, at a priority behind every live word."""

from __future__ import annotations

from uuid import UUID

import psycopg

from callcart.core.database import parameters

PRIORITY = 9
_MESSAGES = """
INSERT INTO messaging_message (tenant_id, id, conversation_id, place, line_id, author, kind, at, external_id, subject, text, html, peer,
                               peer_name, others, notes, data)
SELECT %(tenant)s, id, id, 1, %(line)s, 'system', 'notice', now(), '', '', 'Sale! ' || n, '', '+1202' || (5000000 + n), '', '[]', '[]',
       '{"language": "en"}'
  FROM (SELECT n, gen_random_uuid() AS id FROM generate_series(1, %(count)s) n) s
"""
_DELIVERIES = """
INSERT INTO messaging_delivery (tenant_id, message_id, conversation_id, line_id, priority, tries, reference, words)
SELECT tenant_id, id, id, line_id, %(priority)s, 0, '', '' FROM messaging_message
 WHERE tenant_id = %(tenant)s AND line_id = %(line)s AND text LIKE 'Sale! %%'
"""


def campaign(tenant_id: int, line_id: UUID, count: int) -> None:
    """So many of them on a line."""
    values = {"tenant": tenant_id, "line": line_id, "count": count, "priority": PRIORITY}
    with psycopg.connect(**parameters("system"), autocommit=True) as connection:
        for statement in (_MESSAGES, _DELIVERIES):
            connection.execute(statement, values)
        connection.execute("ANALYZE messaging_delivery")
