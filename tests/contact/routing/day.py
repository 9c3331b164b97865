"""A day on a floor, on virtual time: arrivals on every channel, answers, transfers, pauses, lost desks and processes that die before their
second look, in any order. Time passes by moving everything that has a time into the past. After each step what must always hold is
asked of the database.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

import psycopg

from callcart.contact.conversations.public import WrongState, open_conversation
from callcart.contact.routing import public as routing
from callcart.contact.routing.calls import row
from callcart.contact.routing.timers import run_once
from callcart.core.database import raw
from callcart.core.tenancy import acting_for, tenant_transaction
from tests.contact.routing.floor import Floor

CHANNELS = ("voice", "chat", "mail", "sms")
NEEDS: tuple[tuple[str, ...], ...] = ((), (), ("lang:zh",), ("gold",), ("lang:zh", "gold"))
STICKY_S, URGENT_S, WRITTEN_S = 10, 120, 300
STEPS = (0.5, 3, 11, 16, 21, 31, 130)

INVARIANTS = """
SELECT
 (SELECT count(*) FROM (SELECT FROM routing_offer WHERE state = 'live' GROUP BY conversation_id HAVING count(*) > 1) x) AS twice,
 (SELECT count(*) FROM (SELECT FROM routing_offer WHERE state = 'live' AND channel = 0
    GROUP BY agent_id HAVING count(*) > 1) x) AS two_calls_for_one,
 (SELECT count(*) FROM routing_ticket t WHERE state = 'offered' AND NOT EXISTS (SELECT 1 FROM routing_offer o
    WHERE o.conversation_id = t.conversation_id AND o.agent_id = t.agent_id AND o.state = 'live')) AS no_offer,
 (SELECT count(*) FROM routing_offer o WHERE state = 'live' AND NOT EXISTS (SELECT 1 FROM routing_ticket t
    WHERE t.conversation_id = o.conversation_id AND ((t.agent_id = o.agent_id AND t.state = 'offered')
       OR (t.helper_id = o.agent_id AND t.state = 'active')))) AS no_ticket,
 (SELECT count(*) FROM routing_agent a WHERE (load_voice, load_chat, load_mail, load_sms) <> (
    SELECT count(*) FILTER (WHERE channel = 0), count(*) FILTER (WHERE channel = 1),
           count(*) FILTER (WHERE channel = 2), count(*) FILTER (WHERE channel = 3)
      FROM routing_ticket t WHERE a.id IN (t.agent_id, t.helper_id))) AS wrong_load,
 (SELECT count(*) FROM routing_agent a WHERE ringing <> (
    SELECT count(*) FROM routing_offer o WHERE o.agent_id = a.id AND o.state = 'live')) AS wrong_ringing,
 (SELECT count(*) FROM routing_agent WHERE load_voice > cap_voice OR load_chat > cap_chat OR load_mail > cap_mail
    OR load_sms > cap_sms) AS over_capacity,
 (SELECT count(*) FROM conversations_conversation c FULL JOIN routing_ticket t ON t.conversation_id = c.id
    WHERE (c.state IN ('waiting', 'offered', 'active') OR t.conversation_id IS NOT NULL)
      AND c.state IS DISTINCT FROM t.state) AS lost,
 (SELECT count(*) FROM routing_offer o JOIN routing_agent a ON a.id = o.agent_id
    WHERE o.state = 'live' AND NOT o.id = ANY (%(old)s) AND (a.wrap_until IS NOT NULL OR a.state <> 'ready')) AS to_who_is_not_ready,
 (SELECT count(*) FROM routing_offer o JOIN routing_ticket c ON c.conversation_id = o.conversation_id AND c.state = 'offered'
    JOIN routing_agent a ON a.id = o.agent_id JOIN routing_lanecrew lc ON lc.crew_id = a.crew_id AND lc.channel = o.channel
    JOIN routing_ticket w ON w.lane_id = lc.lane_id AND w.state = 'waiting' AND w.position < c.position
    WHERE o.state = 'live' AND NOT o.id = ANY (%(old)s)) AS overtaken,
 (SELECT count(*) FROM routing_ticket WHERE state = 'waiting' AND lane_id < 0
    AND enqueued_at < clock_timestamp() - make_interval(secs => %(sticky)s) AND next_at < clock_timestamp()) AS stuck_with_his_own,
 (SELECT count(*) FROM routing_ticket WHERE state = 'waiting' AND position > 10^16 AND next_at < clock_timestamp()
    AND enqueued_at < clock_timestamp() - make_interval(secs => CASE WHEN channel < 2 THEN %(urgent)s ELSE %(written)s END)) AS starved,
 CASE WHEN %(swept)s THEN (SELECT count(*) FROM acd_open_pairs()) ELSE 0 END AS left_open
