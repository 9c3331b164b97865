"""Signing in with e-mail, password and, where it is switched on, a second factor. What went wrong is never told more
exactly than it must be, neither in words nor in time."""

from __future__ import annotations

import json
from uuid import UUID

from callcart.core import audit
from callcart.core.clock import now
from callcart.core.database import raw
from callcart.core.errors import AppError
from callcart.core.fields import is_storable
from callcart.core.ids import new_id
from callcart.core.tenancy import enter
from callcart.people.staff import passwords, throttle
from callcart.people.staff import totp as second_factor
from callcart.people.staff.models import Staff
from callcart.people.staff.queries import actor_of
from callcart.people.staff.sessions import start_session


class WrongCredentials(AppError):
    """The e-mail address or the password is not right."""

    code = "staff.wrong_credentials"
    status = 401


class CodeRequired(AppError):
    """Enter the code of your authenticator app."""

    code = "staff.code_required"
    status = 401


class WrongCode(AppError):
    """This code is not right, or was already used. Wait for the next one."""

    code = "staff.wrong_code"
    status = 401


def log_in(
    tenant_id: int, email: str, password: str, totp: str = "", ip: str = "", user_agent: str = ""
) -> tuple[Staff, str]:
    """The staff member and the token for the session cookie. Raises LockedOut (with `seconds`), WrongCredentials,
    CodeRequired (the password was right, ask for the code), WrongCode."""
    name = email.strip().casefold()[:254]
    name = name if is_storable(name, lines=False) else ""
    counted = throttle.counters(name, ip)
    throttle.attempt(tenant_id, counted)
    staff = Staff.objects.filter(email=name, is_active=True).first()
    right = passwords.matches(password, staff.password if staff else "")
    if staff is None or not right:
        _record_failure(tenant_id, staff.id if staff else None, "password", ip)
        raise WrongCredentials
    if staff.totp_secret:
        if not totp.strip():
            throttle.give_back(tenant_id, counted)
            raise CodeRequired
        if not second_factor.accept(staff, totp):
            _record_failure(tenant_id, staff.id, "code", ip)
            raise WrongCode
    throttle.succeeded(tenant_id, counted)
    token = start_session(staff, ip=ip, user_agent=user_agent)
    audit.record(actor_of(staff), "staff.log_in", subject=("staff", staff.id), after={"ip": ip})
    return staff, token


def _record_failure(tenant_id: int, staff_id: UUID | None, what: str, ip: str) -> None:
    """On a connection of its own: the request that failed is rolled back, its trace stays. The e-mail is not kept,
    people type passwords there."""
    with raw.autocommit() as connection, connection.transaction():
        enter(connection, tenant_id)
        connection.execute(
            "INSERT INTO core_auditentry (id, tenant_id, at, actor_kind, actor_id, actor_name, channel, action,"
            " subject_kind, subject_id, before, after, reason)"
            " VALUES (%s, %s, %s, 'staff', %s, '', 'web', 'staff.log_in_failed', %s, %s, '{}', %s, %s)",
            [
                new_id(), tenant_id, now(), staff_id, "staff" if staff_id else "", staff_id,
                json.dumps({"ip": ip}), what,
            ],
        )  # fmt: skip
