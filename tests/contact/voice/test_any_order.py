"""Any order of events: a caller is never left in silence without an owner, no leg outlives its call, nothing is offered twice,
each end is written down once."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from callcart.contact.voice.fake import Hears
from callcart.contact.voice.inputs import Wish
from callcart.contact.voice.news import DialWanted
from callcart.contact.voice.states import WITH_AGENT, CallState, Request
from callcart.contact.voice.virtual import VirtualLoop
from tests.contact.voice.hall import NUMBER, Hall, settle

WHICH = st.integers(0, 9)
OUTSIDE = "+12025550777"
STEPS = [Request.SWAP, Request.THREE_WAY, Request.COMPLETE, Request.GIVE_UP, Request.HOLD, Request.UNHOLD]
ASKED_APART = (Request.CONSULT, Request.TO_QUEUE, Request.WATCH, Request.UNWATCH)  # they need more to be said


class AnyOrder(RuleBasedStateMachine):
    """Callers, three agents, their pages, our process and the engine do what they like."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner(loop_factory=VirtualLoop)
        self.ready = False

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    @initialize()
    def open_the_hall(self) -> None:
        async def begin() -> None:
            self.hall = Hall()
            await self.hall.start()
            self.agents = [await self.hall.agent() for _each in range(3)]

        self.do(begin())
        self.ready = True

    # ---- callers ----

    @rule()
    def somebody_calls(self) -> None:
        self.do(self._after(lambda: self.hall.engine.call_in(NUMBER)))

    @rule()
    def somebody_asks_for_a_person(self) -> None:
        self.do(self.hall.waiting())

    @rule(agent=st.integers(0, 2))
    def somebody_is_offered(self, agent: int) -> None:
        if self.agents[agent].state in ("wrap_up", "paused"):
            self.hall.engine.register(self.agents[agent].username or "")
            self.do(self._after(lambda: self.hall.records.get_ready(self.agents[agent])))
        self.do(self.hall.waiting())

    @rule(agent=st.integers(0, 2))
    def somebody_is_put_through(self, agent: int) -> None:
        async def put_through() -> None:
            self.hall.engine.register(self.agents[agent].username or "")
            if self.agents[agent].state in ("wrap_up", "paused"):
                self.hall.records.get_ready(self.agents[agent])
            await self.hall.waiting()
            await self.hall.pick_up(self.agents[agent])

        self.do(put_through())

    @rule(which=WHICH, digit=st.sampled_from("01239#"))
    def somebody_presses(self, which: int, digit: str) -> None:
        self.with_caller(which, lambda channel: self.hall.engine.press(channel, digit))

    @rule(which=WHICH)
    def somebody_hangs_up(self, which: int) -> None:
        self.with_caller(which, self.hall.engine.hang_up_far)

    @rule(which=WHICH, agent=st.integers(0, 2))
    def a_caller_hangs_up_as_an_agent_answers(self, which: int, agent: int) -> None:
        def both(channel: str) -> None:
            self.hall.engine.pick_up(self.agents[agent].username or "")
            self.hall.engine.hang_up_far(channel)

        self.with_caller(which, both)

    # ---- agents ----

    @rule(agent=st.integers(0, 2))
    def an_agent_answers(self, agent: int) -> None:
        self.do(self._after(lambda: self.hall.engine.pick_up(self.agents[agent].username or "")))

    @rule(agent=st.integers(0, 2), by_telephone=st.booleans())
    def an_agent_declines(self, agent: int, by_telephone: bool) -> None:
        who = self.agents[agent]
        decline = (
            (lambda: self.hall.engine.decline(who.username or ""))
            if by_telephone
            else (lambda: self.hall.records.decline(who))
        )
        self.do(self._after(decline))

    @rule(agent=st.integers(0, 2), lost=st.booleans())
    def an_agents_leg_ends(self, agent: int, lost: bool) -> None:
        for leg in self.hall.engine.talking(self.agents[agent].username or ""):
            end = self.hall.engine.lose if lost else self.hall.engine.hang_up_far
            self.do(self._after(lambda end=end, leg=leg: end(leg.channel)))  # type: ignore[misc]

    @rule(agent=st.integers(0, 2), comes_back=st.booleans(), media=st.booleans())
    def a_page_goes(self, agent: int, comes_back: bool, media: bool) -> None:
        username = self.agents[agent].username or ""

        def go() -> None:
            self.hall.engine.unregister(username, media_stops=media)
            if comes_back:
                self.hall.engine.register(username)

        self.do(self._after(go))

    @rule(agent=st.integers(0, 2))
    def a_page_comes(self, agent: int) -> None:
        self.do(self._after(lambda: self.hall.engine.register(self.agents[agent].username or "")))

    @rule(which=WHICH, request=st.sampled_from([each for each in Request if each not in ASKED_APART]))
    def a_desk_asks(self, which: int, request: Request) -> None:
        talks = list(self.hall.records.talks)
        if talks:
            wish = Wish(talks[which % len(talks)], request)
            self.do(self._after(lambda: self.hall.exchange.tell(wish)))

    # ---- a second person ----

    @rule(which=WHICH, agent=st.integers(0, 2), passing=st.booleans(), answers=st.booleans())
    def a_colleague_is_asked(self, which: int, agent: int, passing: bool, answers: bool) -> None:
        who = self.agents[agent]
        if who.state in ("wrap_up", "paused"):
            self.hall.engine.register(who.username or "")
            self.do(self._after(lambda: self.hall.records.get_ready(who)))
        self._wish(which, Request.CONSULT, staff_id=str(who.staff_id), passing=passing)
        if answers:
            self.do(self.hall.pick_up(who))

    @rule(
        pair=st.permutations([0, 1, 2]),
        passing=st.booleans(),
        answers=st.booleans(),
        steps=st.lists(st.sampled_from(STEPS), max_size=3),
    )
    def somebody_is_put_through_and_a_colleague_asked(
        self, pair: list[int], passing: bool, answers: bool, steps: list[Request]
    ) -> None:
        self.somebody_is_put_through(pair[0])
        first, second = self.agents[pair[0]], self.agents[pair[1]]

        async def ask() -> None:
            for talk in list(self.hall.records.talks.values()):
                if talk.staff_id == first.staff_id and talk.turn == "active":
                    wanted = {"staff_id": str(second.staff_id), "passing": passing}
                    wish = Wish(talk.row.facts.conversation_id, Request.CONSULT, wanted)
                    self.hall.exchange.tell(wish)
            await settle(0.1)
            if answers:
                await self.hall.pick_up(second)

        async def come_to_work() -> None:
            self.hall.engine.register(second.username or "")
            if second.state in ("wrap_up", "paused"):
                self.hall.records.get_ready(second)
            await settle()

        self.do(come_to_work())
        self.do(ask())
        for step in steps:
            self.a_step_with_the_second(0, step)

    @rule(
        which=WHICH,
        step=st.sampled_from(STEPS),
    )
    def a_step_with_the_second(self, which: int, step: Request) -> None:
        talks = [talk for talk in self.hall.records.talks.values() if talk.row.consult is not None]
        if talks:
            wish = Wish(talks[which % len(talks)].row.facts.conversation_id, step)
            self.do(self._after(lambda: self.hall.exchange.tell(wish)))

    @rule(which=WHICH, lost=st.booleans())
    def the_second_goes(self, which: int, lost: bool) -> None:
        talks = [talk for talk in self.hall.records.talks.values() if talk.row.consult is not None]
        if talks:
            consult = talks[which % len(talks)].row.consult
            assert consult is not None
            end = self.hall.engine.lose if lost else self.hall.engine.hang_up_far
            self.do(self._after(lambda: end(consult.channel)))

    @rule(which=WHICH, passing=st.booleans(), has_trunk=st.booleans())
    def somebody_outside_is_asked(self, which: int, passing: bool, has_trunk: bool) -> None:
        self.hall.engine.has_trunk = has_trunk
        self._wish(which, Request.CONSULT, number=OUTSIDE, passing=passing)

    @rule(cause=st.sampled_from([0, 16, 17, 19]))
    def somebody_outside_answers_or_goes(self, cause: int) -> None:
        legs = [leg for leg in self.hall.engine.legs.values() if leg.username == f"outside {OUTSIDE}"]
        if cause == 0:
            self.do(self._after(lambda: self.hall.engine.pick_up(f"outside {OUTSIDE}")))
        elif legs:
            self.do(self._after(lambda: self.hall.engine.hang_up_far(legs[0].channel, cause)))

    @rule(agent=st.integers(0, 2), answers=st.booleans())
    def an_agent_calls_out(self, agent: int, answers: bool) -> None:
        who = self.agents[agent]
        if who.state not in ("ready", "paused"):
            return
        conversation = self.hall.records.dial_out(who, OUTSIDE)
        self.do(self._after(lambda: self.hall.exchange.hear(DialWanted(conversation))))
        if answers:
            self.do(self.hall.pick_up(who))

    @rule(which=WHICH)
    def a_call_goes_to_a_queue(self, which: int) -> None:
        self._wish(which, Request.TO_QUEUE, queue_id=str(UUID(int=1)))

    def _wish(self, which: int, request: Request, **wanted: Any) -> None:
        talks = [talk for talk in self.hall.records.talks.values() if talk.row.state in WITH_AGENT]
        if talks:
            wish = Wish(talks[which % len(talks)].row.facts.conversation_id, request, wanted)
            self.do(self._after(lambda: self.hall.exchange.tell(wish)))

    # ---- time, our process, the engine ----

    @rule(seconds=st.sampled_from([0.0, 0.001, 1, 2.5, 6, 25, 70]))
    def time_passes(self, seconds: float) -> None:
        self.do(settle(seconds))

    @rule()
    def our_process_is_killed(self) -> None:
        self.do(self.hall.restart())

    @precondition(lambda self: self.ready)
    @rule(seconds=st.sampled_from([0.001, 1, 20]))
    def our_process_is_away_for_a_while(self, seconds: float) -> None:
        async def away() -> None:
            await self.hall.stop()
            await settle(seconds)
            await self.hall.restart()

        self.do(away())

    @rule(failures=st.integers(0, 2))
    def joins_fail_for_a_moment(self, failures: int) -> None:
        self.hall.engine.join_failures = failures

    @rule(restarted=st.booleans())
    def the_engine_is_away_for_a_while(self, restarted: bool) -> None:
        async def away() -> None:
            (self.hall.engine.crash if restarted else self.hall.engine.disconnect)()
            await settle(3)
            self.hall.engine.reconnect(restarted=restarted)
            await settle()

        self.do(away())

    # ---- what always holds, once things have settled ----

    @rule(seconds=st.sampled_from([4, 25, 70]))
    def look_later(self, seconds: float) -> None:
        self.look(seconds)

    @rule()
    def look(self, seconds: float = 4) -> None:
        """What is on its way at the moment of a look has arrived a moment later."""
        self.do(settle(seconds))
        try:
            self.check()
        except AssertionError:
            self.do(settle(0.5))
            self.check()

    def check(self) -> None:
        self.legs_and_routing_agree()
        self.nobody_is_left_in_silence()
        self.nobody_has_two()
        self.what_has_ended_is_gone()

    def nobody_is_left_in_silence(self) -> None:
        for talk in self.hall.records.talks.values():
            row = talk.row
            leg = self.hall.engine.legs.get(row.customer_channel)
            if leg is None:
                continue
            assert row.facts.conversation_id in self.hall.exchange.calls, "a caller of nobody's"
            heard = self.hall.hears(row.customer_channel)
            call = self.hall.exchange.calls[row.facts.conversation_id]
            if call.state is CallState.DIALLING:
                continue  # it rings there
            if heard is Hears.NOTHING:
                assert call.state is CallState.MENU and call.runs("silence"), f"silence in {call.state}"
            if heard is Hears.PEOPLE:
                assert call.state in (CallState.TALKING, CallState.OUTSIDE)
                assert not leg.music and not leg.playbacks

    def nobody_has_two(self) -> None:
        offered = [talk.offer.staff_id for talk in self.hall.records.talks.values() if talk.offer]
        assert len(offered) == len(set(offered))
        for agent in self.agents:
            assert len(self.hall.engine.ringing(agent.username or "")) <= 1
            assert len(self.hall.engine.talking(agent.username or "")) <= 1
        ids = [offer.offer_id for offer in self.hall.records.offers_made]
        assert len(ids) == len(set(ids))

    def legs_and_routing_agree(self) -> None:
        """A leg rings for an offer that lives or for one who rejoins; one is talked on for a talk; and the other way round."""
        calls = {call.row.agent_channel: call for call in self.hall.exchange.calls.values()}
        dialling = {
            call.row.agent_channel
            for call in self.hall.exchange.calls.values()
            if call.state is CallState.DIALLING
        }
        rejoining = {call.rejoining for call in self.hall.exchange.calls.values()}
        asked = {call.row.consult.channel for call in self.hall.exchange.calls.values() if call.row.consult}
        talks = self.hall.records.talks.values()
        for agent in self.agents:
            username = agent.username or ""
            for leg in self.hall.engine.ringing(username):
                assert agent.state == "ringing" or leg.channel in rejoining | dialling, "rings for nobody"
            for leg in self.hall.engine.talking(username):
                assert leg.channel in asked | dialling or calls[leg.channel].state in WITH_AGENT
            if agent.state == "ringing" and username in self.hall.engine.registered:
                assert self.hall.engine.ringing(username), "an offer that does not ring"
            held = [talk for talk in talks if talk.staff_id == agent.staff_id and talk.turn == "active"]
            joined = [talk for talk in talks if talk.helper_id == agent.staff_id and talk.offer is None]
            assert len(held) + len(joined) == (agent.state == "talking")
        for call in self.hall.exchange.calls.values():
            if call.state is CallState.AGENT_LOST:
                assert call.runs("grace")
            consult = self.hall.records.talks[call.row.facts.conversation_id].row.consult
            assert consult == call.row.consult, "the row has another second person than the call"
            if consult is not None:
                assert consult.channel in self.hall.engine.legs, "a second person without a leg"

    def what_has_ended_is_gone(self) -> None:
        ended = {
            str(talk.row.facts.conversation_id)
            for talk in self.hall.records.talks.values()
            if talk.row.state is CallState.ENDED
        }
        names = [*self.hall.engine.legs, *self.hall.engine.bridges]
        assert not [name for name in names for each in ended if each in name]

    def teardown(self) -> None:
        if not self.ready:
            self.runner.close()
            return

        self.look()

        async def close() -> None:
            callers = [call.channel for call in self.hall.exchange.calls.values()]
            dialling = [c for c in self.hall.exchange.calls.values() if c.state is CallState.DIALLING]
            for channel in [*callers, *(call.row.agent_channel for call in dialling)]:
                self.hall.engine.hang_up_far(channel)
            await settle(5)
            legs, bridges = dict(self.hall.engine.legs), dict(self.hall.engine.bridges)
            await self.hall.stop()
            assert not legs and not bridges
            assert not self.hall.exchange.calls
            for talk in self.hall.records.talks.values():
                assert (talk.row.state, talk.finishes) == (CallState.ENDED, 1)
                assert talk.reason

        self.do(close())
        self.runner.close()

    # ---- moves ----

    def with_caller(self, which: int, move: Any) -> None:
        callers = [leg.channel for leg in self.hall.engine.legs.values() if leg.inbound]
        if callers:
            self.do(self._after(lambda: move(callers[which % len(callers)])))

    async def _after(self, move: Any) -> None:
        """Move, and let only a little of what follows happen: the next move comes in between."""
        move()
        await settle(0.004)


AnyOrder.TestCase.settings = settings(
    max_examples=40,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
TestAnyOrder = AnyOrder.TestCase
