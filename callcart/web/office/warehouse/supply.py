"""What is short, in the office: the list of what is running low, what the desk asks the buyer for, and who waits for what."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from callcart.commerce.catalog.public import Variant
from callcart.commerce.inventory import public as inventory
from callcart.commerce.inventory.documents import public as documents
from callcart.commerce.supply import public as supply
from callcart.core.errors import Invalid
from callcart.core.ids import read_id
from callcart.people.customers.public import Customer
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires, safe_next
from callcart.web.jinja import url
from callcart.web.office.listing import PAGE, Chip, Cursor, choice, cursor_of
from callcart.web.office.refusal import refusal
from callcart.web.office.warehouse import labels
from callcart.web.reader import reader


@requires("supply.view")
def low_stock(request: HttpRequest) -> HttpResponse:
    """What is running low, the soonest to run out first; a purchase of what is ticked."""
    tried, posted = None, request.POST
    if request.method == "POST":
        with attempt() as tried:
            made = supply.order_low(actor_of(request), _quantities(request))
        if tried:
            return _to_documents(request, made)
    return _low_page(request, tried, posted.getlist("row"))


def _low_page(request: HttpRequest, tried: Attempt | None, ticked: list[str]) -> HttpResponse:
    language, said = reader().language, refusal(tried)
    places = {str(each.id): each.name_in(language) for each in inventory.list_warehouses() if each.is_active}
    place = choice(request, "place", places)
    cursor = cursor_of(request)
    after = (int(cursor.key), UUID(cursor.id)) if cursor and cursor.key.isdecimal() else None
    found = supply.list_low(
        actor_of(request), warehouse_id=UUID(place) if place else None, after=after, size=PAGE
    )
    return page(
        request, "office/warehouse/low_stock.html", rows=found.rows, places=places, ticked=ticked, posted=request.POST,
        chips=[Chip("place", _("Warehouse"), places[place])] if place else [], rules=supply.rules_of_shop(),
        may_buy=_may_buy(request), errors=said.fields, message=said.fields.get("rows", said.message), status=said.status,
        next=Cursor(str(found.after[0]), str(found.after[1])).text() if found.after else "",
    )  # fmt: skip


def _may_buy(request: HttpRequest) -> bool:
    actor = actor_of(request)
    return actor.can("supply.buy") and actor.can("inventory.receive")


def _quantities(request: HttpRequest) -> dict[UUID, int]:
    """The units of the rows that are ticked, by row."""
    found, wrong = dict[UUID, int](), dict[str, str]()
    for text in request.POST.getlist("row"):
        row_id = read_id(text)
        if row_id is None:
            continue
        units = request.POST.get(f"units-{row_id}", "").strip()
        if units.isascii() and units.isdecimal() and len(units) < 9:
            found[row_id] = int(units)
        else:
            wrong[text] = _("Give a whole number above zero.")
    if wrong:
        raise Invalid(fields=wrong)
    return found


def _to_documents(request: HttpRequest, made: list[documents.Document]) -> HttpResponse:
    if len(made) == 1:
        said = _("The purchase is drafted: add the supplier, then say that it is on order.")
        return go(request, url("office:stock_document", made[0].id), toast=said)
    said = ngettext("%(count)s purchase drafted.", "%(count)s purchases drafted.", len(made)) % {
        "count": len(made)
    }
    return go(request, url("office:stock_documents"), toast=said)


@require_POST
@requires("supply.view")
def count_again(request: HttpRequest) -> HttpResponse:
    """The list is counted again now."""
    with attempt() as tried:
        supply.count_low()
    back = url("office:low_stock")
    return (
        go(request, back, toast=_("Counted again.")) if tried else go(request, back, toast=tried.message, kind="error")
    )  # fmt: skip


@requires("supply.rules")
def rules(request: HttpRequest) -> HttpResponse:
    """How low stock is counted, how long goods are held, and how warehouses are chosen."""
    posted, tried, actor = request.POST, None, actor_of(request)
    shop, strategy = supply.rules_of_shop(), inventory.strategy_of_shop()
    if request.method == "POST":
        with attempt() as tried:
            _set_rules(request)
        if tried:
            return go(request, url("office:supply_rules"), toast=_("Saved."))
    said = refusal(tried)
    options = [(str(key), *texts) for key, texts in inventory.STRATEGIES.items()]
    return page(
        request, "office/warehouse/supply_rules.html", rules=shop, strategy=strategy, options=options, posted=posted,
        may_choose=actor.can("inventory.manage"), errors=said.fields, message=said.message, status=said.status,
    )  # fmt: skip


def _set_rules(request: HttpRequest) -> None:
    posted, actor = request.POST, actor_of(request)
    wrong, figures = dict[str, str](), dict[str, int]()
    for name in (*supply.LIMITS, "version"):
        text = posted.get(name, "").strip()
        if text.isascii() and text.isdecimal() and len(text) < 9:
            figures[name] = int(text)
        else:
            wrong[name] = _("Give a whole number.")
    if wrong:
        raise Invalid(fields=wrong)
    version = figures.pop("version")
    supply.set_rules(actor, supply.RulesDraft(**figures), version=version)
    wanted, seen = posted.get("strategy", ""), posted.get("strategy_version", "")
    if actor.can("inventory.manage") and wanted and wanted != inventory.strategy_of_shop().strategy:
        inventory.set_strategy(
            actor, wanted, version=int(seen) if seen.isdecimal() and len(seen) < 10 else -1
        )


@requires("supply.view")
def replenishment(request: HttpRequest) -> HttpResponse:
    """What the desk asks for, by product; or all requests, newest first."""
    states, actor, cursor = labels.request_states(), actor_of(request), cursor_of(request)
    state = choice(request, "state", [*states, "all"])
    after = UUID(cursor.id) if cursor else None
    if state:
        rows, following = supply.list_requests(
            actor, state="" if state == "all" else state, after=after, size=PAGE
        )
        return page(
            request, "office/warehouse/requests.html", rows=rows, states=states, state=state,
            customers=_names(row.customer_id for row in rows),
            numbers=documents.document_numbers(row.document_id for row in rows if row.document_id),
            next=Cursor("", str(following)).text() if following else "",
        )  # fmt: skip
    return _wanted_page(request, after)


def _wanted_page(request: HttpRequest, after: UUID | None, tried: Attempt | None = None) -> HttpResponse:
    actor, language, said = actor_of(request), reader().language, refusal(tried)
    wanted, following = supply.list_wanted(actor, after=after, size=PAGE)
    ids = [each.variant_id for each in wanted]
    asked = supply.requests_for(ids)
    places = [
        (str(each.id), each.name_in(language)) for each in inventory.list_warehouses() if each.is_active
    ]
    return page(
        request, "office/warehouse/wanted.html", rows=wanted, states=labels.request_states(), requests=asked,
        variants={each.id: each for each in Variant.objects.filter(id__in=ids)}, places=places, posted=request.POST,
        customers=_names(each.customer_id for rows in asked.values() for each in rows), may_buy=_may_buy(request),
        may_answer=actor.can("supply.buy"), errors=said.fields, message=said.message, status=said.status,
        next=Cursor("", str(following)).text() if following else "",
    )  # fmt: skip


@require_POST
@requires("supply.buy")
def answer(request: HttpRequest, variant_id: UUID) -> HttpResponse:
    """Order a product that was asked for, or decline it."""
    posted, made = request.POST, None
    with attempt() as tried:
        if posted.get("act") == "decline":
            supply.decline_requests(actor_of(request), variant_id=variant_id, reason=posted.get("reason", ""))
        else:
            made = _ordered(request, variant_id)
    if not tried:
        return _wanted_page(request, None, tried)
    if made is not None:
        return _to_documents(request, [made])
    return go(request, url("office:replenishment"), toast=_("Declined; whoever asked is told."))


def _ordered(request: HttpRequest, variant_id: UUID) -> documents.Document:
    units, place = request.POST.get("units", "").strip(), request.POST.get("place", "")
    wrong = {}
    if not (units.isascii() and units.isdecimal() and len(units) < 9 and int(units)):
        wrong["units"] = _("Give a whole number above zero.")
    if place not in {str(each.id) for each in inventory.list_warehouses() if each.is_active}:
        wrong["place"] = _("Choose a warehouse that is in use.")
    if wrong:
        raise Invalid(fields=wrong)
    return supply.order_requests(
        actor_of(request), variant_id=variant_id, warehouse_id=UUID(place), quantity=int(units)
    )


@requires("supply.view")
def notices(request: HttpRequest) -> HttpResponse:
    """Who waits for what, newest first."""
    states, cursor = labels.notice_states(), cursor_of(request)
    state = choice(request, "state", states)
    rows, following = supply.list_notices(
        actor_of(request), state=state, after=UUID(cursor.id) if cursor else None, size=PAGE
    )
    return page(
        request, "office/warehouse/notices.html", rows=rows, states=states, state=state, channels=labels.channels(),
        customers=_names(row.customer_id for row in rows), next=Cursor("", str(following)).text() if following else "",
    )  # fmt: skip


@requires()
def notice(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """One arrival notice: where it stands, and the way to end it."""
    actor, tried = actor_of(request), None
    found = supply.get_notice(actor, notice_id)
    if request.method == "POST":
        with attempt() as tried:
            supply.cancel_notice(actor, notice_id, reason=request.POST.get("reason", ""))
        if tried:
            return go(
                request, safe_next(request, url("office:arrival_notices")), toast=_("Taken off the list.")
            )
    said = refusal(tried)
    return page(
        request, "office/warehouse/notice.html", found=found, states=labels.notice_states(), channels=labels.channels(),
        customer=_names([found.customer_id]).get(found.customer_id), errors=said.fields, message=said.message, status=said.status,
        place=supply.place_in_queue(found) if found.state == supply.NoticeState.WAITING else 0,
        may_end=actor.can("supply.ask") and found.state in ("waiting", "told"),
    )  # fmt: skip


def _names(customer_ids: Iterable[UUID | None]) -> dict[UUID, str]:
    wanted = [each for each in customer_ids if each]
    return dict(Customer.objects.filter(id__in=wanted).values_list("id", "name"))
