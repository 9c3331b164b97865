"""Customers from a file: made, changed, left alone, refused; and taken back."""

from __future__ import annotations

import pytest

from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.errors import PermissionDenied
from callcart.core.exchange import public as exchange
from callcart.core.ids import new_id
from callcart.core.models import AuditEntry, Event
from callcart.people.customers.models import Customer, Phone
from callcart.people.customers.public import add_email, create_customer
from callcart.people.tenants.public import Tenant
from tests.core.exchange.importing import begin, check, counts, problems, run, work

FILE = """Name,Mobile,E-mail,Level,State,City,Address,Zip,Newsletter
Ada Example,(212) 555-0142,Ada@Example.com,gold,Oregon,Portland,1 Pine Street,97201,yes
Ben 王小明,212-555-0143,,,,,,,
"""


@pytest.fixture
def boss(tenant: Tenant) -> Actor:
    return Actor.system(tenant.id, "test")


def test_customers_are_made_with_all_a_form_would_give_them(boss: Actor) -> None:
    found = run(boss, "customers", people__csv=FILE, mode="all")
    assert (found.state, counts(found)) == ("done", (2, 0, 0, 0))
    ada = Customer.objects.get(name="Ada Example")
    assert (ada.tier, ada.source, ada.version) == ("gold", "import", 1)
    assert ada.consent["email"]["given"] is True and ada.consent["email"]["channel"] == "import"
    assert [(p.e164, p.tail, p.is_primary) for p in ada.phones.all()] == [
        ("+12125550142", "24105552121", True)
    ]
    assert ada.emails.get().address == "ada@example.com"
    assert ada.addresses.get().city == "Portland" and ada.addresses.get().is_default
    assert "wxm" in Customer.objects.get(name="Ben 王小明").search_grams
    assert AuditEntry.objects.filter(action="customers.create", channel="import").count() == 2
    assert Event.objects.filter(kind="customer.created", audience="process").count() == 2


def test_the_same_file_again_changes_nothing(boss: Actor) -> None:
    run(boss, "customers", people__csv=FILE)
    assert counts(run(boss, "customers", people__csv=FILE)) == (0, 0, 2, 0)
    assert Customer.objects.filter(version=1).count() == 2


def test_what_is_different_is_changed_and_empty_cells_change_nothing(boss: Actor) -> None:
    ada = create_customer(boss, name="Ada", phone="(212) 555-0142", note="keep me")
    found = run(boss, "customers", people__csv="Phone;Name;Note\n+1 212 555 0142;Ada Example;\n")
    assert counts(found) == (0, 1, 0, 0)
    ada.refresh_from_db()
    assert (ada.name, ada.note, ada.version) == ("Ada Example", "keep me", 2)
    assert "example" in ada.search_grams


def test_a_new_number_of_a_known_customer_waits_before_it_opens_the_account(boss: Actor) -> None:
    ada = create_customer(boss, name="Ada", phone="(212) 555-0142")
    grants = {name: Grant() for name in ("exchange.run", "customers.edit")}
    clerk = Actor(boss.tenant_id, ActorKind.STAFF, id=new_id(), name="Clerk", grants=grants)
    run(clerk, "customers", people__csv=f"Customer number,Phone\n{ada.number},(212) 555-0199\n")
    assert Phone.objects.get(customer=ada, e164="+12125550199").waits


def test_rows_are_refused_by_column_with_a_sentence(boss: Actor) -> None:
    for name in ("One", "Two"):
        create_customer(boss, name=name, phone="(212) 555-0150")
    found = check(
        boss,
        begin(
            boss,
            "customers",
            people__csv="name,phone,email,tier,address\n"
            "A,not a number,,,\nB,,no-mail,,\nC,,,platinum,\nD,(212) 555-0150,,,\n,,,,Main St\nE,,,,5 Main St\nF,,f@x.example,,\n",
        ),
    )
    assert found.state == "ready" and counts(found) == (1, 0, 0, 6)
    said = problems(found)
    assert said[2] == [["phone", "This is not a telephone number."]]
    assert said[3] == [["email", "This is not an e-mail address."]]
    assert said[4][0][0] == "tier" and "platinum" in said[4][0][1]
    assert said[5] == [["phone", "Several customers have this; say which by the customer number."]]
    assert said[6] == [["name", "Give a name, a phone number or an e-mail address."]]
    assert said[7][0][1] == "An address of this country needs it."
    assert Customer.objects.count() == 2


def test_the_same_person_twice_in_a_file_is_said_with_the_row(boss: Actor) -> None:
    found = check(boss, begin(boss, "customers", a__csv="name,phone\nA,(212) 555-0142\nB,+12125550142\n"))
    assert problems(found) == {3: [["", "The same stands in row 2 already."]]}


def test_an_import_is_taken_back(boss: Actor) -> None:
    old = create_customer(boss, name="Old", phone="(212) 555-0143")
    found = run(boss, "customers", people__csv=FILE)
    assert counts(found) == (1, 1, 0, 0)
    exchange.take_back(boss, found.id)
    assert work(found).state == "undone"
    old.refresh_from_db()
    assert Customer.objects.get().id == old.id and old.name == "Old"


def test_what_was_built_on_stands_in_the_way_of_taking_back_and_nothing_is_undone(boss: Actor) -> None:
    found = run(boss, "customers", people__csv=FILE)
    ada = Customer.objects.get(name="Ada Example")
    add_email(boss, ada.id, "second@example.com")
    exchange.take_back(boss, found.id)
    assert work(found).state == "done"
    assert found.problem == f"It cannot be undone any more: Customer {ada.number} was changed since."
    assert Customer.objects.count() == 2


def test_numbers_of_another_system_are_kept_and_ours_go_on_above(boss: Actor) -> None:
    run(boss, "customers", people__csv="Customer number,Name\n500004,A\nK-9,B\n12345678901234,C\n")
    assert set(Customer.objects.values_list("number", flat=True)) == {"500004", "K-9", "12345678901234"}
    assert 500_010 <= int(create_customer(boss, name="Next").number) < 600_000


def test_who_may_not_change_customers_may_not_import_them(boss: Actor) -> None:
    for grants in ({"exchange.run": Grant()}, {"customers.edit": Grant()}):
        with pytest.raises(PermissionDenied):
            begin(Actor(boss.tenant_id, ActorKind.STAFF, grants=grants), "customers", a__csv=FILE)
    assert exchange.list_imports(boss)[0] == []
