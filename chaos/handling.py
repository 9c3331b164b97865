"""What an agent does with a conversation, by the verbs the desk calls: accept, answer, hold, pass on, set aside, end, wrap up. What broke
is done again, with the same ids; a refusal is an answer.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID, uuid4

import psycopg
from django.db import DatabaseError, close_old_connections, connections
from psycopg_pool import PoolTimeout

from callcart.contact.conversations.models import Disposition
from callcart.contact.messaging import handing
from callcart.contact.messaging import public as messaging
from callcart.contact.messaging.models import Message
from callcart.contact.routing import public as routing
from callcart.contact.voice import public as voice
from callcart.core.actor import Actor
from callcart.core.errors import AppError
from callcart.core.tenancy import tenant_transaction

T = TypeVar("T")
TROUBLE = (psycopg.Error, DatabaseError, PoolTimeout, OSError)
ANSWERS = {"chat": 3, "mail": 1, "sms": 1}
TALK_SECONDS = (2.0, 12.0)
THINK_SECONDS = (0.2, 0.8)
WRITE_SECONDS = (0.5, 3.0)
stop = threading.Event()


def until_done(work: Callable[[], T]) -> T | None:
    """As a desk does: again, until it went through or we stop. A refusal is an answer: None."""
    while not stop.is_set():
        close_old_connections()
        try:
            return work()
        except AppError as error:
            if not error.retryable:
                return None
        except TROUBLE:
            connections.close_all()
        stop.wait(0.1)
    return None


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation in an agent's hands."""

    id: UUID
    channel: str
    state: str


class Agent:
    """One agent. `said`: answers by message id, `ended`: calls he has asked to end or to pass outside of our sight."""

    def __init__(self, actor: Actor, number: int, calls_queue: UUID) -> None:
        assert actor.id is not None
        self.actor, self.id, self.tenant_id = actor, actor.id, actor.tenant_id
        self._chance, self._queue = random.Random(1000 + number), calls_queue
        self._answers: dict[UUID, int] = {}
        self._due: dict[UUID, float] = {}
        self.colleagues: list[UUID] = []
        self.said: dict[str, str] = {}
        self.ended: list[UUID] = []

    def begin(self) -> None:
        """Ready, or ready again after a call that found nobody at the telephone."""
        until_done(lambda: routing.agent_ready(self.actor))

    def handle(self, talk: Talk) -> None:
        """The next thing to do with one that he has, once he has thought about it."""
        if talk.state == "wrap_up":
            self._when(talk, WRITE_SECONDS, self._wrap_up)
        elif talk.channel == "voice":
            if talk.state == "active":
                self._when(talk, TALK_SECONDS, self._steer)
        elif talk.state == "offered":
            self._when(talk, THINK_SECONDS, self._accept)
        else:
            self._when(talk, WRITE_SECONDS, self._write)

    def _when(self, talk: Talk, seconds: tuple[float, float], work: Callable[[UUID, str], None]) -> None:
        """Some time after it was first seen, and again some time after it was done."""
        due = self._due.setdefault(talk.id, time.monotonic() + self._chance.uniform(*seconds))
        if due <= time.monotonic():
            self._due.pop(talk.id, None)
            work(talk.id, talk.channel)

    def _accept(self, talk: UUID, _channel: str) -> None:
        until_done(lambda: routing.accept(talk, self.id, tenant_id=self.tenant_id))

    # ---- written ----

    def _write(self, talk: UUID, channel: str) -> None:
        number = self._answers[talk] = self._answers.get(talk, 0) + 1
        if number <= ANSWERS[channel]:
            message_id = uuid4()
            text = f"answer {number} {message_id.hex}"
            if until_done(lambda: self._reply(talk, text, message_id)) is not None:
                self.said[str(message_id)] = text
            return
        self._answers.pop(talk, None)
        until_done(lambda: self._let_go(talk))

    def _reply(self, talk: UUID, text: str, message_id: UUID) -> bool:
        with tenant_transaction(self.tenant_id):
            messaging.reply(self.actor, talk, messaging.Words(text), message_id=message_id)
        return True

    def _let_go(self, talk: UUID) -> None:
        """End it, set it aside, or give it to somebody else."""
        chosen = self._chance.random()
        if chosen < 0.3:
            messaging.finish(self.actor, talk)
        elif chosen < 0.5:
            handing.hand_over(self.actor, talk, queue_id=self._queue)
        else:
            messaging.set_aside(self.actor, talk, seen=self._newest(talk))

    def _newest(self, talk: UUID) -> int:
        with tenant_transaction(self.tenant_id):
            newest = Message.objects.filter(conversation_id=talk).order_by("-place").first()
            return newest.place if newest is not None else 0

    # ---- calls ----

    def _steer(self, talk: UUID, _channel: str) -> None:
        """Hold, take back, pass on, end; or talk on, until the caller leaves."""
        chosen = self._chance.random()
        if chosen < 0.3:
            self.ended.append(talk)
            until_done(lambda: self._asks(voice.request_hangup, talk))
        elif chosen < 0.45:
            until_done(lambda: self._asks(voice.request_queue, talk, self._queue))
        elif chosen < 0.65:
            colleague = self._chance.choice(self.colleagues)
            until_done(lambda: self._consults(talk, colleague))
        elif chosen < 0.75:
            until_done(lambda: self._asks(voice.request_hold, talk))
            stop.wait(1)
            until_done(lambda: self._asks(voice.request_unhold, talk))

    def _asks(self, wish: Callable[..., None], *what: object) -> None:
        with tenant_transaction(self.tenant_id):
            wish(self.actor, *what)

    def _consults(self, talk: UUID, colleague: UUID) -> None:
        """Half of them speak with the colleague first and give up or complete; half pass the talk on at once."""
        ask_first = self._chance.random() < 0.5
        with tenant_transaction(self.tenant_id):
            voice.request_colleague(self.actor, talk, colleague, ask_first=ask_first)
        if ask_first:
            stop.wait(2.5)
            step = voice.Request.COMPLETE if self._chance.random() < 0.6 else voice.Request.GIVE_UP
            with tenant_transaction(self.tenant_id):
                voice.request_step(self.actor, talk, step)

    def _wrap_up(self, talk: UUID, _channel: str) -> None:
        """Two of three write it down; the third lets the time run out."""
        if self._chance.random() < 0.66:
            until_done(lambda: self._writes_down(talk))
        else:
            self._due[talk] = time.monotonic() + 60

    def _writes_down(self, talk: UUID) -> bool:
        with tenant_transaction(self.tenant_id):
            leaf = Disposition.objects.filter(is_active=True, parent__isnull=False).order_by("code").first()
            chosen = leaf.id if leaf is not None else None
            routing.complete_wrap_up(self.actor, talk, note="done", disposition_id=chosen)
        return True
