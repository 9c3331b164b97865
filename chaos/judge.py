"""What must be true of routing when the dust has settled, by looks into the database. Each finding is a sentence; none is what is wanted.
What must be true of words is `judge_written`'s, of calls `judge_calls`'.
"""

from __future__ import annotations

from tests.journeys.system import System

# Routing against itself and against the conversations.
_DISAGREE = {
    "agents whose load is not what they have": """
        SELECT a.id FROM routing_agent a WHERE (a.load_voice, a.load_chat, a.load_mail, a.load_sms) <> (
          SELECT count(*) FILTER (WHERE channel = 0), count(*) FILTER (WHERE channel = 1), count(*) FILTER (WHERE channel = 2),
                 count(*) FILTER (WHERE channel = 3) FROM routing_ticket t WHERE a.id IN (t.agent_id, t.helper_id))""",
    "agents with more than they may have": """
        SELECT id FROM routing_agent WHERE load_voice > cap_voice OR load_chat > cap_chat OR load_mail > cap_mail OR load_sms > cap_sms""",
    "tickets without a live offer, or offers without a ticket": """
        SELECT coalesce(t.conversation_id, o.conversation_id) FROM (SELECT * FROM routing_ticket WHERE state = 'offered') t
          FULL JOIN (SELECT * FROM routing_offer WHERE state = 'live' AND purpose = 'serve') o ON o.conversation_id = t.conversation_id
         WHERE t.conversation_id IS NULL OR o.conversation_id IS NULL""",
    "conversations that routing does not know": """
        SELECT c.id FROM conversations_conversation c LEFT JOIN routing_ticket t ON t.conversation_id = c.id
         WHERE c.state IN ('waiting', 'offered', 'active') AND (t.conversation_id IS NULL OR t.state <> c.state)""",
    "tickets of conversations that are over": """
        SELECT t.conversation_id FROM routing_ticket t JOIN conversations_conversation c ON c.id = t.conversation_id
         WHERE c.state NOT IN ('waiting', 'offered', 'active')""",
    "customers who wait and are in no queue": """
        SELECT id FROM conversations_conversation WHERE state IN ('new', 'pending') AND heard_at < clock_timestamp() - interval '5 s'""",
    "offers that overlap another of the same conversation": """
        SELECT a.id FROM routing_offer a JOIN routing_offer b ON b.conversation_id = a.conversation_id AND b.id > a.id
         WHERE a.purpose = 'serve' AND b.purpose = 'serve'
           AND tstzrange(a.made_at, a.ended_at, '()') && tstzrange(b.made_at, b.ended_at, '()')""",
    "agents in wrap-up whose time is over": """
        SELECT id FROM routing_agent WHERE wrap_until < clock_timestamp() - interval '5 s'""",
}  # fmt: skip


def routing_findings(system: System) -> list[str]:
    """Everything that is wrong with whose turn it is."""
    found = []
    for what, query in _DISAGREE.items():
        wrong = system.rows(query)
        if wrong:
            found.append(f"{len(wrong)} {what}, the first one {next(iter(wrong[0].values()))}")
    return found
