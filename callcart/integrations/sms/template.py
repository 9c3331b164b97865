"""Requests to providers made of templates that the shop wrote: placeholders such as `{to}` are filled in where a value stands, so that
nothing a customer or an agent writes can become a field, a header or a piece of JSON.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from django.utils.translation import gettext as _

NAMES = (
    "to",
    "to_digits",
    "from",
    "from_digits",
    "text",
    "key",
    "user",
    "secret",
    "basic",
    "alphabet",
    "parts",
)
_PLACE = re.compile(r"\{(" + "|".join(NAMES) + r")\}")
_HEADER = re.compile(r"([A-Za-z0-9-]{1,60}):[ \t]*(.{0,2000})")
_NOT_OURS = frozenset(
    {"host", "content-length", "transfer-encoding", "connection"}
)  # they say how it is sent
TYPES = {"json": "application/json", "form": "application/x-www-form-urlencoded", "query": ""}


def fill(template: str, values: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda found: values[found[1]], template)


def basic(user: str, secret: str) -> str:
    """What stands behind `Basic` (RFC 7617)."""
    return base64.b64encode(f"{user}:{secret}".encode()).decode("ascii")


def body_of(kind: str, template: str, values: Mapping[str, str]) -> tuple[bytes, str]:
    """The body and the query of a request. `kind`: json, form or query."""
    if kind == "json":
        return json.dumps(_filled(json.loads(template), values), ensure_ascii=False).encode(), ""
    fields = [(name, fill(value, values)) for name, value in _fields(template)]
    encoded = urlencode(fields)
    return (encoded.encode(), "") if kind == "form" else (b"", encoded)


def headers_of(template: str, values: Mapping[str, str]) -> dict[str, str]:
    """`Name: value`, several with `|` between. Raises ValueError where a value filled in would break out of its header."""
    found = {}
    for line in filter(None, map(str.strip, template.split("|"))):
        matched = _HEADER.fullmatch(line)
        if matched is None or matched[1].lower() in _NOT_OURS:
            raise ValueError(_("Write it like Authorization: Bearer {secret}; several with | between."))
        value = fill(matched[2], values)
        if not value.isprintable() or not value.isascii():
            raise ValueError(_("A header holds only plain letters, digits and signs."))
        found[matched[1]] = value
    return found


def url_of(template: str, values: Mapping[str, str], query: str) -> str:
    url = _PLACE.sub(lambda found: quote(values[found[1]], safe=""), template)
    return url + ("&" if "?" in url else "?") * bool(query) + query


def check_body(kind: str, template: str) -> None:
    """Raises ValueError with words where a template makes no request."""
    if kind == "json":
        try:
            json.loads(template)
        except ValueError:
            raise ValueError(_("This is no JSON.")) from None
    elif not _fields(template):
        raise ValueError(_("Write it like to={to}&text={text}."))
    if "{text}" not in template or not re.search(r"\{to(_digits)?\}", template):
        raise ValueError(_("It must hold {text}, and {to} or {to_digits}."))


def at(values: object, path: str) -> object:
    """What stands at `messages.0.id` in an answer; None where nothing does. An empty path is the whole."""
    for name in filter(None, path.split(".")):
        if isinstance(values, Mapping):
            values = values.get(name)
        elif isinstance(values, list) and name.isdecimal() and int(name) < len(values):
            values = values[int(name)]
        else:
            return None
    return values


def text_at(values: object, path: str) -> str:
    """The same as a text; empty where it is none."""
    found = at(values, path) if path else None
    if isinstance(found, bool):
        return "true" if found else "false"
    return str(found) if isinstance(found, str | int | float) else ""


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return fill(value, values)
    if isinstance(value, list):
        return [_filled(each, values) for each in value]
    if isinstance(value, dict):
        return {name: _filled(each, values) for name, each in value.items()}
    return value


def _fields(template: str) -> list[tuple[str, str]]:
    return parse_qsl(template.strip(), keep_blank_values=True)
