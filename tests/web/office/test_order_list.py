"""The list of orders: filters, periods, columns, views of one's own, today's figures, export."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from callcart.commerce.orders.models import SavedView
from callcart.people.customers import guesses
from tests.web.office.office import Office, field_error, grouped, words


def test_columns_are_chosen_by_the_address_and_unknown_ones_are_ignored(office: Office) -> None:
    office.order()
    client = office.client()
    usual = client.get("/office/orders").content.decode()
    assert '<th scope="col" class="num">Total</th>' in usual and ">City</th>" not in usual
    chosen = client.get("/office/orders?col=city&col=units&col=nonsense").content.decode()
    assert ">City</th>" in chosen and '<th scope="col" class="num">Units</th>' in chosen
    assert ">Total</th>" not in chosen and "Portland" in chosen


def test_filters_narrow_the_list_and_the_count(office: Office) -> None:
    cash, prepaid = office.order(), office.order(payment_method="prepaid")
    client = office.client()
    both = words(client.get("/office/orders"))
    assert grouped(cash.number) in both and grouped(prepaid.number) in both and "2 in all" in both
    one = words(client.get("/office/orders?method=prepaid"))
    assert grouped(prepaid.number) in one and grouped(cash.number) not in one and "1 in all" in one
    assert "Payment method: Pay online" in one
    day = cash.placed_at.astimezone(ZoneInfo("America/New_York")).date().isoformat()
    assert grouped(cash.number) in words(client.get(f"/office/orders?from={day}&to={day}"))
    none = words(client.get("/office/orders?to=2001-01-01"))
    assert "No order fits these filters" in none and grouped(cash.number) not in none


def test_what_cannot_be_read_does_not_filter(office: Office) -> None:
    number = grouped(office.order().number)
    client = office.client()
    for query in ("from=yesterday", "agent=x", "after=%00", "after=AAAA_bbb", "state=%00"):
        answer = client.get(f"/office/orders?{query}")
        assert answer.status_code == 200, query
    assert number in words(client.get("/office/orders?from=yesterday&agent=x"))


def test_a_view_keeps_filters_and_columns_until_it_is_removed(office: Office) -> None:
    office.order()
    client = office.client()
    kept = client.post("/office/orders/views?state=placed&col=city", {"name": "To call back"})
    assert kept.status_code == 303 and kept["Location"] == "/office/orders?state=placed&col=city"
    page = client.get(kept["Location"]).content.decode()
    assert 'href="/office/orders?state=placed&amp;col=city" aria-current="page">To call back</a>' in page
    view = SavedView.objects.get()
    assert client.post(f"/office/orders/views/{view.id}/remove").status_code == 303
    assert not SavedView.objects.exists()


def test_nobody_removes_anothers_view(office: Office) -> None:
    office.client().post("/office/orders/views?state=placed", {"name": "Mine"})
    view = SavedView.objects.get()
    assert office.client("agent").post(f"/office/orders/views/{view.id}/remove").status_code == 404
    assert SavedView.objects.get() == view


def test_a_view_without_a_name_is_refused(office: Office) -> None:
    answer = office.client().post("/office/orders/views?state=placed", {"name": " "})
    assert answer.status_code == 303 and not SavedView.objects.exists()


def test_todays_figures_count_what_was_sold_and_what_waits(office: Office) -> None:
    office.order(2)
    office.order(channel="web")
    said = words(office.client().get("/office/orders/today"))
    assert "Orders today 2" in said and "Waiting to be confirmed 2" in said
    assert "$70.00" in said  # 2 × 20.00 and 20.00, 5.00 for the way each time


def test_the_file_holds_what_the_filters_leave_and_is_for_those_who_may(office: Office) -> None:
    order, other = office.order(), office.order(payment_method="prepaid")
    file = office.client().get("/office/orders?export=csv&method=cod").content.decode("utf-8-sig")
    assert order.number in file and other.number not in file
    assert office.client("agent").get("/office/orders?export=csv").status_code == 403
    assert "Export" not in words(office.client("agent").get("/office/orders"))


def test_the_list_reads_in_chinese(office: Office) -> None:
    office.order()
    page = office.client(language="zh-hans").get("/office/orders").content.decode()
    assert 'lang="zh-Hans"' in page and "东西 TEA" not in page
    assert "东西 TEA" in office.client(language="zh-hans").get("/office/orders?col=products").content.decode()


def test_no_field_is_marked_on_a_fresh_page(office: Office) -> None:
    office.order()
    assert field_error(office.client().get("/office/orders"), "name") == ""


def test_a_masked_number_is_not_found_out_by_its_beginning(office: Office) -> None:
    number = grouped(office.order().number)
    client = office.client("agent")
    for part in ("121255", "+1212555014", "1212", "12125550142"[:-1]):
        assert number not in words(client.get("/office/orders", {"q": part})), part
    assert number in words(client.get("/office/orders", {"q": "(212) 555-0142"}))


def test_trying_out_numbers_ends_in_a_sentence(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guesses, "PER_HOUR", 1)
    client = office.client("agent")
    assert client.get("/office/orders", {"q": "212 555 0100"}).status_code == 200
    for page in ("orders", "customers", "calls"):
        answer = client.get(f"/office/{page}", {"q": "212 555 0142"})
        assert answer.status_code == 429
        assert "Look for a name, a customer or an order number instead" in words(answer)
    assert client.get("/office/orders", {"q": "Ada"}).status_code == 200


@pytest.mark.parametrize("gap", [" ", "\N{NO-BREAK SPACE}", "-", "\N{NARROW NO-BREAK SPACE}", ""])
def test_an_order_is_found_by_its_number_however_it_is_grouped(office: Office, gap: str) -> None:
    """Also copied from a page or a message. The groups alone are the beginnings of other orders' numbers."""
    wanted, *others = (office.order() for _each in range(3))
    typed = gap.join(grouped(wanted.number).split())
    for text in (typed, f"#{typed}", f" {typed} "):
        said = words(office.client().get("/office/orders", {"q": text}))
        assert grouped(wanted.number) in said, text
        assert not any(grouped(each.number) in said for each in others), text
