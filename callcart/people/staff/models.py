"""People who work here: what they may do, how they sign in, and where they are signed in.

Passwords are argon2 hashes, tokens are stored as SHA-256, the TOTP secret is sealed. A sign-in attempt is counted under
a hash of the e-mail or address, so the table tells nobody who tried.
"""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from callcart.core import ids
from callcart.core.language import Named
from callcart.core.tenancy import TenantModel


class Team(TenantModel):
    """A group of staff under one supervisor's eye."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    name = models.TextField()
    name_zh = models.TextField(blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "name"], name="staff_team_name")]

    def __str__(self) -> str:
        return self.name


class Role(Named, TenantModel):
    """A set of permissions with limits and scopes. `key` names the roles a tenant starts with; it is empty for its own.

    `grants`: `{permission: {"limit": int | null, "scope": str}}`; the permission `*` stands for every one there is."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    key = models.TextField(blank=True, default="")
    name = models.TextField()
    name_zh = models.TextField(blank=True, default="")
    grants = models.JSONField(default=dict)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "name"], name="staff_role_name"),
            models.UniqueConstraint(
                fields=["tenant_id", "key"], condition=~models.Q(key=""), name="staff_role_key"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Staff(Named, TenantModel):
    """A person at work."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    email = models.TextField()  # case-folded
    name = models.TextField()
    name_zh = models.TextField(blank=True, default="")
    language = models.TextField(default="en")
    timezone = models.TextField(blank=True, default="")  # empty: the tenant's
    password = models.TextField(blank=True, default="")
    password_at = models.DateTimeField(null=True)
    totp_secret = models.TextField(blank=True, default="")  # sealed
    totp_pending = models.TextField(blank=True, default="")  # sealed, until a first code proves it
    totp_step = models.BigIntegerField(default=0)  # the newest 30 s step a code was taken of
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="staff")
    roles: models.ManyToManyField[Role, StaffRole] = models.ManyToManyField(
        Role, through="StaffRole", related_name="staff"
    )
    is_active = models.BooleanField(default=True)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "email"], name="staff_email")]
        indexes = [models.Index(fields=["tenant_id", "name", "id"], name="staff_by_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def has_totp(self) -> bool:
        return bool(self.totp_secret)


class StaffRole(TenantModel):
    """A role somebody has."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE)
    role = models.ForeignKey(Role, on_delete=models.PROTECT)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["staff", "role"], name="staff_role_once")]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.role_id}"


class Session(TenantModel):
    """A browser somebody is signed in with."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="sessions")
    token_hash = models.TextField(unique=True)
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    ip = models.TextField(blank=True, default="")
    user_agent = models.TextField(blank=True, default="")
    revoked_at = models.DateTimeField(null=True)
    revoked_because = models.TextField(blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["staff", "-last_seen_at"], name="staff_session_seen"),
            models.Index(fields=["last_seen_at"], name="staff_session_age"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class LoginAttempt(TenantModel):
    """How often signing in failed of late, for one account or from one address, and until when it is refused."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    kind = models.TextField()  # account | address
    key = models.TextField()  # SHA-256
    failures = models.IntegerField(default=0)
    last_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "kind", "key"], name="staff_attempt_once")
        ]
        indexes = [models.Index(fields=["last_at"], name="staff_attempt_age")]

    def __str__(self) -> str:
        return f"{self.kind} {self.failures}"
