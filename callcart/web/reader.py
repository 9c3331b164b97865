"""Who reads the page: language, time zone, home currency and country. Set per request; formats ask here.

Code without a request (exports, letters) opens `reading(Reader(...))` itself. Never reads the database.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from zoneinfo import ZoneInfo

from babel import Locale
from django.utils import timezone, translation

LANGUAGES = {"en": "English", "zh-hans": "简体中文"}


@dataclass(frozen=True, slots=True)
class Reader:
    """How somebody wants things written. `language` is one of LANGUAGES, `zone` an IANA name."""

    language: str = "en"
    zone: str = "UTC"
    currency: str = ""
    country: str = ""

    @property
    def locale(self) -> Locale:
        return _locale("zh_Hans_CN" if self.language == "zh-hans" else "en_US")

    @property
    def tz(self) -> ZoneInfo:
        try:
            return ZoneInfo(self.zone)
        except (KeyError, ValueError, OSError):
            return ZoneInfo("UTC")


@cache
def _locale(name: str) -> Locale:
    return Locale.parse(name)


_reader: ContextVar[Reader | None] = ContextVar("callcart_reader", default=None)


def reader() -> Reader:
    """The present reader; English and UTC where nobody said."""
    return _reader.get() or Reader()


@contextmanager
def reading(who: Reader) -> Iterator[None]:
    """Write for this reader inside the block: our formats, translations and Django's time zone."""
    token = _reader.set(who)
    try:
        with translation.override(who.language), timezone.override(who.tz):
            yield
    finally:
        _reader.reset(token)


def known_language(code: str | None) -> str | None:
    """One of our languages for any usual way of writing it (`zh-CN`, `zh_Hans`, `en-US`), or None."""
    text = (code or "").strip().lower().replace("_", "-")
    if text in LANGUAGES:
        return text
    if text == "zh" or text.startswith("zh-"):
        return "zh-hans"
    return "en" if text == "en" or text.startswith("en-") else None


def accepted_language(header: str) -> str | None:
    """The best of our languages in an Accept-Language header, or None."""
    ranked: list[tuple[float, int, str]] = []
    for place, part in enumerate(header.split(",")[:20]):
        code, _, rest = part.strip().partition(";")
        try:
            quality = float(rest.strip().removeprefix("q=")) if rest else 1.0
        except ValueError:
            continue
        language = known_language(code)
        if language and quality > 0:
            ranked.append((-quality, place, language))
    return min(ranked)[2] if ranked else None
