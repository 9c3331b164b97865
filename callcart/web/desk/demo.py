"""Demo callers: buttons that make a real call with a recorded voice, in demo installations only.

The caller itself lives in the demo room, which this room may not import: settings name a function, called as
`start(tenant_id, key)` outside of any transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from callcart.config import config
from callcart.core.errors import NotFound, Unavailable
from callcart.core.http import non_atomic
from callcart.web.desk.bodies import answer, body_of, text_of
from callcart.web.http import actor_of, requires

Start = Callable[[int, str], None]


@dataclass(frozen=True, slots=True)
class Caller:
    """A kind of caller the demo has."""

    key: str
    label: str | Promise
    icon: str


CALLERS = (
    Caller("known", gettext_lazy("A customer we know"), "user-check"),
    Caller("unknown", gettext_lazy("A new caller"), "user-question"),
    Caller("hidden", gettext_lazy("A hidden number"), "eye-off"),
    Caller("chinese", gettext_lazy("A Chinese speaker"), "language"),
)


class NoTelephones(Unavailable):
    """This installation runs without telephones, so the demo caller cannot dial."""

    code = "demo.no_telephones"


def callers() -> tuple[Caller, ...]:
    """The buttons to show; none outside of a demo or without telephones."""
    return CALLERS if config().demo and _hook() is not None else ()


def _hook() -> str | None:
    return cast("str | None", getattr(settings, "CALLCART_DEMO_CALL", None))


@requires("desk.use")
@require_POST
@non_atomic
def call(request: HttpRequest) -> HttpResponse:
    """Have a demo caller dial the shop's service number."""
    actor, key, hook = actor_of(request), text_of(body_of(request), "caller", most=40), _hook()
    if not config().demo or hook is None or key not in {each.key for each in CALLERS}:
        raise NotFound
    if config().telephony == "none":
        raise NoTelephones
    start = cast(Start, import_string(hook))
    start(actor.tenant_id, key)
    return answer(message=_("The demo caller is dialling. Get ready, and your phone will ring."))
