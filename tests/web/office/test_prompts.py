"""The office pages of prompts, greetings, languages and opening hours: what they show, keep and refuse."""

from __future__ import annotations

import io
import math
import wave
from array import array
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from callcart.contact.voice.models import TenantPrompt
from callcart.core.actor import Actor
from callcart.core.tenancy import tenant_transaction
from callcart.people.staff.public import create_staff, ensure_default_roles
from callcart.people.tenants.models import ServiceNumber, Tenant
from callcart.people.tenants.public import add_service_number, settings_of, tenant_by_slug

LANGUAGES = ("en", "zh-hans")
Clients = Callable[..., Client]


def sign_in(
    client_for: Clients, slug: str = "harbor", *, role: str = "owner", language: str = "en"
) -> Client:
    """A client of a new member of a shop's staff."""
    tenant = tenant_by_slug(slug)
    assert tenant is not None
    with tenant_transaction(tenant.id):
        member = create_staff(
            Actor.system(tenant.id), email=f"{role}-{language}@{slug}.example", name="Pat", language=language,
            password="a long enough sentence", role_ids=[ensure_default_roles()[role].id],
        )  # fmt: skip
        return client_for(member, host=f"{slug}.localhost")


@pytest.fixture
def shop(fresh_db: str) -> int:
    """A shop with one service number; its id."""
    tenant = tenant_by_slug("harbor")
    assert tenant is not None
    with tenant_transaction(tenant.id):
        add_service_number(Actor.system(tenant.id), "+12025550100", name="Customer service")
    return tenant.id


def tone(seconds: float = 1.0, *, rate: int = 44100, channels: int = 2) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as target:
        target.setnchannels(channels)
        target.setsampwidth(2)
        target.setframerate(rate)
        count = int(seconds * rate)
        wanted = (round(9000 * math.sin(2 * math.pi * 440 * place / rate)) for place in range(count))
        target.writeframes(array("h", (value for each in wanted for value in [each] * channels)).tobytes())
    return out.getvalue()


def _sent(data: bytes, name: str = "greeting.wav") -> dict[str, Any]:
    return {"recording": SimpleUploadedFile(name, data, content_type="audio/wav")}


@pytest.fixture
def client(shop: int, client_for: Clients) -> Client:
    return sign_in(client_for)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_open_in_both_languages(shop: int, client_for: Clients, language: str) -> None:
    client = sign_in(client_for, language=language)
    for page in ("prompts", "prompts/greeting", "prompts/menu", "numbers", "settings"):
        answer = client.get(f"/office/{page}")
        assert answer.status_code == 200, (page, answer.content.decode()[:2000])
    listed = client.get("/office/prompts").content.decode()
    assert "Thank you for calling Harbor &amp; Pine." in listed
    assert "您好，欢迎致电海港松木。" in listed


def test_own_words_are_kept_heard_and_taken_back(client: Client) -> None:
    before = client.get("/office/prompts/greeting/en/sound").getvalue()
    answer = client.post("/office/prompts/greeting/en/text", {"text": "Good day from {shop}."})
    assert answer.status_code == 303
    page = client.get("/office/prompts/greeting").content.decode()
    assert "Good day from Harbor &amp; Pine." in page
    after = client.get("/office/prompts/greeting/en/sound").getvalue()
    assert after.startswith(b"RIFF")
    assert after != before
    assert client.post("/office/prompts/greeting/en/shipped").status_code == 303
    assert client.get("/office/prompts/greeting/en/sound").getvalue() == before


def test_a_recording_is_played_from_then_on(client: Client) -> None:
    answer = client.post("/office/prompts/greeting/zh-hans/recording", _sent(tone()))
    assert answer.status_code == 303
    played = client.get("/office/prompts/greeting/zh-hans/sound").getvalue()
    with wave.open(io.BytesIO(played)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 8000)
        assert 0.9 < sound.getnframes() / 8000 < 1.1


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "Choose a sound file."),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 500, "This is not a WAV file"),
        (b"RIFF" + b"\0" * 10_000_000, "The file is too large."),
        (tone(0.05), "There is nothing to hear"),
    ],
    ids=["none", "a picture", "10 MB", "too short"],
)
def test_a_file_that_is_no_prompt_is_refused_at_its_field(
    client: Client, shop: int, data: bytes, said: str
) -> None:
    answer = client.post("/office/prompts/greeting/en/recording", _sent(data) if data else {})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert said in page
    assert 'aria-invalid="true"' in page
    with tenant_transaction(shop):
        assert not TenantPrompt.objects.exists()


def test_text_that_cannot_be_spoken_is_refused_and_shown_again(client: Client) -> None:
    for text in ("", "…!!", "x" * 10_000, "a\x00b"):
        assert client.post("/office/prompts/closed/en/text", {"text": text}).status_code == 422
    page = client.post("/office/prompts/closed/en/text", {"text": "<b>" + "é" * 700}).content.decode()
    assert "&lt;b&gt;é" in page
    assert "<b>é" not in page


