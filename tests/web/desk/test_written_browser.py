"""Messages at the desk in Chromium, by the keyboard: what is typed survives, goes once, and news does not disturb it."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from callcart.contact.conversations.models import Mention
from callcart.engage.canned import public as canned
from tests.web.desk.browser import Desk
from tests.web.desk.letters import Letters
from tests.web.desk.stage import Stage

BOX = "[data-reply-text]"


def news(page: Page, kind: str, **data: str) -> None:
    """What the live process would tell; there is none here."""
    page.evaluate(
        "([kind, data]) => document.dispatchEvent(new CustomEvent('callcart:' + kind, {detail: {data}}))",
        [kind, data],
    )


def open_first(page: Page) -> None:
    page.keyboard.press("j")
    expect(page.locator(BOX)).to_be_visible()


def test_offered_accepted_answered_and_set_aside_by_keys(agent: Desk, desk: Stage, letters: Letters) -> None:
    offered = letters.offered("My lamp flickers", subject="Lamp")
    page = agent.open()
    expect(page.locator("[data-written-offer]")).to_be_visible()
    agent.press("Alt+a")
    expect(page.locator(BOX)).to_be_focused()
    page.keyboard.type("A new one is on its way.")
    agent.press("Alt+s")
    expect(page.locator(f"[data-aside] #inbox-{offered}")).to_be_visible()
    assert letters.texts(offered) == ["My lamp flickers", "A new one is on its way."]
    assert letters.record(offered).state == "pending"


def test_what_is_typed_survives_a_reload_and_another_browser(
    agent: Desk, desk: Stage, letters: Letters, port: int, browser: Browser
) -> None:
    taken = letters.taken()
    page = agent.open()
    open_first(page)
    agent.press("w")
    page.keyboard.type("Dear Grace, the")
    expect(page.locator("[data-reply-saved]")).to_have_text("Saved")
    page.reload()
    open_first(page)
    expect(page.locator(BOX)).to_have_value("Dear Grace, the")
    elsewhere = Desk(desk, port, browser)
    other = elsewhere.open()
    open_first(other)
    expect(other.locator(BOX)).to_have_value("Dear Grace, the")
    other.locator(BOX).focus()
    other.keyboard.press("Control+End")
    other.keyboard.type(" lamp is here.")
    other.keyboard.press("Control+Enter")
    expect(other.locator(".bubble-us")).to_contain_text("the lamp is here.")
    expect(other.locator(BOX)).to_have_value("")
    elsewhere.context.close()
    assert letters.texts(taken)[1:] == ["Dear Grace, the lamp is here."]


def test_news_keeps_text_and_focus_and_is_read_before_sending(
    agent: Desk, desk: Stage, letters: Letters
) -> None:
    taken = letters.taken(channel="sms", peer="+12025550781")
    page = agent.open()
    open_first(page)
    agent.press("w")
    page.keyboard.type("We look for it")
    letters.hears("It came!", channel="sms", peer="+12025550781")
    page.keyboard.press("Control+Enter")  # before the page has heard of it
    expect(page.locator("[data-heard]")).to_be_visible()
    expect(page.locator(".bubble-them").last).to_contain_text("It came!")
    expect(page.locator(BOX)).to_have_value("We look for it")
    assert letters.texts(taken) == ["Where is my lamp?", "It came!"]
    letters.hears("Thank you", channel="sms", peer="+12025550781")
    news(page, "message.added", conversation_id=str(taken), author="customer")
    expect(page.locator(".bubble-them").last).to_contain_text("Thank you")
    expect(page.locator(BOX)).to_be_focused()
    page.keyboard.type(" still")
    expect(page.locator("[data-reply-count]")).to_have_text("20 of 160 · 1 SMS")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".bubble-us")).to_contain_text("We look for it still")
    assert letters.texts(taken)[-1] == "We look for it still"


def test_an_open_menu_stays_and_keys_of_the_reply_lead_back_to_it(
    agent: Desk, desk: Stage, letters: Letters
) -> None:
    taken = letters.taken(channel="sms", peer="+12025550783")
    page = agent.open()
    open_first(page)
    agent.press("Escape", "Alt+z")
    menu = page.locator(f"#sleep-menu-{taken}")
    expect(menu).to_have_attribute("open", "")
    letters.hears("Thank you", channel="sms", peer="+12025550783")
    news(page, "message.added", conversation_id=str(taken), author="customer")
    expect(page.locator(".bubble-them").last).to_contain_text("Thank you")
    expect(menu).to_have_attribute("open", "")
    agent.press("Escape", "Escape", "i")
    expect(page.locator("[data-comment-text]")).to_be_focused()
    agent.press("Alt+k")
    expect(page.locator(BOX)).to_be_focused()
    assert letters.record(taken).state == "active", "the first press only shows what would be sent"


def test_a_canned_reply_is_found_by_a_few_keys(agent: Desk, desk: Stage, letters: Letters) -> None:
    with desk.transaction():
        draft = canned.ReplyDraft(
            "sorry", "We are sorry", text="We are sorry. {{parcel.tracking}}", then="finish"
        )
        canned.save_reply(desk.boss, draft)
    taken = letters.taken()
    page = agent.open()
    open_first(page)
    agent.press("w")
    page.keyboard.type("/sor")
    expect(page.locator("[data-canned-list] [role=option]").first).to_contain_text("We are sorry")
    agent.press("Enter")
    expect(page.locator(BOX)).to_have_value("We are sorry. {{parcel.tracking}}")
    expect(page.locator("[data-macro]")).to_contain_text("then ended")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-error-for=text]").first).to_contain_text("parcel.tracking")
    page.locator(BOX).fill("We are sorry.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-written-id]")).to_have_count(0)
    assert letters.record(taken).state == "closed" and letters.texts(taken)[-1] == "We are sorry."


def test_a_comment_names_a_colleague_and_nothing_is_wrong_for_a_screen_reader(
    agent: Desk, desk: Stage, letters: Letters
) -> None:
    taken, ben = letters.taken(), desk.staff["ben"]
    page = agent.open()
    open_first(page)
    agent.press("i")
    page.keyboard.type("@Ben")
    expect(page.locator("[data-colleagues] [role=option]").first).to_contain_text(ben.name)
    agent.press("Enter")
    letters.hears("One more thing", peer=letters.record(taken).peer, references=(letters.first_id(taken),))
    news(page, "message.added", conversation_id=str(taken), author="customer")
    expect(page.locator(".bubble-them").last).to_contain_text("One more thing")
    expect(page.locator("[data-comment-text]")).to_be_focused()
    page.keyboard.type("can you look?")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".bubble-note-of")).to_contain_text("can you look?")
    with desk.transaction():
        assert Mention.objects.get(conversation_id=taken).staff_id == ben.id
    found = Axe().run(page).response["violations"]
    assert [each["id"] for each in found if each["impact"] in ("serious", "critical")] == []
