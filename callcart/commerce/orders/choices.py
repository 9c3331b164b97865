"""What the filters of the list offer to choose from, as far as it follows from the orders themselves. Each value is found by going on
from the one before in an index, so that it costs what there are values, not what there are orders."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from callcart.core.clock import now
from callcart.core.database import raw

_MOST = 200
_LATEST_MARKED = 1_000
_AGENTS = """
WITH RECURSIVE seen AS (
  (SELECT agent_id FROM orders_order WHERE agent_id IS NOT NULL ORDER BY agent_id LIMIT 1)
  UNION ALL
  SELECT (SELECT o.agent_id FROM orders_order o WHERE o.agent_id > s.agent_id ORDER BY o.agent_id LIMIT 1)
    FROM seen s WHERE s.agent_id IS NOT NULL
)
SELECT s.agent_id, l.agent_name FROM seen s
 CROSS JOIN LATERAL (SELECT o.agent_name, o.placed_at FROM orders_order o WHERE o.agent_id = s.agent_id ORDER BY o.placed_at DESC LIMIT 1) l
 WHERE s.agent_id IS NOT NULL AND l.placed_at >= %s ORDER BY l.agent_name
"""
_CAMPAIGNS = """
WITH RECURSIVE seen AS (
  (SELECT campaign FROM orders_order WHERE campaign <> '' ORDER BY campaign LIMIT 1)
  UNION ALL
  SELECT (SELECT o.campaign FROM orders_order o WHERE o.campaign <> '' AND o.campaign > s.campaign ORDER BY o.campaign LIMIT 1)
    FROM seen s WHERE s.campaign IS NOT NULL
)
SELECT s.campaign FROM seen s
 CROSS JOIN LATERAL (SELECT o.placed_at FROM orders_order o WHERE o.campaign <> '' AND o.campaign = s.campaign ORDER BY o.placed_at DESC LIMIT 1) l
 WHERE s.campaign IS NOT NULL AND l.placed_at >= %s ORDER BY s.campaign LIMIT %s
"""
_TAGS = """
SELECT DISTINCT unnest(tags) AS tag
  FROM (SELECT tags FROM orders_order WHERE tags <> '{}' ORDER BY placed_at DESC, id DESC LIMIT %s) latest ORDER BY tag LIMIT %s
"""


def agents_of_orders(days: int = 90) -> list[tuple[UUID, str]]:
    """Who took orders lately, for the filter; by the name on the last one."""
    return [(row[0], row[1]) for row in raw.all(_AGENTS, (now() - timedelta(days=days),))]


def campaigns_of_orders(days: int = 365) -> list[str]:
    """The campaigns orders came from lately, for filters and for choosing one at the desk."""
    return [row[0] for row in raw.all(_CAMPAIGNS, (now() - timedelta(days=days), _MOST))]


def tags_of_orders() -> list[str]:
    """The tags of the orders tagged last, for filters and for choosing one."""
    return [row[0] for row in raw.all(_TAGS, (_LATEST_MARKED, _MOST))]
