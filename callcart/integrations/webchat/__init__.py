"""Chats on the shop's pages and on other pages: nothing is handed over, the visitor's page reads what we keep."""

from __future__ import annotations

import re
import threading
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from callcart.contact.messaging.public import Incoming, LineFacts, Outgoing, Setting, Sink, visitors, visits

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")


class WebChat:
    """A chat. Its address is a name in small letters."""

    channel: ClassVar[str] = "chat"
    label: ClassVar[str | Promise] = _("Chat on web pages")
    listens: ClassVar[bool] = False
    bound: ClassVar[bool] = False
    instant: ClassVar[bool] = True
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "origins",
            _("Other sites that may show it"),
            _("One after another, like https://blog.example. The shop's own pages always may."),
            required=False,
            read=visitors.read_origins,
        ),
        Setting("greeting", _("Greeting in English"), required=False),
        Setting("greeting_zh", _("Greeting in Chinese"), required=False),
        Setting(
            visits.SETTING,
            _("Agents see the visitor's page and cart"),
            _("The chat tells visitors so."),
            required=False,
            choices=(("on", _("Yes")), (visits.OFF, _("No: it is not even kept"))),
        ),
        Setting(
            "calls",
            _("A chat may become a call"),
            _(
                "Visitor and agent may then talk, by the page and without a telephone. Needs https and the telephones."
            ),
            required=False,
            choices=(("off", _("No")), ("on", _("Yes, either of them may ask the other"))),
        ),
    )

    def address(self, text: str) -> str:
        name = text.strip().lower()
        if not _NAME.fullmatch(name):
            raise ValueError(text)
        return name

    def send(self, line: LineFacts, outgoing: Outgoing) -> str:
        return ""

    def read(self, line: LineFacts, content: bytes) -> Incoming | None:
        return None

    def listen(self, line: LineFacts, sink: Sink, stop: threading.Event) -> None:
        return None

    def check(self, line: LineFacts) -> str:
        return ""
