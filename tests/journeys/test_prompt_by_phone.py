"""A prompt spoken into a telephone, with the real exchange: what is said is a tone, so that what callers hear afterwards can be told.

From the prompt's page in a browser, with its own telephone; and at a number outside, a plain telephone worked by its keys, with the voice
process killed while somebody speaks.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from callcart.contact.voice.speech.sound import read_wav
from tests.contact.voice.test_sound import strength
from tests.journeys.agent import answering, noted
from tests.journeys.board_page import MICROPHONE
from tests.journeys.browser import open_context, sign_in
from tests.journeys.shell import Shell
from tests.journeys.system import System, eventually

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]

AT_PAGE, AT_NUMBER = 1250, 880  # Hz
NUMBER = "+12125550142"
TRUNK = ("127.0.0.2", 5061)  # where the demo's way out ends
PATIENCE = 30_000

ACT = """
from callcart.contact.voice import public as voice
from callcart.core.tenancy import tenant_transaction
from callcart.people.staff.models import Staff
from callcart.people.staff.public import actor_of
from callcart.people.tenants.public import tenant_by_slug
tenant = tenant_by_slug("harbor")
with tenant_transaction(tenant.id):
    actor = actor_of(Staff.objects.get(email="owner@harbor.example"))
"""
KEPT = """
from callcart.contact.voice.models import TenantPrompt
from callcart.core import files
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.public import tenant_by_slug
with tenant_transaction(tenant_by_slug("harbor").id):
    row = TenantPrompt.objects.filter(key=key, language="en").first()
    answer = [row.changed_by, str(files.path(row.file_key))] if row and row.file_key else None
"""

BACK = """
from callcart.contact.voice import replace
with tenant_transaction(tenant.id):
    replace.say_shipped(actor, "closed", "en")
answer = None
"""


@pytest.fixture(autouse=True)
def as_shipped(shell: Shell) -> Iterator[None]:
    yield
    shell.run(ACT + BACK)


def take(system: System) -> dict[str, object]:
    return system.rows("SELECT * FROM voice_prompttake ORDER BY id DESC LIMIT 1")[0]


def is_kept(shell: Shell, key: str, *, hertz: int, seconds: float) -> None:
    """The prompt is this tone, at least so long, trimmed."""
    by, path = shell.run(KEPT, key=key)
    sound = read_wav(Path(path).read_bytes())
    assert by and sound.rate == 8000
    assert seconds < sound.seconds < seconds + 12
    middle = type(sound)(sound.samples[4000:12000], sound.rate)
    assert strength(middle, hertz) > 0.05
    assert strength(middle, 1000) < 0.01, "the tone after which one speaks is not in it"


def test_from_the_page_by_its_own_telephone(system: System, shell: Shell, browser: Browser) -> None:
    with ExitStack() as stack:
        context = open_context(browser)
        stack.callback(context.close)
        context.add_init_script(MICROPHONE.replace("HERTZ", str(AT_PAGE)))
        page, complaints = context.new_page(), list[str]()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        sign_in(page, system.url(), "owner@harbor.example")
        page.goto(f"{system.url()}/office/prompts/closed")
        page.click("[data-open=record-en]")
        page.click("#record-en button[type=submit]")
        expect(page.locator("#take [data-state=speaking]")).to_be_visible(timeout=PATIENCE)
        page.wait_for_timeout(2000)
        page.click("#take [data-key='#']")
        expect(page.locator("#take [data-state=heard]")).to_be_visible(timeout=PATIENCE)
        page.click("#take [data-key='1']")
        expect(page.locator(".prompt-player").first).to_be_visible()
        expect(page.locator(".state-green")).to_be_visible(timeout=PATIENCE)  # the page has been loaded anew
        expect(page.locator("#take [data-state=kept]")).to_be_visible()
        assert complaints == []
    is_kept(shell, "closed", hertz=AT_PAGE, seconds=1.5)
    assert take(system)["ended_at"] is not None


def test_at_a_number_with_the_voice_process_killed_while_somebody_speaks(
    system: System, shell: Shell, tmp_path: Path
) -> None:
    telephone = answering(tmp_path / "phone", *TRUNK, hertz=AT_NUMBER)
    try:
        shell.run(ACT + "answer = str(voice.begin_take(actor, 'closed', 'en', number=number))", number=NUMBER)
        noted(telephone, "call")
        telephone.wait_answered()
        eventually(lambda: take(system)["state"] == "speaking", "somebody may speak", timeout=40)
        former = system.kill("voice")
        system.wait_back("voice", former)
        eventually(lambda: _up(system), "the telephones are up again", timeout=40)
        time.sleep(2)  # he speaks
        telephone.press("#")
        eventually(lambda: take(system)["state"] == "heard", "it is played back", timeout=20)
        telephone.heard.forget()
        eventually(lambda: telephone.heard.tone(AT_NUMBER) > 0.8, "he hears what he said", timeout=30)
        telephone.press("1")
        eventually(telephone.other_side_left, "the call is over", timeout=30)
    finally:
        telephone.close()
    is_kept(shell, "closed", hertz=AT_NUMBER, seconds=1)
    [counted] = system.rows("SELECT * FROM voice_outboundcall ORDER BY id DESC LIMIT 1")
    assert counted["number"] == NUMBER and counted["answered_at"] and counted["ended_at"]
    assert take(system)["number"] == ""


def _up(system: System) -> bool:
    return bool(
        system.rows("SELECT 1 FROM voice_exchange WHERE up AND seen_at > now() - interval '3 seconds'")
    )
