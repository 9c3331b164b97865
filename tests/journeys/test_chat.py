"""A visitor of the shop chats: from the button on the page to the agent and back, over a cut connection, to the end."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.browser import open_context
from tests.journeys.shell import Shell
from tests.journeys.system import System, eventually

pytestmark = [pytest.mark.journey, pytest.mark.timeout(180)]

ANSWER = """
from callcart.contact.conversations.models import Conversation
from callcart.contact.messaging import public as messaging
from callcart.core.actor import Actor
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.public import tenant_by_slug
tenant = tenant_by_slug("harbor")
with tenant_transaction(tenant.id):
    talk = Conversation.objects.filter(channel="chat").order_by("-started_at").first()
    messaging.reply(Actor.system(tenant.id, "test"), talk.id, messaging.Words(words))
"""
SAID = """
from callcart.contact.conversations.models import Conversation
from callcart.contact.messaging.models import Message
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.public import tenant_by_slug
tenant = tenant_by_slug("harbor")
with tenant_transaction(tenant.id):
    talk = Conversation.objects.filter(channel="chat").order_by("-started_at").first()
    texts = list(Message.objects.filter(conversation_id=talk.id).order_by("place").values_list("text", flat=True)) if talk else []
    answer = [talk.state if talk else "", texts]
"""


def test_a_visitor_is_answered_in_the_shop(system: System, browser: Browser, shell: Shell) -> None:
    context = open_context(browser, width=390, height=844, microphone=False)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(system.url("harbor"))
    page.locator("[data-chat-open]").click()
    chat = page.frame_locator("iframe[title='Chat with us']")
    chat.get_by_label("Your name").fill("Ann")
    chat.get_by_label("Your message").fill("Do you ship to Oregon?")
    chat.get_by_label("Your message").press("Enter")
    expect(chat.locator("#standing")).to_contain_text("in line")
    assert shell.run(SAID) == ["waiting", ["Do you ship to Oregon?"]]

    shell.run(ANSWER, words="We do: two days.")
    expect(chat.locator(".theirs").last).to_contain_text("We do: two days.")

    context.set_offline(True)
    chat.get_by_label("Your message").fill("Even on Sundays?")
    chat.get_by_label("Your message").press("Enter")
    expect(chat.locator(".failed")).to_contain_text("Even on Sundays?")
    context.set_offline(False)
    eventually(lambda: shell.run(SAID)[1][2:] == ["Even on Sundays?"], "it is sent by itself, once")
    expect(chat.locator(".failed")).to_have_count(0)

    page.reload()  # a new page of the shop: the chat goes on where it was
    page.locator("[data-chat-open]").click()
    expect(chat.locator(".bubble.mine")).to_have_count(2)
    chat.get_by_role("button", name="End chat").click()
    expect(chat.locator("#standing")).to_contain_text("has ended")
    assert shell.run(SAID)[0] == "closed"
    assert complaints == []
    context.close()
