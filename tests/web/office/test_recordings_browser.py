"""Recordings in a real Chromium: pages fit, sound comes in pieces and keeps its pitch, everything goes by keys."""

from __future__ import annotations

import io
import math
import wave
from array import array
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page

from callcart.contact.conversations import public as conversations
from callcart.contact.conversations.models import Conversation
from callcart.contact.recordings import public as recordings
from callcart.core.actor import Actor
from callcart.core.models import AuditEntry
from callcart.core.tenancy import tenant_transaction
from callcart.people.staff.models import Staff
from callcart.people.tenants.public import tenant_by_slug
from tests.journeys.system import eventually
from tests.web.looking import assert_sound, beside_a_loop, open_page, sign_in

pytestmark = [pytest.mark.journey]
SECONDS = 120  # about four megabytes: the player has to ask more than once


def _harbor() -> int:
    tenant = tenant_by_slug("harbor")
    assert tenant is not None
    return int(tenant.id)


def _stereo() -> bytes:
    second = array("h")
    for at in range(8000):
        second.append(int(9000 * math.sin(at * 0.35)))
        second.append(int(6000 * math.sin(at * 0.7)))
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(second.tobytes() * SECONDS)
    return out.getvalue()


@pytest.fixture
def recorded(address: str) -> tuple[str, UUID]:
    """The address, and a recording of two minutes."""
    tenant_id = _harbor()
    with beside_a_loop(), tenant_transaction(tenant_id):
        talk = conversations.open_conversation(Actor.system(tenant_id), caller_e164="+12125550142")
        Conversation.objects.filter(id=talk.id).update(state="closed", end_reason="completed")
        begun = conversations.start_recording(talk.id)
        put = recordings.seal_sound([_stereo()], key=recordings.key_in_use())
        left = [50 if at % 160 < 70 else 4 for at in range(800)]
        right = [3 if at % 160 < 75 else 40 for at in range(800)]
        kept = recordings.Kept(put.file_key, put.sealed_with, SECONDS * 1000, put.size, [left, right])
        recordings.keep(begun.id, kept)
        boss = Actor.system(tenant_id)
        recordings.add_comment(boss, begun.id, at_ms=83_000, text="A warm word at the end, well done.")
        recordings.save_rule(boss, recordings.RuleDraft(days=365))
    return address, begun.id


@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("zh-hans", 390)])
def test_pages_fit_keep_the_policy_and_are_accessible(
    recorded: tuple[str, UUID], browser: Browser, language: str, width: int
) -> None:
    address, recording_id = recorded
    with beside_a_loop(), tenant_transaction(_harbor()):
        Staff.objects.update(language=language)
    page, complaints = open_page(browser, width=width, language=language)
    sign_in(page, address)
    for path in ("", f"/{recording_id}", "/retention", "/retention/new"):
        page.goto(f"{address}/office/recordings{path}")
        assert_sound(page)
    assert complaints == []


def test_a_link_leads_to_its_moment_and_all_goes_by_keys(
    recorded: tuple[str, UUID], browser: Browser
) -> None:
    address, recording_id = recorded
    page, complaints = open_page(browser)
    sign_in(page, address)
    page.goto(f"{address}/office/recordings/{recording_id}#t=83")
    page.wait_for_selector("canvas:focus")
    assert _at(page) == 83
    page.keyboard.press("Space")
    eventually(lambda: page.evaluate("document.querySelector('audio').currentTime") > 83.2, "it plays")
    assert round(page.evaluate("document.querySelector('audio').duration")) == SECONDS
    page.keyboard.press("]")
    assert page.evaluate(
        "[document.querySelector('audio').playbackRate, document.querySelector('audio').preservesPitch]"
    ) == [1.25, True]
    page.keyboard.press("Space")
    for key, to in (
        ("Home", 0),
        ("PageUp", 30),
        ("ArrowRight", 35),
        ("ArrowLeft", 30),
        ("End", SECONDS),
        ("PageDown", 90),
    ):
        page.keyboard.press(key)
        assert _at(page) == to, key
    assert page.get_attribute("[data-moment]", "href").endswith(f"/office/recordings/{recording_id}#t=90")  # type: ignore[union-attr]
    eventually(
        lambda: page.evaluate("document.querySelector('audio').currentTime") == 90, "the sound is there too"
    )
    page.click("[data-seek='83000']")
    assert _at(page) == 83
    page.click("[data-play]")
    _write_a_comment(page)
    with beside_a_loop(), tenant_transaction(_harbor()):
        row = recordings.comments_of([recording_id])[recording_id]
        assert [(each.at_ms // 1000, each.text) for each in row] == [
            (10, "Said by keys"),
            (83, "A warm word at the end, well done."),
        ]
        assert AuditEntry.objects.filter(action="recordings.listen", subject_id=recording_id).count() <= 2
    assert complaints == []


def _write_a_comment(page: Page) -> None:
    page.focus("canvas")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.focus("[data-comment] textarea")
    page.keyboard.type("Said by keys")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-seek='10000']")


def _at(page: Page) -> int:
    return int(page.get_attribute("canvas", "aria-valuenow") or -1)
