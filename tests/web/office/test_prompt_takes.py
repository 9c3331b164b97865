"""Recording a prompt by telephone, at its page: who may, what is refused at which field, how far it is, and that nobody else's take is shown."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from callcart.contact.voice.models import Exchange, OutboundCall, PromptTake, TenantPrompt
from callcart.contact.voice.studio import rows
from callcart.contact.voice.studio.states import TakeState, Why
from callcart.core.actor import Actor
from callcart.core.tenancy import current_tenant, tenant_transaction
from callcart.people.tenants import directory
from callcart.people.tenants.models import Tenant
from callcart.people.tenants.public import add_service_number, update_tenant
from tests.web.office.test_prompts import Clients, sign_in

DESK = "(212) 555-0142"


@pytest.fixture
def shop(tenant: Tenant) -> Iterator[Tenant]:
    system = Actor.system(tenant.id)
    add_service_number(system, "+12025550100", name="Customer service")
    update_tenant(system, settings={"dial_prefixes": ["+1"]})
    directory.forget()
    Exchange.objects.create(name="main", up=True)
    yield tenant
    directory.forget()


def ask(client: Client, address: str = "closed/en/take", **body: str) -> tuple[int, dict[str, object]]:
    answer = client.post(
        f"/office/prompts/{address}",
        body,
        content_type="application/json",
        headers={"accept": "application/json"},
    )
    with tenant_transaction(current_tenant()):
        pass  # the view has transactions of its own: inside the test's they leave it without a tenant
    return answer.status_code, answer.json()


def page(client: Client, key: str = "closed") -> str:
    return client.get(f"/office/prompts/{key}").content.decode()


def test_who_asks_is_rung_and_sees_how_far_it_is(shop: Tenant, client_for: Clients) -> None:
    client = sign_in(client_for)
    assert "Record by telephone" in page(client) and "data-take=" not in page(client)
    status, body = ask(client, where="page")
    take = PromptTake.objects.get()
    assert (status, body) == (200, {"take": str(take.id)})
    assert (take.key, take.language, take.spoken, take.number) == ("closed", "en", "en", "")
    assert "It rings." in page(client) and "data-take=" not in page(client, "greeting")
    PromptTake.objects.update(state=TakeState.HEARD)
    shown = client.get("/office/prompts/closed/take").content.decode()
    assert "1 keeps it" in shown and 'data-key="1"' in shown and 'data-key="#"' not in shown
    stopped = client.post(f"/office/takes/{take.id}/stop")
    assert stopped.status_code == 200
    assert "Stopped. Nothing was kept." in page(client) and "data-stop" not in page(client)
    assert not TenantPrompt.objects.exists()


@pytest.mark.parametrize("why", list(Why))
def test_every_end_has_its_words(shop: Tenant, client_for: Clients, why: Why) -> None:
    client = sign_in(client_for, language="zh-hans")
    ask(client, where="page")
    rows.end(shop.id, PromptTake.objects.get().id, TakeState.OVER, why)
    shown = client.get("/office/prompts/closed/take").content.decode()
    assert 'data-state="over"' in shown and any(
        "\u4e00" <= each <= "\u9fff" for each in shown.split("alert-title")[1]
    )


def test_a_number_is_called_or_refused_at_its_field(shop: Tenant, client_for: Clients) -> None:
    client = sign_in(client_for)
    for number in ("", "soon"):
        status, body = ask(client, where="number", number=number)
        assert status == 422 and list(body["fields"]) == ["number"]  # type: ignore[call-overload]
    status, body = ask(client, where="number", number="+44 7700 900123")
    assert (status, body["code"]) == (403, "voice.dial_refused")
    assert not PromptTake.objects.exists() and not OutboundCall.objects.exists()
    assert ask(client, where="number", number=DESK)[0] == 200
    assert PromptTake.objects.get().number == "+12125550142"


def test_who_may_not_change_prompts_is_not_rung(shop: Tenant, client_for: Clients) -> None:
    client = sign_in(client_for, role="agent")
    assert ask(client, where="page")[0] == 403
    assert client.get("/office/prompts/closed/take").status_code == 403
    assert client.get("/office/takes/phone").status_code == 403
    assert not PromptTake.objects.exists()


def test_another_shop_and_a_prompt_that_is_not_there(
    shop: Tenant, other_tenant: Tenant, client_for: Clients
) -> None:
    client = sign_in(client_for)
    ask(client, where="page")
    take = PromptTake.objects.get()
    stranger = sign_in(client_for, "qinghe")
    assert stranger.post(f"/office/takes/{take.id}/stop").status_code == 404
    with tenant_transaction(other_tenant.id):
        assert not PromptTake.objects.exists()
    assert "data-take=" not in page(stranger)
    assert ask(client, "nothing/en/take", where="page")[0] == 404
    take.refresh_from_db()
    assert take.ended_at is None


def test_without_telephones_it_is_said(shop: Tenant, client_for: Clients) -> None:
    Exchange.objects.update(up=False)
    client = sign_in(client_for)
    status, body = ask(client, where="page")
    assert (status, body["code"]) == (409, "voice.no_telephones")
