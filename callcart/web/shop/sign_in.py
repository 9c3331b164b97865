"""Signing in with a telephone number and the code sent to it. What is right is judged by `people.customers`; here are the two
pages, and the cookie, which is another one than that of staff.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from callcart.commerce.orders import public as orders
from callcart.core.errors import AppError, Invalid
from callcart.people.customers import public as customers
from callcart.web.http import attempt, safe_next
from callcart.web.reader import reader
from callcart.web.shop.visit import (
    FOLLOWED,
    SESSION,
    SESSION_SECONDS,
    keep,
    leave,
    show,
    tenant_of,
    visit_of,
)

_LONGEST = 60


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The number; a code goes out to it."""
    if request.method != "POST":
        if visit_of(request).customer is not None:
            return leave(safe_next(request, reverse("shop:account")))
        return _number_page(request)
    phone = request.POST.get("phone", "")
    with attempt(AppError) as tried:
        sent = customers.request_code(
            tenant_of(request).id, phone, ip=request.META.get("REMOTE_ADDR", ""), language=reader().language
        )
    if tried:
        return _code_page(request, phone, shown_code=sent.shown_code)
    if isinstance(tried.error, customers.AskedTooOften) and _may_hold_a_code(tried.error):
        return _code_page(request, phone, message=tried.message, status=tried.status)
    return _number_page(request, errors=tried.fields, message=tried.message, status=tried.status)


def _may_hold_a_code(error: AppError) -> bool:
    """A code of the last minute may still be typed; after too many in an hour there is nothing to type."""
    seconds = error.details.get("seconds")
    return isinstance(seconds, int) and seconds <= 60


@sensitive_post_parameters()
@require_POST
def code(request: HttpRequest) -> HttpResponse:
    """The code: right, and the browser is signed in."""
    phone = request.POST.get("phone", "")
    with attempt(Invalid) as tried:
        signed = customers.verify_code(
            tenant_of(request).id,
            phone,
            request.POST.get("code", "")[:_LONGEST],
            ip=request.META.get("REMOTE_ADDR", ""),
            user_agent=request.headers.get("User-Agent", ""),
            language=reader().language,
        )
    if not tried:
        if "phone" in tried.fields:
            return _number_page(request, errors=tried.fields, status=tried.status)
        return _code_page(request, phone, errors=tried.fields, status=tried.status)
    orders.attach_guest_orders(signed)
    rotate_token(request)
    fresh = not signed.customer.name
    response = leave(
        safe_next(request, reverse("shop:details" if fresh else "shop:account")), said="signed_in"
    )
    keep(response, SESSION, signed.token, seconds=SESSION_SECONDS)
    return response


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session; the next person at this screen sees no orders either."""
    customers.log_out_customer(request.COOKIES.get(SESSION, ""))
    response = leave(reverse("shop:home"), said="signed_out")
    response.delete_cookie(SESSION, samesite="Lax")
    response.delete_cookie(FOLLOWED, samesite="Lax")
    return response


def _number_page(
    request: HttpRequest, *, errors: dict[str, str] | None = None, message: str = "", status: int = 200
) -> HttpResponse:
    return show(
        request,
        "shop/sign_in.html",
        status=status,
        errors=errors or {},
        message="" if errors else message,
        form={"phone": request.POST.get("phone", "")[:_LONGEST]},
        next=safe_next(request, ""),
    )


def _code_page(
    request: HttpRequest,
    phone: str,
    *,
    errors: dict[str, str] | None = None,
    message: str = "",
    shown_code: str = "",
    status: int = 200,
) -> HttpResponse:
    return show(
        request,
        "shop/sign_in_code.html",
        status=status,
        phone=phone[:_LONGEST],
        sent_to=customers.normalise_phone(phone).e164,
        errors=errors or {},
        message=message,
        shown_code=shown_code,
        form={},
        next=safe_next(request, ""),
    )
