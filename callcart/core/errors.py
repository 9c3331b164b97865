"""Named errors. One subclass per fact; the docstring is the message, `code` is stable and read by machines.

`AppError` never leaks internals: what it says may be shown to whoever caused it. `retryable` tells a caller
whether the same request may succeed later unchanged.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext


class AppError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    retryable: ClassVar[bool] = False

    def __init__(self, message: str | None = None, /, **details: Any) -> None:
        self.details: dict[str, Any] = details
        self._message = message
        super().__init__(message or self.code)

    @property
    def message(self) -> str:
        """The sentence for a person, in the active language; `%(name)s` is filled from the details."""
        text = str(self._message) if self._message else gettext((type(self).__doc__ or "").strip())
        return text % self.details if self.details and "%(" in text else text

    def __str__(self) -> str:
        return f"{self.code}: {self._message or (type(self).__doc__ or '').strip()}"


class NotFound(AppError):
    """This does not exist, or you may not see it."""

    code = "not_found"
    status = 404


class NotSignedIn(AppError):
    """Please sign in."""

    code = "not_signed_in"
    status = 401


class PermissionDenied(AppError):
    """You do not have permission to do this."""

    code = "permission_denied"
    status = 403


class Conflict(AppError):
    """Somebody else changed this in the meantime. Look at it again, then repeat your change."""

    code = "conflict"
    status = 409


class TooMany(AppError):
    """Too many attempts. Wait a little, then try again."""

    code = "too_many"
    status = 429
    retryable = True


class Unavailable(AppError):
    """This part of the system cannot be reached just now. Try again in a moment."""

    code = "unavailable"
    status = 503
    retryable = True


class Invalid(AppError):
    """Please check the fields marked below."""

    code = "invalid"
    status = 422

    def __init__(
        self, message: str | None = None, /, *, fields: Mapping[str, str] | None = None, **details: Any
    ) -> None:
        super().__init__(message, **details)
        self.fields: dict[str, str] = dict(fields or {})

    def __str__(self) -> str:
        return f"{super().__str__()} {self.fields}"
