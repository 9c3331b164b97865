"""An agent in a browser: signs in, works by keys alone, and says what the page's telephone hears and sends."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.browser import open_context, sign_in
from tests.journeys.system import System, eventually

PATIENCE = 30.0
MILLISECONDS = 1000 * PATIENCE


@dataclass(frozen=True, slots=True)
class Heard:
    """What the page's telephone has had of the wire: packets each way, and the energy of what was in them."""

    received: int
    sent: int
    heard: float
    spoken: float


class DeskPage:
    """Amy's desk. `with DeskPage(system, browser) as desk: desk.get_ready()`."""

    def __init__(
        self, system: System, browser: Browser, *, login: str = "amy", tenant: str = "harbor"
    ) -> None:
        self.system, self.tenant = system, tenant
        self.email = f"{login}@{tenant}.example"
        self.context: BrowserContext = open_context(browser)
        self.complaints: list[str] = []
        self.page = self.new_page()

    def __enter__(self) -> DeskPage:
        sign_in(self.page, self.system.url(self.tenant), self.email)
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()

    def new_page(self) -> Page:
        page = self.context.new_page()
        page.set_default_timeout(MILLISECONDS)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def open(self) -> None:
        self.page.goto(f"{self.system.url(self.tenant)}/desk/")
        self.wait_registered()

    def wait_registered(self, page: Page | None = None) -> None:
        expect((page or self.page).locator("#phone-state")).to_have_attribute(
            "data-phone", "ready", timeout=MILLISECONDS
        )

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def leave(self) -> None:
        """Out of the queues, whatever is open."""
        self.page.evaluate("document.querySelector('#state [data-agent=offline]').click()")
        self.wait_state("offline")

    def get_ready(self) -> None:
        self.press("F6")
        self.wait_state("ready")

    def get_ready_by_menu(self) -> None:
        """Ready by the menu's item, as after a pause; what waits may ring at once."""
        self.press("F7")
        self.page.locator("#state-menu [data-agent=ready]").press("Enter")

    def wait_state(self, state: str) -> None:
        expect(self.page.locator("#state")).to_have_attribute("data-state", state, timeout=MILLISECONDS)

    def wait_phase(self, phase: str) -> None:
        """offered, active, wrap_up or closed, as the strip has it."""
        strip = self.page.locator("#strip [data-conversation-id]")
        expect(strip).to_have_attribute("data-phase", phase, timeout=MILLISECONDS)

    def wait_ringing(self) -> None:
        """It rings, the caller is on the screen, and the phone has the call."""
        self.wait_phase("offered")
        expect(self.page.locator("body.is-ringing")).to_be_attached(timeout=MILLISECONDS)

    def answer(self) -> None:
        self.press("F2")
        self.wait_phase("active")

    @property
    def caller(self) -> str:
        return self.page.inner_text(".strip-name")

    @property
    def conversation(self) -> str:
        return self.page.get_attribute("#strip [data-conversation-id]", "data-conversation-id") or ""

    def sound(self) -> Heard:
        """What the page noted of its telephone at the last second."""
        noted = self.page.evaluate("({...document.getElementById('remote-audio').dataset})")
        return Heard(
            int(noted.get("received", 0)),
            int(noted.get("sent", 0)),
            float(noted.get("heard", 0)),
            float(noted.get("spoken", 0)),
        )

    def wait_sound(self, *, packets: int = 50, since: Heard | None = None) -> Heard:
        """Sound flows both ways: so many more packets each way, and something to hear in what came."""
        before = since or Heard(0, 0, 0.0, 0.0)

        def look() -> Heard | None:
            now = self.sound()
            flows = now.received - before.received >= packets and now.sent - before.sent >= packets
            return now if flows and now.heard > before.heard else None

        return eventually(look, "sound both ways in the page", timeout=PATIENCE)

    def start_order(self, search: str, *, quantity: str) -> None:
        """The first product of a search into an order for whoever is on the line, without the mouse."""
        self.press("Escape", "o")
        expect(self.page.locator("#order-search")).to_be_focused(timeout=MILLISECONDS)
        self.page.keyboard.type(search)
        expect(self.page.locator("#order-options [aria-selected=true]")).to_be_visible(timeout=MILLISECONDS)
        self.press("Enter")
        expect(self.page.locator("[data-quantity]")).to_be_focused(timeout=MILLISECONDS)
        self.page.keyboard.type(quantity)

    def choose_new_address(self) -> None:
        """By the tabulator to the addresses, by the arrow to the last of them, a new one."""
        for _each in range(20):
            self.press("Tab")
            if self.page.evaluate("document.activeElement.name") == "address_id":
                break
        for _each in range(self.page.locator("[name=address_id]").count() - 1):
            self.press("ArrowDown")
        expect(self.page.locator("#new-address")).to_be_visible(timeout=MILLISECONDS)

    def new_address(self, *, street: str, city: str, state: str, postcode: str) -> None:
        """Type where it goes to; Enter leads to the next field."""
        while self.page.evaluate("document.activeElement.id") != "ship-street":
            self.press("Tab")
        for text in (street, city, state, postcode):
            self.page.keyboard.type(text)
            self.press("Enter")

    def place(self) -> str:
        self.press("Control+Enter")
        number = self.page.locator(".placed-number [data-copy]")
        expect(number).to_be_visible(timeout=MILLISECONDS)
        return number.get_attribute("data-copy") or ""

    def wrap_up(self, *digits: str, note: str) -> None:
        self.wait_phase("wrap_up")
        talk = self.conversation
        self.page.locator("#talk-region").focus()
        self.press(*digits)
        expect(self.page.locator("#wrap-note")).to_be_focused(timeout=MILLISECONDS)
        self.page.keyboard.type(note)
        self.press("Control+Enter")
        strip = self.page.locator(f"#strip [data-conversation-id='{talk}']")
        expect(strip).to_have_count(0, timeout=MILLISECONDS)
