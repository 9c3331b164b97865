"""The second factor: time-based codes (RFC 6238, 30 s, 6 digits) of an authenticator app.

The secret is shown once, while it is set up; after that it is only ever compared with. A code is taken once.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from uuid import UUID

import pyotp
from django.utils.translation import gettext as _

from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Conflict, Invalid, NotFound
from callcart.core.tokens import seal, unseal
from callcart.people.staff import passwords, sessions, throttle
from callcart.people.staff.models import Staff
from callcart.people.tenants.public import get_tenant

STEP_SECONDS = 30
_SECRET = "totp"  # noqa: S105  the name of a secret


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app needs: the secret in base32, and the same as an `otpauth://` address for a QR code."""

    secret: str
    address: str


class NotEnrolling(Conflict):
    """Start setting up the second factor again."""

    code = "staff.not_enrolling"


def start_totp(actor: Actor) -> Enrolment:
    """A new secret for the actor's own account; it counts from `confirm_totp` on."""
    staff = _own(actor)
    secret = pyotp.random_base32()
    staff.totp_pending = seal(_SECRET, secret)
    staff.save(update_fields=["totp_pending"])
    address = pyotp.TOTP(secret).provisioning_uri(
        name=staff.email, issuer_name=get_tenant(actor.tenant_id).name
    )
    return Enrolment(secret=secret, address=address)


def confirm_totp(actor: Actor, code: str) -> None:
    """Switch the second factor on with a first right code; ends the actor's other sessions. NotEnrolling, Invalid."""
    staff = _own(actor)
    if not staff.totp_pending:
        raise NotEnrolling
    step = _step_of(unseal(_SECRET, staff.totp_pending), code)
    if step is None:
        raise Invalid(fields={"code": _("This code is not right. Use the newest one of your app.")})
    staff.totp_secret, staff.totp_pending, staff.totp_step = staff.totp_pending, "", step
    staff.save(update_fields=["totp_secret", "totp_pending", "totp_step"])
    audit.record(actor, "staff.totp_on", subject=("staff", staff.id))
    sessions.revoke_all(staff.id, because="totp", keep=actor.session)


def disable_totp(actor: Actor, password: str) -> None:
    """Switch the actor's own second factor off; Invalid where the password is wrong. Guesses at it are counted."""
    staff = _own(actor)
    counted = throttle.counters(staff.email, "")
    throttle.attempt(actor.tenant_id, counted)
    if not passwords.matches(password, staff.password):
        raise Invalid(fields={"password": _("This password is not right.")})
    throttle.succeeded(actor.tenant_id, counted)
    switch_off(actor, staff)


def switch_off(actor: Actor, staff: Staff) -> None:
    """Remove a second factor (by its owner, or by an administrator for a lost telephone)."""
    staff.totp_secret = staff.totp_pending = ""
    staff.save(update_fields=["totp_secret", "totp_pending"])
    audit.record(actor, "staff.totp_off", subject=("staff", staff.id))


def accept(staff: Staff, code: str) -> bool:
    """Whether a code is right now (one step early or late allowed) and was not used before."""
    try:
        step = _step_of(unseal(_SECRET, staff.totp_secret), code)
    except ValueError:  # the installation's secret was replaced: an administrator must switch it off
        return False
    if step is None:
        return False
    return Staff.objects.filter(id=staff.id, totp_step__lt=step).update(totp_step=step) == 1


def _step_of(secret: str, code: str) -> int | None:
    digits = "".join(code.split())
    if len(digits) != 6 or not digits.isascii() or not digits.isdecimal():
        return None
    generator = pyotp.TOTP(secret, interval=STEP_SECONDS)
    present = int(now().timestamp()) // STEP_SECONDS
    for step in (present, present - 1, present + 1):
        if hmac.compare_digest(generator.generate_otp(step), digits):
            return step
    return None


def _own(actor: Actor) -> Staff:
    found = _locked(actor.id) if actor.is_staff and actor.id else None
    if found is None:
        raise NotFound
    return found


def _locked(staff_id: UUID) -> Staff | None:
    return Staff.objects.select_for_update().filter(id=staff_id, is_active=True).first()
