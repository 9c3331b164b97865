"""Customers: found by anything, reached by many numbers and mails, changed only by those who may, every change audited."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.errors import Conflict, Invalid, NotFound, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.models import AuditEntry
from callcart.core.tenancy import tenant_transaction
from callcart.people.customers.models import Address, Customer, Email, Phone
from callcart.people.customers.public import (
    Reason,
    add_address,
    add_email,
    add_phone,
    block_customer,
    create_category,
    create_customer,
    customer_actor,
    declare_field,
    display_email,
    display_phone,
    find_by_phone,
    make_default_address,
    make_primary_phone,
    remove_address,
    remove_phone,
    search_customers,
    unmask_phones,
    update_address,
    update_customer,
    update_field,
)
from callcart.people.tenants.public import Tenant


@pytest.fixture
def boss(tenant: Tenant) -> Actor:
    return Actor.system(tenant.id, "test")


def staff(tenant_id: int, *permissions: str) -> Actor:
    return Actor(
        tenant_id, ActorKind.STAFF, id=new_id(), name="Sam", grants={name: Grant() for name in permissions}
    )


@pytest.fixture
def wei(boss: Actor) -> Customer:
    made = create_customer(
        boss, name="张伟", phone="+86 138 1234 0678", email="Wei@Shop.Example", language="zh-hans"
    )
    add_phone(boss, made.id, "(212) 555-0142", label="US")
    add_address(
        boss, made.id, name="李娜", phone="+44 20 7946 0958", country="GB", city="London", street="1 Row"
    )
    return made


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("张伟", Reason.NAME),
        ("伟", Reason.NAME),
        ("zhangwei", Reason.NAME),
        ("zw", Reason.NAME),
        ("+8613812340678", Reason.PHONE),
        ("0086 138 1234 0678", Reason.PHONE),
        ("１３８１２３４０６７８", Reason.PHONE_TAIL),  # read in New York it is no number; its end is known
        ("212 555 0142", Reason.PHONE),
        ("2125550142", Reason.PHONE),
        ("0142", Reason.PHONE_TAIL),
        ("0678", Reason.PHONE_TAIL),
        ("555-0142", Reason.PHONE_TAIL),
        ("+44 20 7946 0958", Reason.RECEIVER),
        ("WEI@shop.example", Reason.EMAIL),
        ("wei@", Reason.EMAIL),
    ],
)
def test_found_by(boss: Actor, wei: Customer, typed: str, reason: Reason) -> None:
    create_customer(boss, name="Somebody Else", phone="(415) 555-0199", email="else@shop.example")
    found = search_customers(boss, typed)
    assert [(match.customer.id, match.reason) for match in found] == [(wei.id, reason)]


@pytest.mark.parametrize(
    "typed", ["+49 30 901820", "0049 30 901820", "011 49 30 901820", "4930 901820", "30 901820", "030/901820"]
)
def test_a_customer_from_abroad_is_found_by_his_number_in_any_form(
    boss: Actor, wei: Customer, typed: str
) -> None:
    """As it is dialled from here or there, and as it is said at home."""
    greta = create_customer(boss, name="Greta", phone="+49 30 901820")
    assert [match.customer.id for match in search_customers(boss, typed)] == [greta.id]


def test_found_by_customer_number(boss: Actor, wei: Customer) -> None:
    spaced = f"{wei.number[:2]} {wei.number[2:]}"
    assert [match.customer.id for match in search_customers(boss, spaced)] == [wei.id]


@pytest.mark.parametrize(
    "typed", ["", "  ", "999", "\x00", "\ud800", "x" * 10_000, "%", "🙂", "' OR 1=1", "@"]
)
def test_found_by_nothing_of_the_kind(boss: Actor, wei: Customer, typed: str) -> None:
    assert search_customers(boss, typed) == []


def test_a_masked_number_is_not_found_out_digit_by_digit(tenant: Tenant, wei: Customer) -> None:
    reader, seer = (
        staff(tenant.id, "customers.view"),
        staff(tenant.id, "customers.view", "customers.see_phone"),
    )
    tries = [f"{digit}0142" for digit in range(10)]
    assert [bool(search_customers(seer, each)) for each in tries] == [digit == 5 for digit in range(10)]
    assert {bool(search_customers(reader, each)) for each in tries} == {True}, "all the same: none tells more"
    assert [match.reason for match in search_customers(reader, "212 555 0142")] == [Reason.PHONE]


def test_a_callers_number_must_be_whole_or_nearly(boss: Actor, wei: Customer) -> None:
    assert find_by_phone("0142") == []
    assert [match.reason for match in find_by_phone("5550142")] == [Reason.PHONE_TAIL]
    assert find_by_phone("+10142") == []


def test_one_number_of_two_people_names_both(boss: Actor, wei: Customer) -> None:
    other = create_customer(boss, name="Second", phone="212 555 0142")
    found = find_by_phone("+12125550142")
    assert [match.customer.id for match in found] == [other.id, wei.id]  # whose main number it is, first


def test_the_other_tenant_finds_nothing(wei: Customer, other_tenant: Tenant) -> None:
    theirs = Actor.system(other_tenant.id)
    phone = Phone.objects.filter(customer=wei)[0]
    with tenant_transaction(other_tenant.id):
        for typed in ("张伟", "+12125550142", "wei@shop.example", wei.number, "0142"):
            assert search_customers(theirs, typed) == []
        for verb in (lambda: update_customer(theirs, wei.id, name="X"), lambda: remove_phone(theirs, phone.id),
                     lambda: add_phone(theirs, wei.id, "13812345678")):  # fmt: skip
            with pytest.raises(NotFound):
                verb()


def test_one_main_number_always(boss: Actor, wei: Customer) -> None:
    first, second = Phone.objects.filter(customer=wei).order_by("created_at", "id")
    assert (first.is_primary, second.is_primary) == (True, False)
    make_primary_phone(boss, second.id)
    remove_phone(boss, second.id)
    assert list(Phone.objects.filter(customer=wei).values_list("id", "is_primary")) == [(first.id, True)]
    again = add_phone(boss, wei.id, "0086-13812340678")
    assert again.id == first.id


def test_many_numbers_have_an_end(boss: Actor, wei: Customer) -> None:
    for number in range(18):
        add_phone(boss, wei.id, f"21255501{number:02d}")
    with pytest.raises(Invalid):
        add_phone(boss, wei.id, "2125550199")
    assert Phone.objects.filter(customer=wei).count() == 20


@pytest.mark.parametrize(
    "address", ["", "a", "a@b", "a b@c.de", "a@b.c\x00", "<a@b.cd>", "x" * 300 + "@b.cd", "\ud800@b.cd"]
)
def test_what_is_no_mail_address(boss: Actor, wei: Customer, address: str) -> None:
    with pytest.raises(Invalid) as refused:
        add_email(boss, wei.id, address)
    assert set(refused.value.fields) == {"email"}
    assert Email.objects.filter(customer=wei).count() == 1


def test_addresses_keep_one_default(boss: Actor, wei: Customer) -> None:
    (first,) = Address.objects.filter(customer=wei)
    second = add_address(
        boss,
        wei.id,
        name="Wei",
        country="US",
        province="Oregon",
        city="Portland",
        street="2 Row",
        postcode="97201",
    )
    make_default_address(boss, second.id)
    assert set(Address.objects.filter(is_default=True).values_list("id", flat=True)) == {second.id}
    update_address(boss, second.id, street="3 Row")
    remove_address(boss, second.id)
    assert set(Address.objects.filter(is_default=True).values_list("id", flat=True)) == {first.id}


def test_an_address_names_every_wrong_field(boss: Actor, wei: Customer) -> None:
    with pytest.raises(Invalid) as refused:
        add_address(
            boss, wei.id, name="", street="s" * 10_000, city="a\x00b", country="CN", postcode="12", phone="12"
        )
    assert set(refused.value.fields) == {"name", "street", "city", "province", "postcode", "phone"}


def test_consent_keeps_when_and_how_it_was_given(boss: Actor, wei: Customer) -> None:
    agreed = update_customer(boss, wei.id, consent={"sms": True}).consent["sms"]
    same = update_customer(boss, wei.id, consent={"sms": True, "email": False})
    assert same.consent["sms"] == agreed
    assert same.consent["email"]["given"] is False
    with pytest.raises(Invalid):
        update_customer(boss, wei.id, consent={"telepathy": True})


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        ("text", " hello ", "hello"), ("number", "12", 12), ("number", "1.5", 1.5), ("date", "2026-02-28", "2026-02-28"),
        ("boolean", "yes", True), ("boolean", "off", False), ("choice", "oak", "oak"), ("text", "", None),
    ],
)  # fmt: skip
def test_custom_values_by_type(boss: Actor, wei: Customer, kind: str, given: object, kept: object) -> None:
    declare_field(boss, key="extra", label="Extra", kind=kind, choices=("oak", "pine"))
    assert update_customer(boss, wei.id, custom={"extra": given}).custom.get("extra") == kept


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("text", "x" * 10_000), ("text", "a\x00b"), ("number", "twelve"), ("number", "9" * 40), ("number", "NaN"),
        ("number", "1e400"), ("date", "2026-02-30"), ("boolean", "maybe"), ("choice", "elm"), ("text", "\ud800"),
    ],
)  # fmt: skip
def test_custom_values_that_do_not_fit(boss: Actor, wei: Customer, kind: str, given: object) -> None:
    declare_field(boss, key="extra", label="Extra", kind=kind, choices=("oak", "pine"))
    with pytest.raises(Invalid) as refused:
        update_customer(boss, wei.id, custom={"extra": given})
    assert set(refused.value.fields) == {"custom.extra"}


def test_a_required_field_and_an_unknown_one(boss: Actor) -> None:
    field = declare_field(boss, key="size", label="Size", kind="text", is_required=True)
    with pytest.raises(Invalid) as refused:
        create_customer(boss, name="A", custom={"colour": "red"})
    assert set(refused.value.fields) == {"custom.size", "custom.colour"}
    update_field(boss, field.id, is_active=False)
    assert create_customer(boss, name="A", custom={}).custom == {}


@pytest.mark.parametrize("name", ["🙂", "محمد", "<script>", "O'Neil; DROP TABLE", "é" * 100])
def test_odd_names_are_kept_as_text(boss: Actor, name: str) -> None:
    assert Customer.objects.get(id=create_customer(boss, name=name).id).name == name


@pytest.mark.parametrize("name", ["n" * 10_000, "a\x00b", "\ud800", "a\nb"])
def test_names_that_cannot_be(boss: Actor, name: str) -> None:
    with pytest.raises(Invalid) as refused:
        create_customer(boss, name=name)
    assert set(refused.value.fields) == {"name"}
    assert not Customer.objects.exists()


def test_an_outdated_version_changes_nothing(boss: Actor, wei: Customer) -> None:
    stale = Customer.objects.get(id=wei.id).version
    update_customer(boss, wei.id, note="a", version=stale)
    with pytest.raises(Conflict):
        update_customer(boss, wei.id, note="b", version=stale)
    assert Customer.objects.get(id=wei.id).note == "a"


def figures(customer_id: UUID) -> tuple[object, ...]:
    counts = [table.objects.filter(customer_id=customer_id).count() for table in (Phone, Email, Address)]
    return Customer.objects.values().get(id=customer_id), counts, AuditEntry.objects.count()


VERBS: list[Callable[[Actor, UUID], Any]] = [
    lambda actor, who: update_customer(actor, who, name="X"),
    lambda actor, who: add_phone(actor, who, "2125550199"),
    lambda actor, who: add_email(actor, who, "x@shop.example"),
    lambda actor, who: add_address(actor, who, name="X", city="Y", street="Z", country="GB"),
    lambda actor, who: block_customer(actor, who, reason="x"),
    lambda actor, who: remove_phone(actor, Phone.objects.filter(customer_id=who)[0].id),
    lambda actor, who: unmask_phones(actor, who),
]


@pytest.mark.parametrize("verb", VERBS)
def test_a_denied_action_changes_nothing(
    tenant: Tenant, wei: Customer, verb: Callable[[Actor, UUID], Any]
) -> None:
    before = figures(wei.id)
    other = create_customer(Actor.system(tenant.id), name="Other")
    before = figures(wei.id)
    for actor in (staff(tenant.id, "customers.view"), customer_actor(other)):
        with pytest.raises((PermissionDenied, NotFound)):
            verb(actor, wei.id)
    assert figures(wei.id) == before


@pytest.mark.parametrize("verb", VERBS)
def test_every_action_is_audited_once(boss: Actor, wei: Customer, verb: Callable[[Actor, UUID], Any]) -> None:
    before = AuditEntry.objects.count()
    verb(boss, wei.id)
    assert AuditEntry.objects.filter(subject_id=wei.id).count() == AuditEntry.objects.count()
    assert AuditEntry.objects.count() == before + 1


def test_numbers_and_mails_never_reach_the_audit(wei: Customer) -> None:
    written = " ".join(str(row) for row in AuditEntry.objects.values_list("before", "after"))
    assert "0142" not in written
    assert "shop.example" not in written.casefold()


def test_shown_in_full_only_to_those_who_may(tenant: Tenant, wei: Customer) -> None:
    reader, seer = (
        staff(tenant.id, "customers.view"),
        staff(tenant.id, "customers.see_phone", "customers.see_email"),
    )
    assert display_phone(reader, "+12125550142") == "****0142"
    assert display_phone(seer, "+12125550142") == "(212) 555-0142"
    assert display_email(reader, "wei@shop.example") == "w***@shop.example"
    assert display_email(seer, "wei@shop.example") == "wei@shop.example"


def test_another_tenants_category_is_no_choice(boss: Actor, wei: Customer, other_tenant: Tenant) -> None:
    with tenant_transaction(other_tenant.id):
        theirs = create_category(Actor.system(other_tenant.id), code="vip", name="VIP")
    with pytest.raises(Invalid) as refused:
        update_customer(boss, wei.id, category_id=theirs.id)
    assert set(refused.value.fields) == {"category"}
