"""What must be true when the dust has settled, by looks into the database. Each finding is a sentence; none is what is wanted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import pairwise

from chaos.visitors import Visitor
from tests.journeys.system import System

_MESSAGES = """
SELECT m.external_id, m.text, m.place, m.conversation_id, m.id, m.author
  FROM messaging_message m JOIN messaging_line l ON l.id = m.line_id WHERE l.channel = 'chat' ORDER BY m.conversation_id, m.place
"""
# Routing against itself and against the conversations.
_DISAGREE = {
    "agents whose load is not what they have": """
        SELECT a.id FROM routing_agent a WHERE (a.load_voice, a.load_chat, a.load_mail, a.load_sms) <> (
          SELECT count(*) FILTER (WHERE channel = 0), count(*) FILTER (WHERE channel = 1), count(*) FILTER (WHERE channel = 2),
                 count(*) FILTER (WHERE channel = 3) FROM routing_ticket t WHERE t.agent_id = a.id)""",
    "agents with more than they may have": """
        SELECT id FROM routing_agent WHERE load_voice > cap_voice OR load_chat > cap_chat OR load_mail > cap_mail OR load_sms > cap_sms""",
    "tickets without a live offer, or offers without a ticket": """
        SELECT coalesce(t.conversation_id, o.conversation_id) FROM (SELECT * FROM routing_ticket WHERE state = 'offered') t
          FULL JOIN (SELECT * FROM routing_offer WHERE state = 'live') o ON o.conversation_id = t.conversation_id
         WHERE t.conversation_id IS NULL OR o.conversation_id IS NULL""",
    "conversations that routing does not know": """
        SELECT c.id FROM conversations_conversation c LEFT JOIN routing_ticket t ON t.conversation_id = c.id
         WHERE c.state IN ('waiting', 'offered', 'active') AND (t.conversation_id IS NULL OR t.state <> c.state)""",
    "tickets of conversations that are over": """
        SELECT t.conversation_id FROM routing_ticket t JOIN conversations_conversation c ON c.id = t.conversation_id
         WHERE c.state NOT IN ('waiting', 'offered', 'active')""",
    "customers who wait and are in no queue": """
        SELECT id FROM conversations_conversation WHERE state IN ('new', 'pending') AND heard_at < clock_timestamp() - interval '5 s'""",
}  # fmt: skip


def findings(system: System, visitors: Iterable[Visitor], answers: Mapping[str, str]) -> list[str]:
    """Everything that is wrong."""
    rows = system.rows(_MESSAGES)
    found = [*_visitors(rows, visitors), *_answers(rows, answers)]
    for what, query in _DISAGREE.items():
        wrong = system.rows(query)
        if wrong:
            found.append(f"{len(wrong)} {what}")
    return found


def _visitors(rows: list[dict[str, object]], visitors: Iterable[Visitor]) -> Iterable[str]:
    """What was acknowledged is there once, and in the order in which it was said."""
    by_key = Counter(
        str(row["external_id"]).rpartition("/")[2] for row in rows if row["author"] == "customer"
    )
    order = {
        str(row["external_id"]).rpartition("/")[2]: (row["conversation_id"], row["place"]) for row in rows
    }
    for visitor in visitors:
        lost = [key for key in visitor.said.keys if not by_key[key]]
        doubled = [key for key in visitor.said.keys if by_key[key] > 1]
        if lost:
            yield f"{visitor.name}: {len(lost)} messages lost"
        if doubled:
            yield f"{visitor.name}: {len(doubled)} messages doubled"
        places = [order[key] for key in visitor.said.keys if key in order]
        for (talk, place), (next_talk, next_place) in pairwise(places):
            if talk == next_talk and int(str(place)) >= int(str(next_place)):
                yield f"{visitor.name}: out of order"


def _answers(rows: list[dict[str, object]], answers: Mapping[str, str]) -> Iterable[str]:
    """What an agent was told is written is written, once."""
    ours = {str(row["id"]): row["text"] for row in rows if row["author"] == "staff"}
    lost = [each for each in answers if ours.get(each) != answers[each]]
    if lost:
        yield f"{len(lost)} answers of agents lost"
