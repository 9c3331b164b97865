"""A shop made at the command line is ready to be worked in, and a refused one leaves nothing behind."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner, Result

from callcart.commerce.inventory.public import list_warehouses
from callcart.commerce.shipping.public import list_methods
from callcart.contact.conversations.public import dispositions
from callcart.contact.routing.models import PauseReason, Profile
from callcart.contact.routing.public import queues, set_agent_profile, skills
from callcart.core.actor import Actor
from callcart.core.tenancy import tenant_transaction
from callcart.people.staff.models import Staff
from callcart.people.staff.public import log_in
from callcart.people.tenants.models import Tenant
from callcart.people.tenants.public import service_number, tenant_by_host
from callcart.processes.tenant import tenant

PASSWORD = "seven green lamps"
WORDS = (
    "create", "lisboa", "--name", "Casa Azul", "--currency", "EUR", "--timezone", "Europe/Lisbon", "--country", "PT",
    "--host", "shop.example", "--number", "+351210000100", "--owner", "dona@shop.example", "--owner-name", "Dona Luz",
    "--password-stdin",
)  # fmt: skip


def run(*words: str, password: str = PASSWORD) -> Result:
    return CliRunner().invoke(tenant, list(words), input=f"{password}\n")


def replaced(name: str, value: str) -> list[str]:
    words = list(WORDS)
    words[words.index(name) + 1] = value
    return words


def test_the_owner_signs_in_and_finds_what_a_shop_begins_with(fresh_db: str) -> None:
    result = run(*WORDS)
    assert (result.exit_code, result.output) == (
        0, "lisboa is made. Sign in as dona@shop.example at /office on any of its host names.\n",
    )  # fmt: skip
    made = Tenant.objects.get(slug="lisboa")
    assert (made.name, made.currency, made.timezone, made.country) == (
        "Casa Azul",
        "EUR",
        "Europe/Lisbon",
        "PT",
    )
    for host in ("lisboa.localhost", "shop.example"):
        found = tenant_by_host(host)
        assert found is not None and found.id == made.id
    with tenant_transaction(made.id):
        staff, _token = log_in(made.id, "dona@shop.example", PASSWORD, ip="127.0.0.1")
        assert [role.key for role in staff.roles.all()] == ["owner"]
        assert [each.code for each in list_warehouses()] == ["main"]
        assert [(each.code, each.currency, each.price_minor) for each in list_methods()] == [
            ("standard", "EUR", 0)
        ]
        assert {each.code for each in skills()} == {"lang:en", "lang:zh-hans"}
        assert PauseReason.objects.count() == 3
        assert [node.key for node in dispositions("en")] == [1, 2, 3, 4, 5, 6]
        assert [queue.code for queue in queues()] == ["service"]
        number = service_number("+351210000100")
        assert number is not None and number.queue_id == queues()[0].id


def test_an_agent_of_the_new_shop_serves_its_queue(fresh_db: str) -> None:
    run(*WORDS)
    made = Tenant.objects.get(slug="lisboa")
    with tenant_transaction(made.id):
        actor, profile = Actor.system(made.id), Profile.objects.get()
        set_agent_profile(actor, Staff.objects.get().id, profile_id=profile.id, skills=["lang:en"])
        assert [serves.queue.code for serves in profile.serves.all()] == ["service"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (replaced("--currency", "EUROS"), "currency: This is not a currency."),
        (replaced("--timezone", "Lisbon"), "timezone: This is not a time zone."),
        (replaced("--number", "12"), "number: This is not a telephone number."),
        (replaced("--host", "harbor.localhost"), "This host name already belongs to a shop."),
        (["create", "harbor", *WORDS[2:]], "This short name already belongs to a shop."),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_left(fresh_db: str, words: list[str], said: str) -> None:
    result = run(*words)
    assert result.exit_code == 1
    assert said in result.output
    assert "Traceback" not in result.output
    assert everything() == {"harbor", "qinghe"}


def test_a_password_that_is_too_simple_is_refused(fresh_db: str) -> None:
    result = run(*WORDS, password="password12")
    assert result.exit_code == 1
    assert "password: " in result.output
    assert "password12" not in result.output
    assert everything() == {"harbor", "qinghe"}


def test_shops_are_listed_with_their_addresses(fresh_db: str) -> None:
    run(*WORDS)
    lines = CliRunner().invoke(tenant, ["list"]).output.splitlines()
    assert lines[-1] == "lisboa\tCasa Azul\tlisboa.localhost shop.example\t+351210000100"
    assert len(lines) == 3


def everything() -> set[Any]:
    return set(Tenant.objects.values_list("slug", flat=True))
