"""Passwords: what makes one acceptable, and comparing in a time that tells nothing. Hashed by argon2."""

from __future__ import annotations

from functools import cache

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from callcart.core.errors import Invalid
from callcart.core.fields import is_storable

LEAST = 10
MOST = 256


def hashed(password: str, *, about: tuple[str, ...] = (), field: str = "password") -> str:
    """The hash to store; Invalid names `field`. `about`: e-mail and names that must not be the password."""
    problem = _problem(password, about)
    if problem:
        raise Invalid(fields={field: problem})
    return make_password(password)


def matches(password: str, stored: str) -> bool:
    """Whether the password is right. With nothing stored the same work is done, so that time does not tell
    an unknown account from a wrong password."""
    usable = len(password) <= MOST and is_storable(password, lines=False)
    right = check_password(password if usable else "", stored or _nobody())
    return right and usable and bool(stored)


@cache
def _nobody() -> str:
    return make_password("nobody's password")


def _problem(password: str, about: tuple[str, ...]) -> str:
    if len(password) < LEAST:
        return _("At least %(least)s characters.") % {"least": LEAST}
    if len(password) > MOST:
        return _("At most %(most)s characters.") % {"most": MOST}
    if not is_storable(password, lines=False):
        return _("This text holds characters that cannot be kept.")
    folded = password.casefold()
    if len(set(folded)) < 4:
        return _("Too simple: use more different characters.")
    parts = {
        part for text in about for part in (text.casefold(), text.casefold().split("@")[0]) if len(part) > 3
    }
    if any(folded == part or (part in folded and len(folded) - len(part) < 4) for part in parts):
        return _("Too much like your name or e-mail address.")
    try:
        _common().validate(folded)
    except ValidationError:
        return _("This is one of the most used passwords.")
    return ""


@cache
def _common() -> CommonPasswordValidator:
    return CommonPasswordValidator()
