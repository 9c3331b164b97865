"""Somebody else writes into a conversation: the desk says so; and a formatted mail shows the pictures it came with, and nothing of its own."""

from __future__ import annotations

import re

from callcart.contact.messaging.models import Message
from callcart.contact.messaging.transport import File
from tests.web.desk.letters import Letters
from tests.web.desk.stage import Stage
from tests.web.desk.test_written import PNG, page_of


def test_a_letter_from_another_address_is_not_taken_for_the_customers(desk: Stage, letters: Letters) -> None:
    talk = letters.taken("Where is my lamp?", peer="ann.lee@there.example", peer_name="Ann Lee")
    with desk.transaction():
        first = Message.objects.get(conversation_id=talk)
    assert "from another address" not in page_of(desk, f"c/{talk}")
    letters.hears(
        "Send it to 5 Elm Street instead",
        peer="eve@evil.example",
        peer_name="Ann Lee",
        references=(first.external_id,),
    )
    letters.hears("Hurry", peer="eve@evil.example", references=(first.external_id,))
    page = page_of(desk, f"c/{talk}")
    assert (
        page.count("It came from another address: e***@evil.example. Answers here go to a***@there.example.")
        == 2
    )
    [hurry] = re.findall(r'<article class="bubble[^>]*>(?:(?!</article>).)*Hurry', page, re.DOTALL)[-1:]
    assert "e***@evil.example" in hurry.rpartition("<article")[2]


def test_a_picture_is_known_by_its_whole_name_and_ends_where_it_ends(desk: Stage, letters: Letters) -> None:
    html = (
        '<p><img class="inline" data-cid="a&amp;b@c" alt="1 > 0 <i>" width="5"><img class="inline" data-cid="gone" alt="><b>x">'
        '<img class="remote" data-src="https://there.example/x?a=1&amp;b=2" alt=" data-cid="></p>'
    )
    talk = letters.taken(html=html, files=(File("cat.png", "image/png", PNG, "a&b@c"),))
    with desk.transaction():
        message = Message.objects.get(conversation_id=talk)
        [cat] = message.files.all()
    closed = page_of(desk, f"m/{message.id}/formatted")
    assert (
        f'<p><img class="inline" alt="1 > 0 <i>" width="5" src="/desk/file/{cat.id}"><img class="remote" data-src='
        in closed
    )
    assert "<b>" not in closed and ' src="https' not in closed
    opened = page_of(desk, f"m/{message.id}/formatted?pictures=1")
    assert ' src="https://there.example/x?a=1&amp;b=2" referrerpolicy="no-referrer"' in opened
