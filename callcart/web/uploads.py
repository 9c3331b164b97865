"""How much one request may bring. Files of a form lie on the disk before anybody looks at them, whoever sends them and to whatever address,
so what is too much is refused by the length it says it has, and not one byte of it is read.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from callcart.core.errors import AppError
from callcart.core.exchange.public import MOST_FILES, MOST_SIZE
from callcart.web.errors import error_response

Next = Callable[[HttpRequest], HttpResponse]
ROOM = 1024 * 1024  # for all that stands around the files
OF_VISITORS = 64 * 1024 * 1024 + ROOM  # six pictures of something that came broken
OF_STAFF = MOST_FILES * MOST_SIZE + ROOM  # files to be taken in


class TooMuch(AppError):
    """This is more than can be sent at once. Choose smaller files, or fewer."""

    code = "too_much"
    status = 413


class UploadMiddleware:
    """After the sign-in is known, before a form is read."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        signed_in = getattr(request, "actor", None) is not None
        if length_of(request) > (OF_STAFF if signed_in else OF_VISITORS):
            return error_response(request, TooMuch())
        return self.get_response(request)


def length_of(request: HttpRequest) -> int:
    """The length a request says it has, in bytes; no more than that is ever read of it."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
