"""A visitor leaves a number to be called at."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from callcart.contact.callbacks.public import Source, queue_that_calls
from callcart.contact.hours.public import calendar_of
from callcart.core.clock import now
from callcart.core.errors import NotFound
from callcart.core.http import non_atomic
from callcart.core.tenancy import tenant_transaction
from callcart.core.throttle import TriedTooOften
from callcart.web.call_me import asked
from callcart.web.shop.visit import leave, show, tenant_of


@non_atomic
def call_me(request: HttpRequest) -> HttpResponse:
    """The page and its form. Raises NotFound where the shop calls nobody back."""
    tenant = tenant_of(request)
    with tenant_transaction(tenant.id):
        queue_id = queue_that_calls()
        if queue_id is None:
            raise NotFound
        calendar = calendar_of(queue_id)
        opens = None if calendar.is_open(now()) else calendar.next_opening(now())
    errors, message, status = dict[str, str](), "", 200
    if request.method == "POST":
        number = request.POST.get("number", "").strip()
        try:
            if not number:
                errors = {"number": _("Please fill this in.")}
            else:
                answer = asked(request, number, queue_id=queue_id, source=Source.WEB)
                if answer.callback is not None:
                    return leave(request.path, said="will_call")
                errors = {"number": answer.words}
            status = 422
        except TriedTooOften as error:
            message, status = error.message, 429
    with tenant_transaction(tenant.id):
        return show(
            request, "shop/call_me.html", form=request.POST, errors=errors, message=message, opens=opens, status=status
        )  # fmt: skip
