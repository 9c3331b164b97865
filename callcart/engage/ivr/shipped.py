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


def _block(kind: str, *, key: str = "", **more: Any) -> dict[str, Any]:
    settings = more.pop("settings", {})
    return {"kind": kind, "words": {"key": key}, "settings": settings, "arrows": more}


def _menu(key: str, keys: dict[str, str], *, otherwise: str) -> dict[str, Any]:
    made = _block("menu", key=key, silence=otherwise, wrong=otherwise)
    made["arrows"] |= keys
    return made


def shipped_values() -> dict[str, Any]:
    """The graph as JSON values."""
    person = {"0": "person", "2": "person"}
    language = _block("language", next="hours", wrong="person")
    language["arrows"]["0"] = "person"
    return {
        "start": "greeting",
        "blocks": {
            "greeting": _block("say", key=phrases.GREETING, next="language"),
            "language": language,
            "hours": _block("hours", open="has_order", closed="closed"),
            "has_order": _ordered("menu", "person"),
            "menu": _menu(phrases.MENU, {"1": "order", **person}, otherwise="person"),
            "order": _block("read_out", next="after_order", none="no_order", often="person"),
            "no_order": _block("say", key=phrases.NO_ORDER, next="person"),
            "after_order": _menu(
                phrases.AFTER_ORDER, {"1": "order", "9": "goodbye", **person}, otherwise="person"
            ),
            "person": _block("queue", key=phrases.CONNECTING),
            "closed": _block("say", key=phrases.CLOSED, settings={"opening": True}, next="closed_has_order"),
            "closed_has_order": _ordered("closed_menu", "goodbye"),
            "closed_menu": _menu(phrases.MENU_CLOSED, {"1": "closed_order"}, otherwise="goodbye"),
            "closed_order": _block("read_out", next="closed_after_order", none="closed_no_order", often="goodbye"),
            "closed_no_order": _block("say", key=phrases.NO_ORDER, next="goodbye"),
            "closed_after_order": _menu(
                phrases.AFTER_ORDER_CLOSED, {"1": "closed_order", "9": "goodbye"}, otherwise="goodbye"
            ),
            "goodbye": _block("hang_up", key=phrases.GOODBYE),
        },
    }  # fmt: skip


def _ordered(yes: str, otherwise: str) -> dict[str, Any]:
    made = _block("branch", settings={"on": "order"})
    made["arrows"] = {"is:yes": yes, "else": otherwise}
    return made


ASIDE = "@"  # before the name of a flow that callers are sent to from elsewhere; no version of a shop's is called so
_ASIDES: dict[str, dict[str, Any]] = {
    "voicemail": _block("voicemail", next="goodbye", none="goodbye"),
    "survey": _block("survey", next="goodbye"),
    "callback": _block("callback", next="goodbye", refused="goodbye"),
    "leaving": _block(
        "callback", next="goodbye", refused="stay"
    ),  # who waits, and waits on where nothing is promised
}


@cache
def aside(version: str) -> Graph | None:
    """The flow that callers are sent to by this name (`@voicemail`), if there is one."""
    block = _ASIDES.get(version.removeprefix(ASIDE))
    if block is None:
        return None
    ends = {"goodbye": _block("hang_up", key=phrases.GOODBYE), "stay": _block("hang_up")}
    return read({"start": "aside", "blocks": {"aside": block, **ends}})


@cache
def shipped() -> Graph:
    return read(shipped_values())
