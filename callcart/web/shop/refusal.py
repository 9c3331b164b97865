"""How a refusal looks to a visitor: a page of the shop, with its shelves, the cart and the ways on. Where the database is what
failed, or nobody knows in which state it was left, the page is made without it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from callcart.core.actor import Actor, ActorKind
from callcart.core.errors import AppError, NotFound
from callcart.core.tenancy import tenant_transaction
from callcart.web.reader import reader
from callcart.web.shop.visit import SAID, Visit, brand_of, know_visit, show, tenant_of, visit_of


class NotSold(NotFound):
    """We do not sell this any more, or the address is mistyped. Look for it by name or code, or ask us."""

    code = "not_found"


def refusal_page(request: HttpRequest, error: AppError, **values: Any) -> HttpResponse:
    """The page; `values` are those of the page that staff get."""
    know_visit(request, _stranger(request) if error.status >= 500 else _known(request))
    response = show(
        request, "shop/refusal.html", status=error.status, error=error, said=_said(error), **values
    )
    response.cookies.pop(SAID, None)  # what was to be said on arrival waits for the page that was asked for
    return response


def _known(request: HttpRequest) -> Visit:
    """As the request has read it, or read now: the request's own transaction may be gone."""
    try:
        with tenant_transaction(tenant_of(request).id):
            return replace(visit_of(request), said="")
    except DatabaseError:
        return _stranger(request)


def _stranger(request: HttpRequest) -> Visit:
    """A visit of whom nothing is read."""
    tenant = tenant_of(request)
    return Visit(
        actor=Actor(tenant.id, ActorKind.CUSTOMER, channel="shop", language=reader().language),
        customer=None, cart="", count=0, followed=(), brand=brand_of(tenant), phone="", categories=(), said="", warned=False,
    )  # fmt: skip


def _said(error: AppError) -> str:
    if error.status == 404 and not isinstance(error, NotSold):
        return _(
            "The address may be mistyped, or what was here is gone. Look for it by name or code, or ask us."
        )
    return error.message
