"""Reading what people type. Any text is taken as text (emoji, right to left, HTML); what cannot be kept is refused with
its field's name: control characters, halves of characters, and more than fits. Nothing is cut off silently."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.utils.translation import gettext as _

from callcart.core.errors import Invalid
from callcart.core.normal import normal_form
from callcart.core.text import mask_cards

# Direction overrides: in a name they make a screen read otherwise than what is stored.
_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")
_EMAIL = re.compile(r"[^@\s\"(),:;<>\[\\\]]{1,64}@[^@\s.,:;<>()\[\]\\\"/]+(\.[^@\s.,:;<>()\[\]\\\"/]+)+")


class Fields:
    """Collects what is wrong with a form, so that all of it is told at once: `done()` raises Invalid."""

    def __init__(self) -> None:
        self.wrong: dict[str, str] = {}

    def refuse(self, name: str, problem: str) -> None:
        """Mark a field; the first problem of a field stays."""
        self.wrong.setdefault(name, problem)

    def line(self, name: str, value: Any, *, most: int, required: bool = False) -> str:
        """One line of text: surrounding blanks off, composed characters; line breaks refused."""
        return self._text(name, value, most=most, required=required, lines=False)

    def block(self, name: str, value: Any, *, most: int, required: bool = False) -> str:
        """Text of several lines. A card number pasted into it is not kept."""
        return mask_cards(self._text(name, value, most=most, required=required, lines=True))

    def choice(self, name: str, value: Any, allowed: Any) -> str:
        """One of a closed list of words."""
        text = str(value)
        if text not in set(allowed):
            self.refuse(name, _("Choose one of the values offered."))
        return text

    def email(self, name: str, value: Any, *, required: bool = False) -> str:
        """An e-mail address, case-folded; its form is checked, not its existence."""
        text = self.line(name, value, most=254, required=required).casefold()
        if text and not _EMAIL.fullmatch(text):
            self.refuse(name, _("This is not an e-mail address."))
        return text

    def done(self) -> None:
        """Raise Invalid if any field was refused."""
        if self.wrong:
            raise Invalid(fields=self.wrong)

    @contextmanager
    def part(self) -> Iterator[None]:
        """Read one part of the form: what it refuses at fields is taken over, and the parts after it are still read.
        Nothing written meanwhile may stay: `done()` has to follow in the same transaction."""
        try:
            yield
        except Invalid as error:
            if not error.fields:
                raise
            self.merge("", error.fields)

    def merge(self, prefix: str, problems: Mapping[str, str]) -> None:
        """Take over the problems of a part, `prefix` before their names."""
        for name, problem in problems.items():
            self.refuse(f"{prefix}{name}", problem)

    def _text(self, name: str, value: Any, *, most: int, required: bool, lines: bool) -> str:
        text = "" if value is None else str(value)
        if len(text) > 4 * most + 1000:  # far too long: do not even look at it
            self.refuse(name, _("At most %(most)s characters.") % {"most": most})
            return ""
        text = _OVERRIDES.sub("", normal_form("NFC", text)).replace("\r\n", "\n").strip()
        if not is_storable(text, lines=lines):
            self.refuse(name, _("This text holds characters that cannot be kept."))
            return ""
        if len(text) > most:
            self.refuse(name, _("At most %(most)s characters.") % {"most": most})
            return ""
        if required and not text:
            self.refuse(name, _("Please fill this in."))
        return text


def is_storable(text: str, *, lines: bool = True) -> bool:
    """Whether a text has no control characters (line breaks and tabs aside, where `lines`) and no half characters."""
    return not any(
        (c not in "\n\t" or not lines) if (category := unicodedata.category(c)) == "Cc" else category == "Cs"
        for c in text
    )
