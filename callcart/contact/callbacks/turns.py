"""A callback's turn: its time has come, its queue is open, so an attempt begins. What it came to is looked at afterwards (`settle`): reached,
to be tried again by the queue's rules, or given up.

Each step is one transaction that tests again under the lock, so doing it late or twice does no harm.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import structlog

from callcart.contact.callbacks.ask import opening, told
from callcart.contact.callbacks.models import Callback
from callcart.contact.callbacks.rules import Rules, rules_of
from callcart.contact.callbacks.states import Outcome, State, outcome_of
from callcart.contact.conversations import public as conversations
from callcart.contact.routing import public as routing
from callcart.contact.routing.calls import act
from callcart.contact.voice.models import RecordingFileState
from callcart.core import clock
from callcart.core.database import raw
from callcart.core.errors import AppError
from callcart.core.ids import new_id, next_number
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.public import get_tenant, settings_of

log = structlog.get_logger(__name__)

LOOK_AGAIN = timedelta(seconds=10)  # for an agent who gave his word and is not there yet
LOST_AGAIN = timedelta(seconds=30)
MOST_LOST = 20  # attempts that came to nothing on the way to the telephone, of one callback
_BEGIN = "callbacks_begin(%s::int, %s::uuid, %s::uuid, %s::text, %s::text, %s::int, %s::uuid, %s::int)"
_CALL = "SELECT callbacks_call(%s::int, %s::uuid, %s::uuid, %s::text, %s::text, %s::int)"


def begin(tenant_id: int, callback_id: UUID) -> bool:
    """An attempt waits in the queue from now on, where it is time. Outside of any transaction."""
    with tenant_transaction(tenant_id):
        ready = _ready(callback_id)
        if ready is None:
            return False
        callback, rules = ready
        alone = _alone_for(callback, rules)
        if callback.owner_id is not None and alone is None:
            return False
        prepared = _prepared(tenant_id)
    sticky = (callback.owner_id, alone) if alone else (None, None)
    arguments = (tenant_id, callback_id, *prepared, *sticky)
    act(tenant_id, _BEGIN, arguments)
    return True


def call(tenant_id: int, callback_id: UUID) -> bool:
    """The customer is called first, where it is time, somebody is free, and nobody waits longer. Outside of any transaction."""
    with tenant_transaction(tenant_id):
        if _ready(callback_id) is None:
            return False
        prepared = _prepared(tenant_id)
    return bool(raw.autocommit_one(_CALL, (tenant_id, callback_id, *prepared))[0])


def settle(tenant_id: int, callback_id: UUID) -> None:
    """Bring a callback up to date with its attempt, or with the call in which the customer came himself."""
    with tenant_transaction(tenant_id):
        callback = Callback.objects.select_for_update().filter(id=callback_id).first()
        if callback is None or callback.state not in (State.WAITING, State.CALLING, State.HERE):
            return
        if callback.state == State.HERE:
            _here(callback)
        else:
            _attempt(callback)


def _ready(callback_id: UUID) -> tuple[Callback, Rules] | None:
    """A callback whose turn it is; one of a queue that is closed comes again when it opens."""
    callback = Callback.objects.select_for_update().filter(id=callback_id, state=State.SCHEDULED).first()
    if callback is None or callback.next_at > clock.now():
        return None
    opens = opening(callback.queue_id, clock.now())
    if opens > clock.now():
        _again(callback, opens)
        return None
    return callback, rules_of(callback.queue_id)


def _alone_for(callback: Callback, rules: Rules) -> int | None:
    """Seconds that it waits for the agent who gave his word, and for nobody else: none once that time is over. None: he is not there, and
    it is looked at again."""
    if callback.owner_id is None:
        return 0
    until = callback.due_at + timedelta(minutes=rules.owner_minutes)
    left = int((until - clock.now()).total_seconds())
    if left <= 0:
        return 0
    try:
        here = routing.agent_state(callback.owner_id).state == routing.AgentState.READY
    except routing.NotAnAgent:
        return 0
    if here:
        return left
    callback.next_at = min(clock.now() + LOOK_AGAIN, until)
    callback.save(update_fields=["next_at"])
    return None


def _prepared(tenant_id: int) -> tuple[UUID, str, str, int]:
    """What the conversation of an attempt needs: an id, a number, whether its sound is kept, how long it may last."""
    options = settings_of(get_tenant(tenant_id))
    recording = RecordingFileState.PENDING if options.record_calls else RecordingFileState.NONE
    return new_id(), next_number("conversation"), recording.value, options.dial_longest_minutes * 60


def _attempt(callback: Callback) -> None:
    """What the attempt came to."""
    talk = conversations.find_conversation(callback.conversation_id) if callback.conversation_id else None
    outcome = Outcome.LOST if talk is None else outcome_of(talk.ended_at, talk.answered_at, talk.end_reason)
    if outcome is Outcome.GOING:
        if callback.state == State.WAITING and talk is not None and talk.state == "active":
            _move(callback, State.CALLING)
        return
    if callback.conversation_id is not None:
        callback.talks = [*callback.talks, callback.conversation_id]
    if outcome is Outcome.REACHED:
        close(callback, State.DONE)
    elif callback.came_id is not None:  # his own telephone was busy, for he was calling us
        callback.conversation_id = None
        _move(callback, State.HERE)
    else:
        _missed(callback, counts=outcome is Outcome.MISSED)


def _missed(callback: Callback, *, counts: bool) -> None:
    """Not reached: again by the rules of the queue, within its hours; or that was the last time. What never got as far as the telephone is
    not counted."""
    rules = rules_of(callback.queue_id)
    callback.attempts += int(counts)
    callback.conversation_id = None
    if callback.attempts >= rules.attempts or len(callback.talks) >= rules.attempts + MOST_LOST:
        close(callback, State.NOT_REACHED)
        return
    pause = timedelta(minutes=rules.minutes_apart) if counts else LOST_AGAIN
    _again(callback, opening(callback.queue_id, clock.now() + pause), moved=counts)


def _again(callback: Callback, moment: datetime, *, moved: bool = False) -> None:
    callback.next_at = moment
    if moved:
        callback.due_at = callback.next_at
    _move(callback, State.SCHEDULED)


def _here(callback: Callback) -> None:
    """The customer came himself: answered, it is over; gone again unanswered, it is owed as before, at the old place."""
    talk = conversations.find_conversation(callback.came_id) if callback.came_id else None
    if talk is not None and talk.answered_at is not None:
        close(callback, State.CAME)
    elif talk is None or talk.ended_at is not None:
        callback.came_id = None
        _again(callback, opening(callback.queue_id, clock.now()))


def close(callback: Callback, state: State, *, by: UUID | None = None, outcome: str = "") -> None:
    """The end of one; locked by the caller."""
    callback.ended_at, callback.ended_by = clock.now(), by
    callback.outcome = outcome or callback.outcome
    _move(callback, state)


def _move(callback: Callback, state: State) -> None:
    callback.state, callback.changed_at = state, clock.now()
    callback.save()
    told(callback)


def try_turn(kind: str, tenant_id: int, callback_id: UUID) -> None:
    """One thing that is due; what cannot be done now is due again."""
    try:
        match kind:
            case "begin":
                begin(tenant_id, callback_id)
            case "call":
                call(tenant_id, callback_id)
            case "settle":
                settle(tenant_id, callback_id)
    except routing.NoSuchQueue:
        with tenant_transaction(tenant_id):
            callback = (
                Callback.objects.select_for_update().filter(id=callback_id, state=State.SCHEDULED).first()
            )
            if callback is not None:
                _again(callback, clock.now() + timedelta(minutes=10))
    except AppError as error:
        log.warning("callbacks.turn", kind=kind, tenant=tenant_id, code=error.code)
