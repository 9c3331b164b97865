"""Files for a carrier without an interface, and files from it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.commerce.orders import carriage
from callcart.commerce.shipping import public as shipping
from callcart.commerce.shipping.public import FileResult
from callcart.core.errors import AppError, Invalid
from callcart.core.http import non_atomic
from callcart.core.tenancy import tenant_transaction
from callcart.web.http import actor_of, attempt, page, requires
from callcart.web.office.refusal import Refusal, refusal

ENCODINGS = {"utf-8": "utf-8-sig", "gbk": "gb18030", "utf-16": "utf-16"}


@require_POST
@requires("shipping.update")
def to_carrier(request: HttpRequest, carrier_id: UUID) -> HttpResponse:
    """The list of parcels that wait for a carrier, in its columns and encoding, which are kept for the next time."""
    actor = actor_of(request)
    with attempt(Invalid) as tried:
        layout = carriage.read_layout(request.POST.get("layout", "")[:5000])
        text = carriage.carrier_list(actor, carrier_id, layout=layout)
        carrier = shipping.save_layout(
            actor,
            carrier_id,
            layout=request.POST.get("layout", ""),
            encoding=request.POST.get("encoding", "utf-8"),
        )
    if not tried:
        return _page(request, carrier_id, refusal(tried))
    response = HttpResponse(text.encode(ENCODINGS[carrier.encoding], "replace"), content_type="text/csv")
    response["Content-Disposition"] = f'attachment; filename="{carrier.code}.csv"'
    response["Cache-Control"] = "no-store"
    return response


@non_atomic
@requires("shipping.update")
def from_carrier(request: HttpRequest, carrier_id: UUID) -> HttpResponse:
    """Numbers and scans as the carrier sends them; each parcel is a transaction of its own."""
    actor = actor_of(request)
    result, said = None, Refusal()
    if request.method == "POST":
        upload = request.FILES.get("file")
        try:
            if upload is None:
                raise Invalid(fields={"file": _("Choose a file.")})
            result = shipping.take_file(actor, carrier_id, upload.read())
        except AppError as error:
            fields = error.fields if isinstance(error, Invalid) else {"file": error.message}
            said = Refusal(error.message, fields, error.status, error=error)
    with tenant_transaction(actor.tenant_id):
        return _page(request, carrier_id, said, result)


def _page(
    request: HttpRequest, carrier_id: UUID, said: Refusal, result: FileResult | None = None
) -> HttpResponse:
    carrier = shipping.get_carrier(carrier_id)
    standard = "\n".join(f"{heading} = {name}" for heading, name in carriage.STANDARD_LAYOUT)
    return page(
        request, "office/parcels/files.html", status=said.status, carrier=carrier, said=said, result=result,
        waiting=len(carriage.parcels_for_carrier(carrier.id)), layout=request.POST.get("layout") or carrier.layout or standard,
        encoding=request.POST.get("encoding") or carrier.encoding, encodings=[(name, name.upper()) for name in ENCODINGS],
        fields=", ".join(carriage.FIELDS), sees=actor_of(request).can("customers.see_phone"),
    )  # fmt: skip
