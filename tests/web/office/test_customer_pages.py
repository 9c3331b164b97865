"""Customers in the office: one line of time, numbers hidden until asked for, changes that are refused at their field."""

from __future__ import annotations

import pytest

from callcart.commerce.orders.public import confirm_order, ship_order
from callcart.contact.conversations.public import open_conversation
from callcart.core.ids import new_id
from callcart.people.customers.models import Address, Customer, Email, Phone
from callcart.people.customers.public import add_address, add_email, add_phone, declare_field
from tests.web.office.office import Office, field_error, grouped, words

NUMBER = "(212) 555-0142"


def test_calls_orders_and_parcels_stand_on_one_line_of_time(office: Office) -> None:
    ada = office.customer()
    order = office.order(customer_id=ada.id)
    confirm_order(office.boss, order.id, version=order.version)
    ship_order(office.boss, order.id, version=order.version + 1, carrier="Swift", tracking="SW-7")
    call = open_conversation(office.boss, channel="voice", direction="inbound", customer_id=ada.id)
    said = words(office.client().get(f"/office/customers/{ada.id}"))
    assert f"Order {grouped(order.number)}" in said and "Parcel: Packed" in said and "SW-7" in said
    assert f"Call {call.number}" in said
    assert said.index(f"Call {call.number}") < said.index(f"Order {grouped(order.number)}"), "newest first"


def test_what_a_role_may_not_see_is_not_on_the_line(office: Office) -> None:
    ada = office.customer()
    order = office.order(customer_id=ada.id)
    call = open_conversation(office.boss, channel="voice", direction="inbound", customer_id=ada.id)
    said = words(office.client("warehouse").get(f"/office/customers/{ada.id}"))
    assert grouped(order.number) in said and f"Call {call.number}" not in said


def test_numbers_are_hidden_until_somebody_who_may_asks_and_the_look_is_kept(office: Office) -> None:
    ada = office.customer()
    address, asked = f"/office/customers/{ada.id}", f"/office/customers/{ada.id}/numbers"
    client = office.client("supervisor")
    page = client.get(address).content.decode()
    assert "****0142" in page and "555-0142" not in page and "2125550142" not in page
    assert office.audited("customers.see_phone") == 0
    assert NUMBER in client.post(asked).content.decode()
    assert office.audited("customers.see_phone") == 1
    assert "555-0142" not in office.client("supervisor").get("/office/customers").content.decode()
    assert office.client("agent").post(asked).status_code == 403
    assert office.audited("customers.see_phone") == 1


def test_mail_addresses_too(office: Office) -> None:
    ada = office.customer(email="ada@example.com")
    client = office.client("supervisor")
    assert "ada@example.com" not in client.get(f"/office/customers/{ada.id}").content.decode()
    assert "ada@example.com" in client.post(f"/office/customers/{ada.id}/mail-addresses").content.decode()
    assert office.client("agent").post(f"/office/customers/{ada.id}/mail-addresses").status_code == 403


def test_a_customer_is_added_and_a_wrong_number_is_marked(office: Office) -> None:
    client = office.client("agent")
    refused = client.post(
        "/office/customers/new", {"name": "Bo Example", "phone": "12", "tier": "gold", "language": "en"}
    )
    assert refused.status_code == 422 and field_error(refused, "phone") != ""
    assert 'value="Bo Example"' in refused.content.decode()
    assert not Customer.objects.exists()
    empty = client.post("/office/customers/new", {"tier": "gold", "language": "en"})
    assert "Give a name" in field_error(empty, "name")
    done = client.post(
        "/office/customers/new", {"name": "Bo Example", "phone": "212-555-0199", "tier": "gold", "language": "zh-hans"}
    )  # fmt: skip
    bo = Customer.objects.get()
    assert done["Location"] == f"/office/customers/{bo.id}"
    assert (bo.tier, bo.language, bo.source) == ("gold", "zh-hans", "office")
    assert Phone.objects.get().e164 == "+12125550199"


def test_consent_and_own_fields_are_kept_and_shown(office: Office) -> None:
    declare_field(office.boss, key="birthday", label="Birthday", kind="date")
    declare_field(office.boss, key="size", label="Size", kind="choice", choices=["S", "M"])
    declare_field(office.boss, key="club", label="In the club", kind="boolean")
    ada, client = office.customer(), office.client("agent")
    values = {
        "version": ada.version, "name": "Ada Example", "tier": "vip", "language": "en", "consent-sms": "1", "consent-call": "0",
        "custom.birthday": "1990-02-30", "custom.size": "M", "custom.club": "true",
    }  # fmt: skip
    address = f"/office/customers/{ada.id}/edit"
    refused = client.post(address, values)
    assert refused.status_code == 422 and field_error(refused, "custom.birthday") == "This is not a date."
    assert client.post(address, values | {"custom.birthday": "1990-02-28"}).status_code == 303
    said = words(client.get(f"/office/customers/{ada.id}"))
    assert "Size M" in said and "Birthday 1990-02-28" in said and "In the club Yes" in said
    contact = said.partition("May be contacted by")[2]
    assert "Phone calls No" in contact and "Text messages Yes" in contact, contact[:200]
    assert "E-mails Not asked" in contact