def test_unknown_prompts_and_languages_are_not_found(client: Client) -> None:
    for address in ("prompts/nope", "prompts/greeting/fr/sound", "prompts/greeting.00/en/sound"):
        assert client.get(f"/office/{address}").status_code == 404, address
    for address in ("nope/en/text", "greeting/fr/text", "greeting.00/remove", "nope/en/shipped"):
        assert client.post(f"/office/prompts/{address}", {"text": "Hello"}).status_code == 404, address


def test_a_greeting_is_added_chosen_and_held_while_a_number_greets_with_it(client: Client) -> None:
    refused = client.post("/office/prompts/greetings", {"title": "", "text_en": ""})
    assert refused.status_code == 422
    done = client.post(
        "/office/prompts/greetings", {"title": "Winter sale", "text_en": "Winter sale at {shop}!"}
    )
    assert done.status_code == 303
    key = done["Location"].rsplit("/", 1)[-1]
    number = _first_number()
    assert "Winter sale" in client.get("/office/numbers").content.decode()
    chosen = client.post(f"/office/numbers/{number.id}", {"name": "Sales", "is_active": "1", "greeting": key})
    assert chosen.status_code == 303
    assert _first_number().greeting == key
    assert client.post(f"/office/prompts/{key}/remove").status_code == 409
    client.post(f"/office/numbers/{number.id}", {"name": "Sales", "is_active": "1", "greeting": ""})
    assert client.post(f"/office/prompts/{key}/remove").status_code == 303
    assert client.get(f"/office/prompts/{key}").status_code == 404


def test_a_number_greets_only_with_a_greeting_of_its_shop(client: Client) -> None:
    number = _first_number()
    answer = client.post(f"/office/numbers/{number.id}", {"name": "S", "greeting": f"greeting.{'0' * 32}"})
    assert answer.status_code == 422
    assert _first_number().greeting == ""


def test_another_shop_sees_and_hears_nothing_of_it(client: Client, client_for: Clients) -> None:
    done = client.post("/office/prompts/greetings", {"title": "Winter sale", "text_en": "Secret sale"})
    key = done["Location"].rsplit("/", 1)[-1]
    client.post("/office/prompts/closed/en/text", {"text": "Gone fishing."})
    other = sign_in(client_for, "qinghe")
    listed = other.get("/office/prompts").content.decode()
    assert "Winter sale" not in listed
    assert "Gone fishing." not in listed
    for address in (f"prompts/{key}", f"prompts/{key}/en/sound"):
        assert other.get(f"/office/{address}").status_code == 404
    for address in (f"{key}/en/text", f"{key}/remove"):
        assert other.post(f"/office/prompts/{address}", {"text": "Ours now"}).status_code == 404
    assert client.get(f"/office/prompts/{key}").status_code == 200


def test_an_agent_may_not_change_prompts(shop: int, client_for: Clients) -> None:
    client = sign_in(client_for, role="agent")
    assert client.get("/office/prompts").status_code == 403
    assert client.post("/office/prompts/closed/en/text", {"text": "Mine"}).status_code == 403


def test_opening_hours_and_languages_are_kept(client: Client) -> None:
    assert client.post("/office/settings", _settings(hours_0="9:00–12:00, 13:00-18:00")).status_code == 303
    options = _options()
    assert options.business_hours[0] == (("09:00", "12:00"), ("13:00", "18:00"))
    assert options.business_hours[6] == ()
    assert options.languages == ("en",)
    assert 'value="09:00-12:00, 13:00-18:00"' in client.get("/office/settings").content.decode()


@pytest.mark.parametrize(
    "typed", ["nine to five", "18:00-09:00", "09:00-25:00", "09:00-12:00,11:00-13:00", "9" * 10_000]
)
def test_hours_that_make_no_sense_change_nothing(client: Client, typed: str) -> None:
    before = _options()
    answer = client.post("/office/settings", _settings(hours_2=typed))
    assert answer.status_code == 422
    assert "Write it as 09:00-18:00" in answer.content.decode()
    assert _options() == before


def _first_number() -> Any:
    return ServiceNumber.objects.filter(tenant__slug="harbor").earliest("number")


def _options() -> Any:
    return settings_of(Tenant.objects.get(slug="harbor"))


def _settings(**changes: str) -> dict[str, Any]:
    shop = Tenant.objects.get(slug="harbor")
    return {
        "version": shop.version, "name": "Harbor & Pine", "name_zh": "海港松木", "currency": "USD", "country": "US",
        "timezone": "America/New_York", "language": "en", "ring_seconds": "20", "wrap_up_seconds": "60",
        "sticky_seconds": "20", "service_level_seconds": "20", "service_level_percent": "80", "languages": ["en"],
        **{f"hours_{day}": "09:00-18:00" for day in range(6)}, "hours_6": "", **changes,
    }  # fmt: skip
