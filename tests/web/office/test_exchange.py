"""Imports and exports in the office: step by step from files to the result; who may; what a file can do to the page."""

from __future__ import annotations

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from callcart.commerce.catalog.models import Variant
from callcart.core.database import raw
from callcart.core.exchange import public as exchange
from callcart.core.exchange.models import Import
from callcart.core.tenancy import current_tenant
from callcart.people.customers.models import Customer
from tests.core.exchange.importing import work
from tests.web.office.office import Office, words

PEOPLE = "Name,Mobile,Level\nAda Example,(212) 555-0142,gold\nBen,nonsense,\n<script>alert(1)</script>,(212) 555-0144,\n"


def upload(client: Client, kind: str, *files: tuple[str, str | bytes]) -> HttpResponse:
    sent = [
        SimpleUploadedFile(name, data.encode() if isinstance(data, str) else data) for name, data in files
    ]
    response: HttpResponse = client.post("/office/imports/new", {"kind": kind, "files": sent})
    # the page is no one transaction: on the test's connection its end forgets whom the test acts for
    raw.all("SELECT set_config('callcart.tenant', %s, true)", (str(current_tenant()),))
    return response


def mapped(found: Import) -> dict[str, str]:
    """The form of columns as it is proposed."""
    values = {"decimal": found.style["decimal"], "date_order": found.style["date_order"]}
    for number, table in enumerate(found.tables):
        values[f"sheet-{number}"] = table["sheet"]
        values |= {f"map-{number}-{place}": key for key, place in found.mapping[str(number)].items()}
    return values


def test_from_the_file_to_the_result_and_back(office: Office) -> None:
    client = office.client("supervisor")
    assert "Nothing has been imported yet" in words(client.get("/office/imports"))
    begun = upload(client, "customers", ("people.csv", PEOPLE))
    found = Import.objects.get()
    assert (begun.status_code, begun["Location"]) == (303, f"/office/imports/{found.id}")
    said = words(client.get(begun["Location"]))
    assert "Mobile" in said and "(212) 555-0142 · nonsense" in said and "UTF-8 · divided by commas" in said
    assert client.post(f"{begun['Location']}/columns", mapped(found)).status_code == 303
    assert "Reading the rows" in words(client.get(begun["Location"]))
    work(found)
    said = words(client.get(begun["Location"]))
    assert "This is not a telephone number." in said and "Import the good rows only" in said
    assert client.get(begun["Location"]).content.count(b"<script>alert") == 0
    refused = client.post(f"{begun['Location']}/start", {"mode": "all"})
    assert refused.status_code == 422 and Customer.objects.count() == 0
    assert client.post(f"{begun['Location']}/start", {"mode": "good"}).status_code == 303
    progress = client.get(f"{begun['Location']}/progress", HTTP_HX_REQUEST="true")
    assert (
        progress.status_code == 200 and b"<progress" in progress.content and b"<html" not in progress.content
    )
    assert work(found).state == "done"
    assert client.get(f"{begun['Location']}/progress")["HX-Refresh"] == "true"
    assert "Partly imported" in words(client.get("/office/imports"))
    wrong = b"".join(client.get(f"{begun['Location']}/wrong/0")).decode("utf-8-sig")
    assert wrong.splitlines() == [
        "Row,What is wrong,Name,Mobile,Level", "3,Phone: This is not a telephone number.,Ben,nonsense,",
    ]  # fmt: skip
    assert client.post(f"{begun['Location']}/undo").status_code == 303
    assert work(found).state == "undone" and Customer.objects.count() == 0


