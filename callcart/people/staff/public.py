"""What other rooms may use of staff."""

from __future__ import annotations

from callcart.people.staff.default_roles import ensure_default_roles
from callcart.people.staff.grants import checked as checked_grants
from callcart.people.staff.grants import merged as merged_grants
from callcart.people.staff.grants import missing as missing_grants
from callcart.people.staff.manage import (
    change_own_password,
    create_staff,
    create_team,
    deactivate_staff,
    reactivate_staff,
    reset_password,
    reset_totp,
    set_language,
    set_roles,
    update_own,
    update_staff,
)
from callcart.people.staff.models import Role, Session, Staff, Team
from callcart.people.staff.queries import (
    actor_of,
    colleagues,
    get_role,
    get_staff,
    list_roles,
    list_staff,
    list_teams,
    staff_by_email,
    staff_names,
)
from callcart.people.staff.reach import require_within, staff_within
from callcart.people.staff.roles import (
    LastAdministrator,
    MoreThanYouHold,
    OwnerRole,
    RoleInUse,
    create_role,
    delete_role,
    update_role,
)
from callcart.people.staff.sessions import (
    SessionNow,
    list_sessions,
    log_out,
    look_at_sessions,
    resolve_session,
    revoke_other_sessions,
    revoke_session,
    start_session,
)
from callcart.people.staff.sign_in import CodeRequired, WrongCode, WrongCredentials, log_in
from callcart.people.staff.throttle import LockedOut
from callcart.people.staff.totp import Enrolment, NotEnrolling, confirm_totp, disable_totp, start_totp

__all__ = [
    "CodeRequired",
    "Enrolment",
    "LastAdministrator",
    "LockedOut",
    "MoreThanYouHold",
    "NotEnrolling",
    "OwnerRole",
    "Role",
    "RoleInUse",
    "Session",
    "SessionNow",
    "Staff",
    "Team",
    "WrongCode",
    "WrongCredentials",
    "actor_of",
    "change_own_password",
    "checked_grants",
    "colleagues",
    "confirm_totp",
    "create_role",
    "create_staff",
    "create_team",
    "deactivate_staff",
    "delete_role",
    "disable_totp",
    "ensure_default_roles",
    "get_role",
    "get_staff",
    "list_roles",
    "list_sessions",
    "list_staff",
    "list_teams",
    "log_in",
    "log_out",
    "look_at_sessions",
    "merged_grants",
    "missing_grants",
    "reactivate_staff",
    "require_within",
    "reset_password",
    "reset_totp",
    "resolve_session",
    "revoke_other_sessions",
    "revoke_session",
    "set_language",
    "set_roles",
    "staff_by_email",
    "staff_names",
    "staff_within",
    "start_session",
    "start_totp",
    "update_own",
    "update_role",
    "update_staff",
]
