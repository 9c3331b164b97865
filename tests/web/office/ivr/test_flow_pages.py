"""The office pages of call flows: what they show, keep and refuse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from callcart.contact.voice.flow import Utterance
from callcart.core.actor import Actor
from callcart.core.tenancy import tenant_transaction
from callcart.engage.ivr import listen
from callcart.engage.ivr.models import Flow, FlowNumber, FlowVersion
from callcart.engage.ivr.public import add_flow, change_block, ensure_main, open_draft
from callcart.engage.ivr.public import publish as publish_draft
from callcart.people.tenants.public import Tenant, add_service_number
from tests.web.office.office import Office

HTMX = {"HX-Request": "true"}
FLOWS = "/office/flows"


@pytest.fixture
def boss(office: Office) -> Actor:
    return Actor.system(office.shop.tenant_id, "test")


@pytest.fixture
def owner(office: Office) -> Client:
    return office.client("owner")


@pytest.fixture
def flow(boss: Actor) -> Flow:
    return ensure_main(boss)


def draft(flow: Flow) -> FlowVersion:
    return FlowVersion.objects.get(flow=flow, state="draft")


def post(
    client: Client, flow: Flow, path: str, *, seen: int | None = None, htmx: bool = True, **values: Any
) -> Any:
    revision = draft(flow).revision if seen is None else seen
    return client.post(
        f"{FLOWS}/{flow.id}/{path}", {"revision": revision, **values}, headers=HTMX if htmx else {}
    )


def text(response: Any) -> str:
    return str(response.content.decode())


def test_a_shop_begins_with_the_menu_that_ships(owner: Client) -> None:
    assert "Begin with the menu that ships" in text(owner.get(FLOWS))
    answer = owner.post(f"{FLOWS}/start")
    assert answer.status_code == 303
    assert "Main menu" in text(owner.get(FLOWS))
    page = text(owner.get(answer["Location"]))
    assert 'data-block="greeting"' in page
    assert "Heard by callers since" in page and "Publish …" not in page


def test_a_change_is_kept_at_once_in_the_draft(owner: Client, flow: Flow) -> None:
    owner.post(f"{FLOWS}/{flow.id}/draft")
    answer = post(
        owner,
        flow,
        "blocks/greeting",
        title="Hello",
        key="",
        **{"text_en": "Hi.", "text_zh-hans": "你好。", "has-opening": "1", "opening": "1"},
    )
    assert answer.status_code == 200
    assert "<b>Hello</b>" in text(answer) and "<html" not in text(answer)
    kept = draft(flow)
    assert (kept.revision, kept.graph["blocks"]["greeting"]["words"]) == (
        2,
        {"texts": {"en": "Hi.", "zh-hans": "你好。"}},
    )
    assert kept.graph["blocks"]["greeting"]["settings"] == {"opening": True}


def test_what_is_wrong_is_at_its_field(owner: Client, flow: Flow, boss: Actor) -> None:
    open_draft(boss, flow.id)
    answer = post(owner, flow, "blocks/menu", tries="nine", repeats="1")
    assert answer.status_code == 422
    assert "A whole number from 1 to 5." in text(answer)
    assert draft(flow).revision == 1


def test_the_second_editor_sees_what_the_first_did(owner: Client, flow: Flow, boss: Actor) -> None:
    open_draft(boss, flow.id)
    change_block(boss, flow.id, "greeting", {"title": "First"}, revision=1)
    answer = post(owner, flow, "blocks/greeting", seen=1, title="Second")
    assert answer.status_code == 409
    assert "Somebody else changed this draft" in text(answer) and "<b>First</b>" in text(answer)
    assert draft(flow).graph["blocks"]["greeting"]["title"] == "First"


def test_an_arrow_leads_to_a_new_block_which_is_shown(owner: Client, flow: Flow, boss: Actor) -> None:
    open_draft(boss, flow.id)
    answer = post(owner, flow, "blocks/menu/arrow", way="5", **{"to-5": "new:say"})
    made = draft(flow).graph["blocks"]["menu"]["arrows"]["5"]
    assert f'id="set-{made}"' in text(answer)
    assert "Write what is said here, or choose a prompt." in text(answer)
    post(owner, flow, f"blocks/{made}/arrow", way="next", **{"to-next": "goodbye"})
    assert draft(flow).graph["blocks"][made]["arrows"] == {"next": "goodbye"}
    answer = post(owner, flow, f"blocks/{made}/remove", htmx=False)
    assert answer.status_code == 303
    assert draft(flow).graph["blocks"]["menu"]["arrows"]["5"] == "goodbye"
    post(owner, flow, "add", kind="new:hours")
    post(owner, flow, "blocks/menu/begin")
    assert draft(flow).graph["start"] == "menu"
    assert len(draft(flow).graph["blocks"]) == 17


def test_publishing_says_what_is_wrong_and_else_holds(owner: Client, flow: Flow, boss: Actor) -> None:
    open_draft(boss, flow.id)
    post(owner, flow, "blocks/menu/arrow", way="silence", **{"to-silence": ""})
    answer = post(owner, flow, "publish", htmx=False)
    assert answer.status_code == 422
    assert "There is 1 error to put right first." in text(answer)
    assert "“Silence” leads nowhere." in text(answer)
    post(owner, flow, "blocks/menu/arrow", way="silence", **{"to-silence": "goodbye"})
    assert "From “Menu”, “Silence” leads to “Goodbye”." in text(owner.get(f"{FLOWS}/{flow.id}"))
    assert post(owner, flow, "publish", htmx=False).status_code == 303
    assert FlowVersion.objects.get(flow=flow, state="published").number == 2


def test_versions_are_listed_compared_and_gone_back_to(owner: Client, flow: Flow, boss: Actor) -> None:
    change_block(boss, flow.id, "greeting", {"title": "Hello"}, revision=open_draft(boss, flow.id).revision)
    publish_draft(boss, flow.id, revision=2)
    page = text(owner.get(f"{FLOWS}/{flow.id}/versions"))
    assert "Version 2" in page and "Go back to it" in page
    assert "“Greeting” is called “Hello”." in text(owner.get(f"{FLOWS}/{flow.id}/compare?from=1&to=2"))
    assert owner.get(f"{FLOWS}/{flow.id}/compare?from=1&to=99").status_code == 404
    assert owner.get(f"{FLOWS}/{flow.id}?version=1").status_code == 200
    assert owner.post(f"{FLOWS}/{flow.id}/versions/1/back").status_code == 303
    assert FlowVersion.objects.get(flow=flow, state="published").number == 3


def test_a_flow_of_ones_own_and_its_number(owner: Client, flow: Flow, boss: Actor) -> None:
    add_service_number(boss, "+12025550199", name="Winter sale")
    assert owner.post(f"{FLOWS}/new", {"code": "!", "name": ""}).status_code == 422
    answer = owner.post(f"{FLOWS}/new", {"code": "winter", "name": "Winter", "like": str(flow.id)})
    assert answer.status_code == 303
    winter = Flow.objects.get(code="winter")
    answer = owner.post(f"{FLOWS}/numbers", {"number": "+12025550199", "flow": str(winter.id)})
    assert answer.status_code == 422 and "Publish this flow first." in text(answer)
    publish_draft(boss, winter.id, revision=1)
    assert (
        owner.post(f"{FLOWS}/numbers", {"number": "+12025550199", "flow": str(winter.id)}).status_code == 303
    )
    assert FlowNumber.objects.get().flow == winter
    assert owner.post(f"{FLOWS}/{winter.id}/remove").status_code == 409
    assert owner.post(f"{FLOWS}/{winter.id}/rename", {"name": "Snow"}).status_code == 303
    assert owner.post(f"{FLOWS}/numbers", {"number": "+12025550199", "flow": ""}).status_code == 303
    assert owner.post(f"{FLOWS}/{winter.id}/remove").status_code == 303


def test_a_draft_is_thrown_away(owner: Client, flow: Flow, boss: Actor) -> None:
    open_draft(boss, flow.id)
    assert post(owner, flow, "discard", htmx=False)["Location"] == f"{FLOWS}/{flow.id}"
    winter = add_flow(boss, code="winter", name="Winter")
    assert post(owner, winter, "discard", htmx=False)["Location"] == FLOWS


def test_a_call_is_tried_key_by_key(owner: Client, flow: Flow) -> None:
    page = text(owner.get(f"{FLOWS}/{flow.id}/try"))
    assert "Thank you for calling" in page and "For English, press one." in page
    page = text(owner.get(f"{FLOWS}/{flow.id}/try?who=1&known=1&order=1&open=1&pressed=119", headers=HTMX))
    assert "Here the order is read out." in page and "The call is ended." in page
    page = text(owner.get(f"{FLOWS}/{flow.id}/try?who=1&pressed=2-"))
    assert "暂时没有客服接听" in page
    assert (
        owner.get(
            f"{FLOWS}/{flow.id}/try?who=1&pressed=<x>{'*' * 300}&tier=%00&language=xx&number=%F0"
        ).status_code
        == 200
    )
    assert owner.get(f"{FLOWS}/{flow.id}/try?version=77").status_code == 404


def test_each_kind_of_block_has_its_panel(owner: Client, flow: Flow, boss: Actor) -> None:
    revision = open_draft(boss, flow.id).revision
    for kind in (
        "say",
        "language",
        "hours",
        "menu",
        "digits",
        "find_order",
        "read_out",
        "identify",
        "branch",
        "queue",
        "hang_up",
    ):
        answer = post(owner, flow, "add", kind=kind)
        revision += 1
        assert answer.status_code == 200 and "Remove block" in text(answer)
    made = [
        key
        for key, each in draft(flow).graph["blocks"].items()
        if each["kind"] == "branch" and key.startswith("b")
    ]
    answer = post(owner, flow, f"blocks/{made[0]}", title="", on="tier")
    assert "Gold" in text(answer)
    assert draft(flow).revision == revision + 1


def test_only_who_may(office: Office, flow: Flow, boss: Actor) -> None:
    open_draft(boss, flow.id)
    agent = office.client("agent")
    looks = office.narrowed("marketing", ivr__view={})
    assert agent.get(FLOWS).status_code == 403
    page = text(looks.get(f"{FLOWS}/{flow.id}?block=menu"))
    assert "disabled" in page and "Remove block" not in page and "Publish …" not in page
    for path in (
        "draft",
        "blocks/menu",
        "blocks/menu/arrow",
        "blocks/menu/begin",
        "blocks/menu/remove",
        "add",
        "discard",
        "publish",
        "rename",
        "remove",
        "versions/1/back",
    ):
        assert post(looks, flow, path, title="x").status_code == 403, path
    assert looks.post(f"{FLOWS}/numbers", {"number": "+12025550100"}).status_code == 403
    assert looks.get(f"{FLOWS}/{flow.id}?version=1").status_code == 200
    assert draft(flow).revision == 1


def test_another_shops_flow_is_not_found(owner: Client, other_tenant: Tenant) -> None:
    with tenant_transaction(other_tenant.id):
        theirs = ensure_main(Actor.system(other_tenant.id, "test"))
    for path in ("", "/try", "/versions", "/compare?from=1&to=1"):
        assert owner.get(f"{FLOWS}/{theirs.id}{path}").status_code == 404
    assert owner.post(f"{FLOWS}/{theirs.id}/draft").status_code == 404


def test_a_sentence_is_heard(
    owner: Client, flow: Flow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """By the speech that calls have; here it is pretended."""
    (tmp_path / "spoken.wav").write_bytes(b"RIFF....WAVE")

    class Spoken:
        def __init__(self, _folder: Path) -> None: ...

        def forget(self, _tenant_id: int) -> None: ...

        def sounds(self, _tenant_id: int, utterances: list[Utterance]) -> list[str]:
            return ["callcart/spoken"] if utterances == [Utterance("Hello.", "en", "greeting")] else []

    monkeypatch.setattr(listen, "Prompts", Spoken)
    monkeypatch.setattr(listen, "prompts_folder", lambda: tmp_path)
    answer = owner.get(f"{FLOWS}/sound", {"text": "Hello.", "language": "en", "key": "greeting"})
    assert (answer.status_code, answer["Content-Type"], answer["Cache-Control"]) == (
        200,
        "audio/wav",
        "no-store",
    )
    assert owner.get(f"{FLOWS}/sound", {"text": "x", "language": "en"}).status_code == 503
    assert owner.get(f"{FLOWS}/sound", {"text": " ", "language": "en"}).status_code == 404
    assert owner.get(f"{FLOWS}/sound", {"text": "x" * 1201, "language": "en"}).status_code == 404


def test_the_pin_of_a_customer_is_set_and_never_shown(office: Office, owner: Client) -> None:
    ada = office.customer()
    address = f"/office/customers/{ada.id}/pin"
    assert address in text(owner.get(f"/office/customers/{ada.id}"))
    assert "There is none yet." in text(owner.get(address))
    refused = owner.post(address, {"pin": "1234"})
    assert refused.status_code == 422 and "too easy to guess" in text(refused)
    assert owner.post(address, {"pin": "48213"}).status_code == 303
    page = text(owner.get(address))
    assert "A PIN is set" in page and "48213" not in page
    assert owner.post(f"{address}/remove").status_code == 303
    assert "There is none yet." in text(owner.get(address))
    agent = office.client("agent")
    assert agent.get(address).status_code == 403 and agent.post(address, {"pin": "90210"}).status_code == 403