def test_a_file_that_is_no_table_comes_back_with_its_name(office: Office) -> None:
    client = office.client("supervisor")
    refused = upload(client, "customers", ("photo.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(32)) * 40))
    assert refused.status_code == 422 and "photo.csv: This file cannot be read as a table." in words(refused)
    assert upload(client, "customers").status_code == 422
    assert upload(client, "nonsense", ("a.csv", "a,b\n1,2\n")).status_code == 422
    assert Import.objects.count() == 0


def test_a_column_chosen_twice_or_one_that_is_missing_is_said_at_its_place(office: Office) -> None:
    client = office.client("marketing")
    upload(client, "products", ("goods.csv", "foo,bar\nA,5\n"))
    found = Import.objects.get()
    address = f"/office/imports/{found.id}/columns"
    missing = client.post(address, mapped(found))
    assert missing.status_code == 422 and "Say which column holds: SKU." in words(missing)
    twice = client.post(address, {"sheet-0": "products", "map-0-0": "sku", "map-0-1": "sku", "decimal": "."})
    assert twice.status_code == 422 and "This is chosen twice." in words(twice)
    found.refresh_from_db()
    assert found.state == "new"


def test_dates_with_two_meanings_are_asked_about(office: Office) -> None:
    client = office.client("owner")
    upload(client, "orders", ("orders.csv", "Order,Placed on,SKU,Quantity,Unit price\n1,3/4/2026,A,1,5\n"))
    found = Import.objects.get()
    asked = client.post(f"/office/imports/{found.id}/columns", mapped(found))
    assert asked.status_code == 422 and "the day or the month" in words(asked)


def test_the_mapping_is_remembered_for_the_next_file(office: Office) -> None:
    client = office.client("marketing")
    upload(client, "products", ("goods.csv", "foo,bar,baz\nA,5,Tea\n"))
    first = Import.objects.get()
    chosen = {
        "sheet-0": "products",
        "map-0-0": "sku",
        "map-0-1": "price_minor",
        "map-0-2": "name",
        "decimal": ".",
    }
    assert client.post(f"/office/imports/{first.id}/columns", chosen).status_code == 303
    upload(client, "products", ("more.csv", "bar,foo,other\n7,B,x\n"))
    second = Import.objects.exclude(id=first.id).get()
    assert second.mapping == {"0": {"price_minor": 0, "sku": 1}}


def test_who_may_not_see_neither_list_nor_import_nor_export(office: Office) -> None:
    owner, agent, warehouse = office.client("owner"), office.client("agent"), office.client("warehouse")
    upload(owner, "customers", ("people.csv", PEOPLE))
    found = Import.objects.get()
    for path in ("imports", "imports/new", f"imports/{found.id}", "exports", "exports/file?kind=customers"):
        assert agent.get(f"/office/{path}").status_code == 403, path
    assert warehouse.get(f"/office/imports/{found.id}").status_code == 404
    assert upload(warehouse, "customers", ("people.csv", PEOPLE)).status_code == 403
    assert Import.objects.count() == 1


def test_what_goes_out_comes_in_again_and_changes_nothing(office: Office) -> None:
    office.shop.goods("TEA", price=1250)
    office.shop.goods("=CMD", price=5)
    client = office.client("owner")
    for kind in ("csv", "xlsx"):
        data = b"".join(client.get(f"/office/exports/file?kind=products&as={kind}"))
        upload(client, "products", (f"goods.{kind}", data))
        found = Import.objects.latest("id")
        client.post(f"/office/imports/{found.id}/columns", mapped(found))
        work(found)
        assert (found.state, found.made, found.changed, found.unchanged, found.refused) == (
            "ready",
            0,
            0,
            2,
            0,
        )
    assert set(Variant.objects.values_list("sku", flat=True)) == {"TEA", "=CMD"}


def test_numbers_are_masked_for_whom_they_are_hidden_and_a_masked_one_changes_nothing(office: Office) -> None:
    client = office.client("owner")
    upload(client, "customers", ("people.csv", "name,phone\nAda,(212) 555-0142\n"))
    found = Import.objects.get()
    client.post(f"/office/imports/{found.id}/columns", mapped(found))
    exchange.start(office.shop.boss, work(found).id, mode="all")
    work(found)
    data = b"".join(office.client("marketing").get("/office/exports/file?kind=customers")).decode("utf-8-sig")
    assert "****0142" in data and "5550142" not in data
    assert "+12125550142" in b"".join(client.get("/office/exports/file?kind=customers")).decode()
    upload(client, "customers", ("masked.csv", data))
    again = Import.objects.latest("id")
    client.post(f"/office/imports/{again.id}/columns", mapped(again))
    work(again)
    assert (again.made, again.changed, again.unchanged, again.refused) == (0, 0, 1, 0)


def test_templates_name_our_columns_in_the_readers_language(office: Office) -> None:
    client = office.client("owner")
    english = b"".join(client.get("/office/imports/templates/customers/customers")).decode("utf-8-sig")
    assert english.startswith("Customer number,Name,Phone,E-mail")
    assert client.get("/office/imports/templates/customers/nonsense").status_code == 404
    assert (
        io.BytesIO(b"".join(client.get("/office/imports/templates/products/products?as=xlsx"))).read(2)
        == b"PK"
    )
