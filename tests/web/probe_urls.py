"""Addresses for the tests of the middleware: views that refuse, write, call and break."""

from __future__ import annotations

from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone, translation
from psycopg.errors import DeadlockDetected

from callcart.core.errors import Conflict, Invalid
from callcart.core.http import non_atomic
from callcart.core.tenancy import current_tenant
from callcart.people.staff.models import Team
from callcart.web import urls
from callcart.web.http import attempt, go, page, requires, say, trigger
from callcart.web.reader import reader

handler400, handler403, handler404, handler500 = (
    urls.handler400,
    urls.handler403,
    urls.handler404,
    urls.handler500,
)


class Sold(Conflict):
    """Only %(left)s left."""

    code = "probe.sold"


def write_then(request: HttpRequest, what: str) -> HttpResponse:
    Team.objects.create(name=f"probe {what}")
    match what:
        case "refuse":
            raise Sold(left=3)
        case "invalid":
            raise Invalid(fields={"phone": "Too short."})
        case "break":
            raise RuntimeError("broken")
        case "deadlock":
            raise OperationalError("deadlock") from DeadlockDetected()
        case "status":
            return HttpResponse(status=422)
        case "caught":
            with attempt(Conflict) as tried:
                Team.objects.create(name="probe half")
                raise Sold(left=1)
            return HttpResponse(f"{tried.error.code} {tried.message} {bool(tried)}")
    return HttpResponse("done")


@non_atomic
def outside(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{connection.in_atomic_block} {current_tenant()} {transaction.get_autocommit()}")


def who(request: HttpRequest) -> HttpResponse:
    actor = request.actor
    return HttpResponse(
        f"{request.tenant.slug}|{actor.name if actor else ''}|{reader().language}|{translation.get_language()}|"
        f"{timezone.get_current_timezone_name()}|{reader().currency}"
    )


@requires("staff.view")
def permitted(request: HttpRequest) -> HttpResponse:
    return HttpResponse("permitted")


def toasted(request: HttpRequest) -> HttpResponse:
    response = go(request, "/after#there", toast="Gespeichert ✓ 已保存")
    if "both" in request.GET:
        response = HttpResponse()
        trigger(response, "probe:changed", {"id": 1})
        say(response, "已保存")
    return response


def shell(request: HttpRequest) -> HttpResponse:
    return page(
        request,
        "errors/page.html",
        title="<b>&",
        error=Sold(left=1),
        fields=[],
        reference="",
        error_icon="lock",
    )


urlpatterns = [
    path("write/<what>", write_then),
    path("outside", outside),
    path("office/who", who),
    path("who", who),
    path("office/permitted", permitted),
    path("toasted", toasted),
    path("shell", shell),
    *urls.urlpatterns,
]
