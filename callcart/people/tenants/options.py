"""A shop's settings as one typed value. Stored as JSON; what is missing or unreadable takes its default, so a new
setting needs no migration and an old row never stops a call."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from django.utils.translation import gettext as _

from callcart.core.errors import Invalid
from callcart.people.tenants.models import Tenant

_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")
_PREFIX = re.compile(r"\+[1-9]\d{0,14}")
_PROMPT = re.compile(r"[\w.\-/]{0,120}")

Span = tuple[str, str]
Week = tuple[tuple[Span, ...], ...]
ALWAYS: Week = ((("00:00", "24:00"),),) * 7

# name -> (least, most)
_BOUNDS: Mapping[str, tuple[int, int]] = {
    "wrap_up_seconds": (0, 3600),
    "ring_seconds": (5, 120),
    "service_level_seconds": (1, 600),
    "service_level_percent": (1, 100),
    "sticky_seconds": (0, 600),
    "short_abandon_seconds": (0, 60),
    "approval_hours": (1, 720),
    "dial_hourly": (0, 100_000),
    "dial_hourly_agent": (0, 10_000),
    "dial_minor_per_minute": (0, 100_000),
    "dial_daily_spend": (0, 1_000_000_000),
    "dial_daily_spend_agent": (0, 1_000_000_000),
    "dial_longest_minutes": (1, 1440),
    "late_chat_minutes": (1, 1440),
    "late_sms_minutes": (1, 10_080),
    "late_mail_minutes": (1, 43_200),
}


@dataclass(frozen=True, slots=True)
class Options:
    """Durations are seconds, `approval_hours` is how long a request for approval waits. `business_hours`: Monday first, spans of
    `HH:MM` in the shop's time zone. `greetings`: language -> name of a prompt (empty: the one that ships)."""

    wrap_up_seconds: int = 60
    ring_seconds: int = 20
    service_level_seconds: int = 20
    service_level_percent: int = 80
    sticky_seconds: int = 20
    short_abandon_seconds: int = 5
    approval_hours: int = 24
    record_calls: bool = True
    tell_watched: bool = True  # an agent sees that a supervisor is on his talk
    prices_include_tax: bool = True
    languages: tuple[str, ...] = ("en", "zh-hans")
    business_hours: Week = ALWAYS
    greetings: Mapping[str, str] = field(default_factory=dict)
    # Calls outside: to these beginnings of numbers only (`+1`, `+8610`; none: nowhere), so many an hour, up to so much in 24 hours (minor
    # units, at one price a minute), for the shop and for each agent, none longer than so many minutes; they show this service number.
    dial_prefixes: tuple[str, ...] = ()
    dial_shows: str = ""
    dial_hourly: int = 120
    dial_hourly_agent: int = 30
    dial_minor_per_minute: int = 10
    dial_daily_spend: int = 20_000
    dial_daily_spend_agent: int = 3_000
    dial_longest_minutes: int = 120
    # From when on what a customer wrote and nobody answered stands as late in inboxes.
    late_chat_minutes: int = 2
    late_sms_minutes: int = 15
    late_mail_minutes: int = 240

    def offered(self, language: str) -> str:
        """This language where the shop offers it, else the first that it does."""
        return language if language in self.languages else self.languages[0]


def settings_of(tenant: Tenant) -> Options:
    """The typed settings of a tenant."""
    found: dict[str, Any] = {}
    for name, value in tenant.settings.items() if isinstance(tenant.settings, dict) else ():
        try:
            found |= _checked({name: value})
        except Invalid:
            continue
    return Options(**found)


def own_language(tenant: Tenant) -> str:
    """The language a shop itself writes in: its own, or the first of those it offers where that is not among them."""
    return settings_of(tenant).offered(tenant.language)


def name_fields(tenant: Tenant) -> tuple[str, str]:
    """The fields of a name, that of the shop's own language first: where there is but one name, it belongs there."""
    return ("name_zh", "name") if own_language(tenant).startswith("zh") else ("name", "name_zh")


def changed(tenant: Tenant, values: Mapping[str, Any]) -> dict[str, Any]:
    """The settings to store when `values` are set; Invalid names each wrong one."""
    options = replace(settings_of(tenant), **_checked(values))
    plain: dict[str, Any] = asdict(options)
    return plain


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    known = {item.name for item in fields(Options)}
    found: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, value in values.items():
        if name not in known:
            wrong[name] = _("There is no such setting.")
            continue
        try:
            found[name] = _read(name, value)
        except (ValueError, TypeError, AttributeError) as error:
            wrong[name] = str(error) or _("This cannot be read.")
    if wrong:
        raise Invalid(fields=wrong)
    return found


def _read(name: str, value: Any) -> Any:
    if name in _BOUNDS:
        return _whole(value, *_BOUNDS[name])
    if name in {"record_calls", "tell_watched", "prices_include_tax"}:
        if not isinstance(value, bool):
            raise ValueError(_("Choose yes or no."))
        return value
    if name == "languages":
        languages = tuple(str(language) for language in value)
        if not languages or not set(languages) <= {"en", "zh-hans"}:
            raise ValueError(_("Choose at least one of the languages offered."))
        return languages
    if name == "business_hours":
        return _week(value)
    if name == "dial_prefixes":
        return _prefixes(value)
    if name == "dial_shows":
        if value and not _PREFIX.fullmatch(value):
            raise ValueError(_("Write the number with + and the country code."))
        return str(value)
    greetings = {str(key): str(prompt) for key, prompt in value.items()}
    if not set(greetings) <= {"en", "zh-hans"} or not all(map(_PROMPT.fullmatch, greetings.values())):
        raise ValueError(_("This is not the name of a prompt."))
    return greetings


def _prefixes(value: Any) -> tuple[str, ...]:
    prefixes = tuple(str(each).strip() for each in ([value] if isinstance(value, str) else value))
    if not all(map(_PREFIX.fullmatch, prefixes)):
        raise ValueError(_("Write each beginning of a number with + and the country code."))
    return prefixes


def _whole(value: Any, least: int, most: int) -> int:
    try:
        number = int(str(value).strip())
    except ValueError:
        number = least - 1
    if not least <= number <= most:
        raise ValueError(_("A whole number from %(least)s to %(most)s.") % {"least": least, "most": most})
    return number


def _week(value: Any) -> Week:
    problem = _("Opening hours are seven days of spans such as 09:00 to 18:00.")
    week = tuple(tuple((str(start), str(end)) for start, end in day) for day in value)
    if len(week) != 7:
        raise ValueError(problem)
    for start, end in (span for day in week for span in day):
        if not _CLOCK.fullmatch(start) or not _CLOCK.fullmatch(end) or not start < end:
            raise ValueError(problem)
    return week
