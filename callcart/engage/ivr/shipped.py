"""The menu that ships, as a graph: greeting, language, the last order, then a person. A shop begins with it, and it is what
callers hear where a shop has published nothing of its own."""

from __future__ import annotations

from functools import cache
from typing import Any

from callcart.engage.ivr import phrases
from callcart.engage.ivr.blocks import Graph
from callcart.engage.ivr.graphs import read

MAIN = "main"
MAIN_NAME, MAIN_NAME_ZH = "Main menu", "主菜单"


def _block(kind: str, title: str, *, key: str = "", **more: Any) -> dict[str, Any]:
    settings = more.pop("settings", {})
    return {"kind": kind, "title": title, "words": {"key": key}, "settings": settings, "arrows": more}


def _menu(title: str, key: str, keys: dict[str, str], *, otherwise: str) -> dict[str, Any]:
    made = _block("menu", title, key=key, silence=otherwise, wrong=otherwise)
    made["arrows"] |= keys
    return made


def shipped_values() -> dict[str, Any]:
    """The graph as JSON values."""
    person = {"0": "person", "2": "person"}
    language = _block("language", "Language", next="hours", wrong="person")
    language["arrows"]["0"] = "person"
    return {
        "start": "greeting",
        "blocks": {
            "greeting": _block("say", "Greeting", key=phrases.GREETING, next="language"),
            "language": language,
            "hours": _block("hours", "Open now?", open="has_order", closed="closed"),
            "has_order": _ordered("Has an order?", "menu", "person"),
            "menu": _menu("Menu", phrases.MENU, {"1": "order", **person}, otherwise="person"),
            "order": _block(
                "read_out", "Last order", next="after_order", none="no_order", often="person"
            ),
            "no_order": _block("say", "Order not found", key=phrases.NO_ORDER, next="person"),
            "after_order": _menu(
                "After the order", phrases.AFTER_ORDER, {"1": "order", "9": "goodbye", **person},
                otherwise="person",
            ),
            "person": _block("queue", "A person", key=phrases.CONNECTING),
            "closed": _block(
                "say", "Closed", key=phrases.CLOSED, settings={"opening": True}, next="closed_has_order"
            ),
            "closed_has_order": _ordered("Has an order?", "closed_menu", "goodbye"),
            "closed_menu": _menu(
                "Menu out of hours", phrases.MENU_CLOSED, {"1": "closed_order"}, otherwise="goodbye"
            ),
            "closed_order": _block(
                "read_out", "Last order", next="closed_after_order", none="closed_no_order", often="goodbye"
            ),
            "closed_no_order": _block("say", "Order not found", key=phrases.NO_ORDER, next="goodbye"),
            "closed_after_order": _menu(
                "After the order", phrases.AFTER_ORDER_CLOSED, {"1": "closed_order", "9": "goodbye"},
                otherwise="goodbye",
            ),
            "goodbye": _block("hang_up", "Goodbye", key=phrases.GOODBYE),
        },
    }  # fmt: skip


def _ordered(title: str, yes: str, otherwise: str) -> dict[str, Any]:
    made = _block("branch", title, settings={"on": "order"})
    made["arrows"] = {"is:yes": yes, "else": otherwise}
    return made


@cache
def shipped() -> Graph:
    return read(shipped_values())
