"""What can be asked for: domains register the verb behind each action at import, and say how it is called on a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.utils.functional import Promise

from callcart.core.actor import Actor

Work = Callable[[Actor, Mapping[str, Any]], Any]
Registered = TypeVar("Registered", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Action:
    """`work` is run in the transaction of the approval, with the approver as actor. `link` is the name of an address that
    takes the subject's id."""

    name: str
    work: Work
    label: str | Promise
    link: str


_actions: dict[str, Action] = {}


def action(name: str, *, label: str | Promise = "", link: str = "") -> Callable[[Registered], Registered]:
    """Register the function that does `name` (`payments.refund`) from a payload of plain JSON values."""

    def register(function: Registered) -> Registered:
        _actions[name] = Action(name=name, work=function, label=label or name, link=link)
        return function

    return register


def known(name: str) -> Action | None:
    """The action of this name; None where no domain has it (any more)."""
    return _actions.get(name)
