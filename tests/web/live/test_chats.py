"""Visitors' pages are told that there is news of their own conversation, and nothing of anybody else's."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import UUID

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from callcart.contact.messaging import public as messaging
from callcart.contact.messaging.public import visitors
from callcart.contact.routing.public import add_queue
from callcart.core.actor import Actor
from callcart.core.tenancy import tenant_transaction
from callcart.core.tokens import new_token
from callcart.web.live import chats
from tests.web.live.conftest import Server, Shop
from tests.web.live.page import origin


@dataclass
class Chat:
    shop: Shop
    line_id: UUID

    def visitor(self, text: str = "") -> tuple[UUID, str]:
        """A new one and his token; with a text, he has said it."""
        with tenant_transaction(self.shop.tenant_id):
            line = visitors.chat_line(self.line_id)
            token = new_token()
            made = visitors.begin(line, token=token, name="", email="", language="en", address="")
        if text:
            self.says(token, text)
        return made.id, token

    def says(self, token: str, text: str) -> None:
        with tenant_transaction(self.shop.tenant_id):
            visitors.says(visitors.visitor_of(token), text, key=text)

    def answer(self, token: str, text: str) -> None:
        with tenant_transaction(self.shop.tenant_id):
            talk = visitors.visitor_of(token).conversation_id
            messaging.reply(Actor.system(self.shop.tenant_id), talk, messaging.Words(text))  # type: ignore[arg-type]


@pytest.fixture
def chat(harbor: Shop) -> Chat:
    boss = Actor.system(harbor.tenant_id)
    with tenant_transaction(harbor.tenant_id):
        queue = add_queue(boss, "chats", name="Chats")
        line = messaging.add_line(boss, "web", name="Chat", address="shop", queue_id=queue.id, values={})
    return Chat(harbor, line.id)


@pytest.fixture
def page(server: Server, chat: Chat) -> Iterator[Callable[..., ClientConnection]]:
    """`page(token)`: a page of the shop, connected."""
    opened: list[ClientConnection] = []

    def make(token: str, *, host: str = chat.shop.host, asks: str = "", own: bool = True) -> ClientConnection:
        connection = connect(
            f"ws://{host}:{server.port}/chat",
            sock=socket.create_connection(("127.0.0.1", server.port)),
            origin=origin(host) if own else "https://evil.example",  # type: ignore[arg-type]
            subprotocols=[chats.PROTOCOL, asks or token],  # type: ignore[list-item]
            proxy=None,
            open_timeout=30,
            compression=None,
            legacy=True,
        )
        opened.append(connection)
        return connection

    yield make
    for each in opened:
        each.close()


def _told(connection: ClientConnection, kind: str) -> None:
    """Until this is told: what went before the page was there may be told to it, too."""
    while json.loads(connection.recv(timeout=5))["kind"] != kind:
        continue


def _quiet(connection: ClientConnection) -> None:
    """Until nothing more comes."""
    with pytest.raises(TimeoutError):
        while True:
            connection.recv(timeout=0.5)


def _why(connection: ClientConnection) -> int:
    with pytest.raises(ConnectionClosed) as closed:
        connection.recv(timeout=5)
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


def test_an_answer_is_told_to_its_visitor_alone(chat: Chat, page: Callable[..., ClientConnection]) -> None:
    (_one, first), (_two, second) = chat.visitor("Hello"), chat.visitor("Hi")
    mine, other = page(first), page(second)
    _quiet(other)
    chat.answer(first, "Good day")
    _told(mine, "message.added")
    with pytest.raises(TimeoutError):
        other.recv(timeout=0.5)


def test_a_page_that_begins_a_talk_hears_of_it_from_then_on(
    chat: Chat, page: Callable[..., ClientConnection]
) -> None:
    _who, token = chat.visitor()
    connection = page(token)
    chat.says(token, "Hello")
    connection.send("talk")
    _told(connection, "message.added")
    chat.answer(token, "Good day")
    _told(connection, "message.added")


@pytest.mark.parametrize("token", ["x", "y" * 150])
def test_who_has_no_token_is_told_to_stop(
    chat: Chat, page: Callable[..., ClientConnection], token: str
) -> None:
    chat.visitor("Hello")
    assert _why(page(token)) == chats.SIGNED_OUT


def test_the_token_of_another_shop_opens_nothing(
    chat: Chat, qinghe: Shop, page: Callable[..., ClientConnection]
) -> None:
    _who, token = chat.visitor("Hello")
    assert _why(page(token, host=qinghe.host)) == chats.SIGNED_OUT


def test_pages_of_others_are_refused(chat: Chat, page: Callable[..., ClientConnection]) -> None:
    _who, token = chat.visitor("Hello")
    assert _why(page(token, own=False)) == chats.SIGNED_OUT


def test_one_visitor_has_so_many_pages_at_most(chat: Chat, page: Callable[..., ClientConnection]) -> None:
    _who, token = chat.visitor("Hello")
    kept = [page(token) for _number in range(chats.MOST_OF_ONE)]
    for each in kept:
        each.ping().wait(5)
    assert _why(page(token)) == chats.TOO_MANY
    kept[0].close()
    chat.answer(token, "Good day")
    _told(kept[1], "message.added")


def test_many_pages_that_come_at_one_moment_are_counted_too(
    chat: Chat, page: Callable[..., ClientConnection]
) -> None:
    _who, token = chat.visitor("Hello")
    with ThreadPoolExecutor(4 * chats.MOST_OF_ONE) as hands:
        opened = list(hands.map(page, [token] * (4 * chats.MOST_OF_ONE)))
    chat.answer(token, "Good day")
    told = 0
    for each in opened:
        try:
            _told(each, "message.added")
            told += 1
        except ConnectionClosed as closed:
            assert closed.rcvd is not None and closed.rcvd.code == chats.TOO_MANY
    assert told == chats.MOST_OF_ONE


def test_a_page_that_asks_without_end_is_looked_at_now_and_then(
    chat: Chat, page: Callable[..., ClientConnection], monkeypatch: pytest.MonkeyPatch
) -> None:
    _who, token = chat.visitor("Hello")
    looked: list[object] = []
    look = chats._talk
    monkeypatch.setattr(chats, "_talk", lambda guest: (looked.append(guest), look(guest))[1])
    connection = page(token)
    began = time.monotonic()
    for _time in range(6):
        connection.send("talk")
    time.sleep(0.8)
    assert 1 <= len(looked) <= 1 + (time.monotonic() - began) / chats.TALK_SECONDS
