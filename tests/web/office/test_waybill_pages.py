"""Waybills in the office: the editor with its refusals, versions and preview; printing one and many; what a reader sees of a job."""

from __future__ import annotations

import base64
import io
import json

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from callcart.commerce.fulfilment import printing
from callcart.commerce.fulfilment.models import Box, PrintJob, Template
from callcart.commerce.shipping.public import Carrier
from tests.commerce.fulfilment.conftest import Dock, open_dock
from tests.web.office.office import Office, words

CODE = {"kind": "code128", "x": 5, "y": 5, "w": 60, "h": 15, "field": "waybill.number"}
NEW = "/office/waybills/templates/new"


@pytest.fixture
def dock(office: Office, monkeypatch: pytest.MonkeyPatch) -> Dock:
    from django.db import transaction

    monkeypatch.setattr(printing, "tenant_transaction", lambda tenant_id: transaction.atomic())
    return open_dock(office.shop)


def form(*elements: object, **changes: str) -> dict[str, str]:
    return {
        "name": "Ours",
        "width": "100",
        "height": "150",
        "elements": json.dumps(elements or [CODE]),
        **changes,
    }


def test_a_template_is_made_changed_and_brought_back(office: Office, dock: Dock) -> None:
    client, swift = office.client("warehouse"), Carrier.objects.get()
    assert "The standard waybill is in use" in words(client.get("/office/waybills/templates"))
    for size in ("", "?page=76x130", "?page=nonsense"):
        assert "waybill.number" in client.get(NEW + size).content.decode()
    answer = client.post(NEW, form(carrier=str(swift.id), is_default="1"))
    made = Template.objects.get()
    at = f"/office/waybills/templates/{made.id}"
    assert (answer.status_code, answer["Location"], made.carrier_id, made.is_default) == (
        303,
        at,
        swift.id,
        True,
    )
    assert client.post(at, form({**CODE, "x": 20}, version="1")).status_code == 303
    stale = client.post(at, form({**CODE, "x": 30}, version="1"))
    assert stale.status_code == 409 and "Somebody changed this template" in words(stale)
    assert '"x": 30' in stale.content.decode().replace("&#34;", '"')  # nothing typed is lost
    assert client.post(f"{at}/versions/1").status_code == 303
    made.refresh_from_db()
    assert (made.version, made.versions.get(number=3).elements[0]["x"]) == (3, 5)
    assert client.get(f"{at}?version=2").status_code == 200
    assert client.get(f"{at}/pdf")["Content-Type"] == "application/pdf"
    client.post(f"{at}/remove")
    assert client.get(at).status_code == 404


def test_what_cannot_be_printed_is_refused_by_name_and_kept_on_the_page(office: Office, dock: Dock) -> None:
    client = office.client("warehouse")
    answer = client.post(NEW, form(CODE, {**CODE, "field": "receiver.shoe"}, name="", width="5"))
    said = words(answer)
    assert answer.status_code == 422
    assert "Element 2: There is no field “receiver.shoe”." in said and "Please fill this in." in said
    assert "Give a number from 20 to 420." in said and "receiver.shoe" in answer.content.decode()
    for text in ("", "[", "{}", "x" * 300_000, "[" * 100_000):
        assert client.post(NEW, form(elements=text)).status_code == 422
    assert client.post(NEW, form(carrier="nonsense")).status_code == 422
    assert Template.objects.count() == 0


def test_the_preview_shows_what_is_on_the_screen(office: Office, dock: Dock) -> None:
    client = office.client("warehouse")
    tiny = {"kind": "text", "x": 5, "y": 40, "w": 4, "h": 2, "field": "receiver.address"}
    answer = client.post(
        "/office/waybills/templates/preview", form(CODE, tiny), headers={"Accept": "application/json"}
    )
    said = json.loads(answer.content)
    picture = Image.open(io.BytesIO(base64.b64decode(said["picture"].partition(",")[2])))
    assert picture.format == "PNG" and picture.width > 500
    assert said["problems"] == ["“Receiver's address, whole” does not fit whole."]
    plain = client.post("/office/waybills/templates/preview", form())
    assert plain.content.startswith(b"%PDF")
    assert client.post("/office/waybills/templates/preview", form({**CODE, "field": "x"})).status_code == 422


def test_only_a_picture_is_taken(office: Office, dock: Dock) -> None:
    client, out = office.client("warehouse"), io.BytesIO()
    Image.new("RGB", (9, 9)).save(out, "PNG")
    address = "/office/waybills/templates/picture"
    answer = client.post(address, {"logo": SimpleUploadedFile("a.png", out.getvalue())})
    assert json.loads(answer.content)["image"].startswith("logo/")
    assert client.post(address, {"logo": SimpleUploadedFile("a.png", b"no picture")}).status_code == 422
    assert client.post(address, {}).status_code == 422


def test_printing_shows_how_far_it_is_then_the_file_and_says_what_was_printed_before(
    office: Office, dock: Dock
) -> None:
    client, found = office.client("warehouse"), dock.dispatch(("A", 1))
    answer = client.post("/office/waybills/print", {"state": "waiting"})
    job = PrintJob.objects.get()
    at = f"/office/waybills/jobs/{job.id}"
    assert answer["Location"] == at
    assert "In line" in words(client.get(at)) and client.get(f"{at}/file").status_code == 404
    printing.run_print(job_id=str(job.id))
    assert "1 waybill is ready" in words(client.get(at, headers={"HX-Request": "true", "HX-Target": "job"}))
    body = b"".join(client.get(f"{at}/file").streaming_content)  # type: ignore[attr-defined]
    page = pypdfium2.PdfDocument(io.BytesIO(body))[0]
    assert Box.objects.get().number in page.get_textpage().get_text_bounded()
    again = client.post("/office/waybills/print", {"dispatch": str(found.id)})
    assert "1 of these waybills were printed before" in words(client.get(again["Location"]))
    nothing = client.post("/office/waybills/print", {"state": "waiting"})
    assert nothing.status_code == 409 and "There is nothing to print" in words(nothing)
    assert "1 printed before" in words(client.get("/office/waybills"))


def test_who_may_not_prints_and_designs_nothing(office: Office, dock: Dock) -> None:
    found, client = dock.dispatch(("A", 1)), office.client("agent")
    for address in (NEW, "/office/waybills"):
        assert client.get(address).status_code == 403
    for address in (
        "/office/waybills/print",
        NEW,
        "/office/waybills/templates/preview",
        "/office/waybills/templates/picture",
    ):
        assert client.post(address, {"dispatch": str(found.id), **form()}).status_code == 403
    assert (PrintJob.objects.count(), Template.objects.count(), Box.objects.count()) == (0, 0, 0)