"""


def furnish(floor: Floor) -> list[UUID]:
    """Queues that widen, overflow and ask level by level; groups with different rules; agents with different skills."""
    returns = floor.queue(  # nobody there has both skills: it takes whoever is there, in the end
        "returns", ring_s=10, wrap_s=15, level_s=15, relax_s=60, urgent_s=URGENT_S, urgent_written_s=WRITTEN_S
    )
    floor.queue(
        "sales", ring_s=10, wrap_s=20, sticky_s=STICKY_S, relax_s=30, overflow_s=20, overflow_queue_id=returns,
        urgent_s=URGENT_S, urgent_written_s=WRITTEN_S,
    )  # fmt: skip
    floor.queue("vip", priority=500, ring_s=10, wrap_s=0, urgent_s=URGENT_S, urgent_written_s=WRITTEN_S)
    with tenant_transaction(floor.tenant_id):
        for code in ("lang:zh", "gold"):
            routing.save_skill(floor.boss, code, name=code)
        for code, capacity, levels in (
            ("near", routing.Capacity(chat=2, mail=2, sms=1), {"sales": 1, "vip": 1}),
            (
                "far",
                routing.Capacity(chat=1, mail=1, sms=0, call_blocks=False, chat_blocks_calls=False),
                {"returns": 1, "sales": 2},
            ),
            ("wide", routing.Capacity(chat=3, chat_blocks_calls=False), {"returns": 2, "sales": 3, "vip": 1}),
        ):
            queues = {floor.queues[queue]: level for queue, level in levels.items()}
            profile = routing.save_profile(floor.boss, code, name=code, queues=queues, capacity=capacity)
            floor.profiles[code] = profile.id
    skills: tuple[tuple[str, ...], ...] = ((), ("lang:zh",), ("gold",), ("lang:zh", "gold"))
    return [floor.agent(("near", "far", "wide")[n % 3], skills[n % 4], ready=False) for n in range(6)]


class Day:
    """One day; `step` does one thing, chosen by numbers."""

    def __init__(self, floor: Floor, agents: list[UUID], db: psycopg.Connection[Any]) -> None:
        self.floor, self.agents, self.db = floor, agents, db
        self.begun: list[UUID] = []
        self.swept = True
        self.kinds: tuple[Callable[[int, int], object], ...] = (
            self.arrives, self.arrives, self.arrives, self.ready, self.ready, self.answers, self.answers, self.ends, self.time_passes,
            self.time_passes, self.refuses, self.pauses, self.goes, self.loses, self.wraps_up, self.takes, self.sets_aside,
            self.consults, self.completes, self.to_queue, self.moves, self.leaves, self.dies_before_the_second_look, self.is_seen,
        )  # fmt: skip

    def step(self, kind: int, one: int, other: int) -> None:
        old = self.offers()
        self.swept = True
        with acting_for(self.floor.tenant_id):
            with suppress(
                WrongState, routing.NoRoom
            ):  # it is another's, or has ended: an answer, not a fault
                self.kinds[kind % len(self.kinds)](one, other)
        self.check(old)

    def check(self, old: list[UUID]) -> None:
        wanted = {
            "old": old, "sticky": STICKY_S + 1, "urgent": URGENT_S + 1, "written": WRITTEN_S + 1, "swept": self.swept,
        }  # fmt: skip
        cursor = self.db.execute(INVARIANTS, wanted)
        found, names = cursor.fetchone(), cursor.description
        assert found and names
        broken = {name.name: count for name, count in zip(names, found, strict=True) if count}
        assert not broken, broken

    def offers(self) -> list[UUID]:
        return [
            each[0]
            for each in self.db.execute("SELECT id FROM routing_offer WHERE state = 'live'").fetchall()
        ]

    def drain(self) -> None:
        """Everybody comes to work and takes what there is: whoever waits is served, whatever happened before."""
        for _round in range(8 * (len(self.begun) + 4)):
            self.time_passes(6, 0)
            for agent in self.agents:
                with acting_for(self.floor.tenant_id):
                    routing.agent_ready(self.floor.boss, agent)
            for offer, conversation, staff in self._live():
                with acting_for(self.floor.tenant_id):
                    if not routing.accept(conversation, staff):
                        row(
                            "SELECT acd_consult_answered(%s::int, %s::uuid, %s::uuid)",
                            (self.floor.tenant_id, conversation, staff),
                        )
                    assert offer
            for conversation, _staff in self._tickets("active"):
                self.floor.finish(conversation, wrap_seconds=0)
            if not self.db.execute("SELECT 1 FROM routing_ticket LIMIT 1").fetchone():
                break
        left = self.db.execute("SELECT count(*) FROM routing_ticket").fetchone()
        assert left == (0,), "somebody was never served"
        ended = self.db.execute(
            "SELECT count(*) FROM conversations_conversation WHERE id = ANY (%s) AND state IN ('closed', 'wrap_up', 'pending', 'ivr')",
            (self.begun,),
        ).fetchone()
        assert ended == (len(self.begun),), "a conversation was lost"
        for agent in self.agents:
            with acting_for(self.floor.tenant_id):
                routing.agent_offline(self.floor.boss, agent)
        self.check([])

    # ---- what happens ----

    def arrives(self, one: int, other: int) -> None:
        channel, queue = CHANNELS[one % 4], ("sales", "vip", "returns")[one // 4 % 3]
        with tenant_transaction(self.floor.tenant_id):
            conversation = open_conversation(self.floor.boss, channel=channel).id
        self.begun.append(conversation)
        own = self.agents[other % 6] if other % 5 == 0 else None
        self.floor.enqueue(
            conversation, queue, channel=channel, skills=NEEDS[one // 12 % 5], sticky_staff_id=own
        )

    def ready(self, one: int, other: int) -> None:
        routing.agent_ready(self.floor.boss, self.agents[one % 6])

    def pauses(self, one: int, other: int) -> None:
        routing.agent_pause(self.floor.boss, "lunch", self.agents[one % 6])

    def goes(self, one: int, other: int) -> None:
        routing.agent_offline(self.floor.boss, self.agents[one % 6])

    def answers(self, one: int, other: int) -> None:
        for _offer, conversation, staff in self._one(self._live(), one):
            if not routing.accept(conversation, staff):
                row(
                    "SELECT acd_consult_answered(%s::int, %s::uuid, %s::uuid)",
                    (self.floor.tenant_id, conversation, staff),
                )

    def refuses(self, one: int, other: int) -> None:
        for offer, _conversation, _staff in self._one(self._live(), one):
            routing.unoffer(offer, ("timed_out", "rejected", "unreachable")[other % 3])

    def ends(self, one: int, other: int) -> None:
        for conversation, _staff in self._one(
            self._tickets(("active", "active", "waiting", "offered")[other % 4]), one
        ):
            routing.finish(conversation)

    def loses(self, one: int, other: int) -> None:
        for conversation, _staff in self._one(self._tickets("active"), one):
            routing.requeue(conversation)

    def wraps_up(self, one: int, other: int) -> None:
        routing.agent_wrap_done(self.floor.boss, self.agents[one % 6])

    def takes(self, one: int, other: int) -> None:
        for conversation, _staff in self._one(self._tickets("waiting"), one):
            routing.take(conversation, self.agents[other % 6])

    def sets_aside(self, one: int, other: int) -> None:
        for conversation, staff in self._one(self._tickets("active"), one):
            routing.set_aside(conversation, staff, kind="set_aside")
            if other % 2:
                self.floor.enqueue(conversation, channel=self._channel(conversation), sticky_staff_id=staff)

    def consults(self, one: int, other: int) -> None:
        for conversation, staff in self._one(self._tickets("active"), one):
            arguments = (self.floor.tenant_id, conversation, staff, self.agents[other % 6])
            row(
                "SELECT offer_id, problem FROM acd_consult(%s::int, %s::uuid, %s::uuid, %s::uuid, 5)",
                arguments,
            )

    def completes(self, one: int, other: int) -> None:
        helped = self.db.execute(
            "SELECT conversation_id FROM routing_ticket WHERE helper_id IS NOT NULL ORDER BY 1"
        ).fetchall()
        for (conversation,) in self._one(helped, one):
            name = (
                "acd_consult_complete(%s::int, %s::uuid)",
                "acd_consult_end(%s::int, %s::uuid, 'withdrawn')",
            )[other % 2]
            routing.act(self.floor.tenant_id, name, (self.floor.tenant_id, conversation))

    def to_queue(self, one: int, other: int) -> None:
        for conversation, staff in self._one(self._tickets("active"), one):
            queue = self.floor.queues[("sales", "vip", "returns")[other % 3]]
            arguments = (self.floor.tenant_id, conversation, staff, queue)
            routing.act(
                self.floor.tenant_id, "acd_to_queue(%s::int, %s::uuid, %s::uuid, %s::uuid, 5)", arguments
            )

    def moves(self, one: int, other: int) -> None:
        for conversation, _staff in self._one(self._tickets("waiting"), one):
            routing.move_waiting(
                self.floor.boss, conversation, self.floor.queues[("sales", "vip", "returns")[other % 3]]
            )

    def leaves(self, one: int, other: int) -> None:
        for conversation, _staff in self._one(self._tickets("waiting"), one):
            routing.leave(conversation, "late", "message")

    def is_seen(self, one: int, other: int) -> None:
        routing.heartbeat(self.floor.tenant_id, [self.agents[one % 6]])

    def dies_before_the_second_look(self, one: int, other: int) -> None:
        """The first transaction of an agent's coming, or of an arrival, and nothing after it: the sweeper's to find."""
        self.swept = False
        if other % 2:
            raw.autocommit_one(
                "SELECT offer_id FROM acd_agent_ready(%s::int, %s::uuid)",
                (self.floor.tenant_id, self.agents[one % 6]),
            )
            return
        with tenant_transaction(self.floor.tenant_id):
            conversation = open_conversation(self.floor.boss).id
        self.begun.append(conversation)
        raw.autocommit_one(
            "SELECT offer_id FROM acd_enqueue(%s::int, %s::uuid, %s::uuid, 0::smallint, '{}', 0, NULL, NULL)",
            (self.floor.tenant_id, conversation, self.floor.queues["sales"]),
        )

    def time_passes(self, one: int, other: int) -> None:
        wanted = {"s": STEPS[one % len(STEPS)]}
        for statement in (
            "UPDATE routing_ticket SET enqueued_at = enqueued_at - make_interval(secs => %(s)s),"
            " position = position - (%(s)s * 1000000)::bigint, next_at = next_at - make_interval(secs => %(s)s)",
            "UPDATE routing_offer SET expires_at = expires_at - make_interval(secs => %(s)s) WHERE state = 'live'",
            "UPDATE routing_agent SET wrap_until = wrap_until - make_interval(secs => %(s)s) WHERE wrap_until IS NOT NULL",
            "UPDATE routing_presence SET seen_at = seen_at - make_interval(secs => %(s)s)",
        ):
            self.db.execute(statement, wanted)
        for _round in range(20):
            if not run_once(self.db):
                break

    # ---- looking ----

    def _live(self) -> list[tuple[UUID, UUID, UUID]]:
        return self.db.execute(
            "SELECT id, conversation_id, staff_id FROM routing_offer WHERE state = 'live' ORDER BY made_at, id"
        ).fetchall()

    def _tickets(self, state: str) -> list[tuple[UUID, UUID]]:
        return self.db.execute(
            "SELECT t.conversation_id, a.staff_id FROM routing_ticket t LEFT JOIN routing_agent a ON a.id = t.agent_id"
            " WHERE t.state = %s ORDER BY t.conversation_id",
            (state,),
        ).fetchall()

    def _channel(self, conversation: UUID) -> str:
        return str(self.floor.record(conversation).channel)

    @staticmethod
    def _one(rows: list[Any], number: int) -> list[Any]:
        return [rows[number % len(rows)]] if rows else []
