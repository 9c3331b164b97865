"""The kinds of tasks there are: each domain declares its own at import, with the words and the page they lead to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Kind:
    """`label` stands for all tasks of the kind; `sentence` for one, and may name values of its data (`%(number)s`). `link` is the
    name of an address that takes the subject's id. `permission`: who may work on it (empty: whoever may work on tasks at
    all). `calls`: it is done by phoning the customer."""

    name: str
    label: str | Promise
    sentence: str | Promise
    link: str
    permission: str
    calls: bool


_kinds: dict[str, Kind] = {}


def declare(
    name: str,
    *,
    label: str | Promise,
    sentence: str | Promise = "",
    link: str = "",
    permission: str = "",
    calls: bool = False,
) -> None:
    """Make a kind of task known."""
    _kinds[name] = Kind(name, label, sentence or label, link, permission, calls)


def known() -> dict[str, Kind]:
    """Every declared kind by its name, sorted."""
    return dict(sorted(_kinds.items()))


def label(name: str) -> str:
    """The kind in words; its name where nothing declares it (any more)."""
    found = _kinds.get(name)
    return str(found.label) if found else name


def sentence(name: str, data: Mapping[str, Any]) -> str:
    """One task in words; where its data lacks what the sentence needs, the kind's label."""
    found = _kinds.get(name)
    if found is None:
        return name
    text = str(found.sentence)
    try:
        return text % data if "%(" in text else text
    except (KeyError, TypeError, ValueError):
        return str(found.label)


def link(name: str) -> str:
    """The address name that tasks of this kind lead to; empty for none."""
    found = _kinds.get(name)
    return found.link if found else ""