def test_an_outdated_form_changes_nothing_and_keeps_what_was_typed(office: Office) -> None:
    ada, client = office.customer(), office.client()
    values = {"version": ada.version + 7, "name": "Ada Newname", "tier": "vip", "language": "en"}
    refused = client.post(f"/office/customers/{ada.id}/edit", values)
    assert refused.status_code == 409
    assert "What you typed is kept" in words(refused) and 'value="Ada Newname"' in refused.content.decode()
    assert Customer.objects.get(id=ada.id).name == "Ada Example"


def test_numbers_are_added_made_main_and_removed(office: Office) -> None:
    ada, client = office.customer(), office.client("agent")
    base = f"/office/customers/{ada.id}"
    refused = client.post(f"{base}/phones", {"phone": "nothing"})
    assert refused.status_code == 422 and field_error(refused, "phone") != ""
    assert '<dialog id="add-phone"' in refused.content.decode() and "data-now" in refused.content.decode()
    assert client.post(f"{base}/phones", {"phone": "212 555 0188", "label": "office"}).status_code == 303
    second = Phone.objects.get(e164="+12125550188")
    assert client.post(f"{base}/phones/{second.id}", {"act": "main"}).status_code == 303
    assert Phone.objects.get(is_primary=True) == second
    assert client.post(f"{base}/phones/{second.id}", {"act": "remove"}).status_code == 303
    assert [each.e164 for each in Phone.objects.all()] == ["+12125550142"]


def test_things_of_one_customer_are_not_reached_through_another(office: Office) -> None:
    ada, bo = office.customer(), office.customer("Bo Example", "212 555 0188")
    phone, email = (
        add_phone(office.boss, bo.id, "212 555 0177"),
        add_email(office.boss, bo.id, "bo@example.com"),
    )
    place = add_address(
        office.boss,
        bo.id,
        name="Bo",
        street="2 Elm Street",
        city="Salem",
        province="Oregon",
        postcode="97301",
    )
    client, base = office.client(), f"/office/customers/{ada.id}"
    for path in (f"phones/{phone.id}", f"emails/{email.id}", f"addresses/{place.id}/remove"):
        assert client.post(f"{base}/{path}", {"act": "remove"}).status_code == 404, path
    assert client.get(f"{base}/addresses/{place.id}").status_code == 404
    assert Phone.objects.filter(id=phone.id).exists() and Email.objects.filter(id=email.id).exists()
    assert Address.objects.filter(id=place.id).exists()


def test_an_address_is_kept_changed_and_a_hidden_number_stays(office: Office) -> None:
    ada, client = office.customer(), office.client("agent")
    base = f"/office/customers/{ada.id}/addresses"
    values = {
        "name": "Ada",
        "phone": NUMBER,
        "street": "1 Pine Street",
        "postcode": "97301",
        "city": "Salem",
        "province": "Oregon",
    }
    refused = client.post(f"{base}/new", values | {"street": "", "postcode": "1"})
    assert refused.status_code == 422 and field_error(refused, "street") and field_error(refused, "postcode")
    assert client.post(f"{base}/new", values).status_code == 303
    place = Address.objects.get()
    page = client.get(f"{base}/{place.id}").content.decode()
    assert "2125550142" not in page and "****0142" in page
    assert client.post(f"{base}/{place.id}", values | {"phone": "", "city": "Bend"}).status_code == 303
    place.refresh_from_db()
    assert (place.city, place.phone) == ("Bend", "+12125550142")


def test_blocking_needs_a_reason_and_a_right(office: Office) -> None:
    ada = office.customer()
    address = f"/office/customers/{ada.id}/block"
    assert office.client("agent").post(address, {"reason": "rude"}).status_code == 403
    client = office.client("supervisor")
    refused = client.post(address, {"reason": ""})
    assert refused.status_code == 422 and field_error(refused, "reason")
    assert not Customer.objects.get(id=ada.id).blocked
    assert client.post(address, {"reason": "never pays"}).status_code == 303
    assert "never pays" in words(client.get(f"/office/customers/{ada.id}"))
    assert client.post(address, {"blocked": "0"}).status_code == 303
    assert not Customer.objects.get(id=ada.id).blocked


@pytest.mark.parametrize("path", ["", "/edit", "/addresses/new"])
def test_an_unknown_customer_is_not_found(office: Office, path: str) -> None:
    assert office.client().get(f"/office/customers/{new_id()}{path}").status_code == 404


def test_a_number_added_later_says_from_when_it_signs_in(office: Office) -> None:
    ada = office.customer()
    client, address = office.client("agent"), f"/office/customers/{ada.id}"
    assert "Signs in at the shop" not in words(client.get(address))
    assert client.post(f"{address}/phones", {"phone": "(212) 555-0199"}).status_code == 303
    said = words(client.get(address))
    assert said.count("Signs in at the shop from") == 1
    assert "****0199 Signs in at the shop from" in said
