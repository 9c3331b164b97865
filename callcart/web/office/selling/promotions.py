"""Promotions in the office: the list, one with its coupons and uses, its form, its codes as a file."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import UUID

from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from callcart.commerce.catalog.public import Variant, list_categories
from callcart.commerce.orders.public import Channel, channel_label, harmless
from callcart.commerce.pricing import public as pricing
from callcart.commerce.pricing.public import (
    Coupon,
    CouponBatch,
    Promotion,
    PromotionKind,
    PromotionState,
    PromotionUse,
)
from callcart.core.errors import NotFound
from callcart.core.fields import Fields
from callcart.core.ids import read_id
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office.listing import PAGE, Chip, Cursor, choice, cursor_of
from callcart.web.office.refusal import refusal
from callcart.web.office.selling import typed, words
from callcart.web.reader import reader

USES_SHOWN = 50


@requires("pricing.view")
def promotions(request: HttpRequest) -> HttpResponse:
    """All promotions, the newest first, by state and kind; how often each was used."""
    states, kinds = words.states(), words.kinds()
    rows, chips = Promotion.objects.order_by("-id"), list[Chip]()
    if state := choice(request, "state", states):
        rows = rows.filter(state=state)
        chips.append(Chip("state", _("State"), states[state]))
    if kind := choice(request, "kind", kinds):
        rows = rows.filter(kind=kind)
        chips.append(Chip("kind", _("Kind"), kinds[kind]))
    if after := cursor_of(request):
        rows = rows.filter(id__lt=after.id)
    found = list(rows[: PAGE + 1])
    more, found = len(found) > PAGE, found[:PAGE]
    used = PromotionUse.objects.filter(promotion__in=found, state="used").values("promotion_id")
    counts = dict(used.annotate(uses=Count("id")).values_list("promotion_id", "uses"))
    return page(
        request, "office/selling/promotions.html", promotions=found, chips=chips, states=states, kinds=kinds,
        used=counts, words=words, next=Cursor("", str(found[-1].id)).text() if more else "",
    )  # fmt: skip


@requires("pricing.view")
def promotion(request: HttpRequest, promotion_id: UUID) -> HttpResponse:
    return _promotion_page(request, _get(promotion_id))


def _promotion_page(
    request: HttpRequest, found: Promotion, tried: Attempt | None = None, *, dialog: str = ""
) -> HttpResponse:
    """One promotion: what it gives and to whom, its codes, and the orders that used it."""
    uses = PromotionUse.objects.filter(promotion=found).order_by("-id")
    if after := cursor_of(request):
        uses = uses.filter(id__lt=after.id)
    shown = list(uses.select_related("coupon")[: USES_SHOWN + 1])
    more, shown = len(shown) > USES_SHOWN, shown[:USES_SHOWN]
    sums = PromotionUse.objects.filter(promotion=found, state="used").aggregate(
        n=Count("id"), off=Sum("amount_minor")
    )
    batches = CouponBatch.objects.filter(promotion=found).order_by("-id")
    singles = Coupon.objects.filter(promotion=found, batch=None).order_by("-id")
    refused = refusal(tried)
    return page(
        request, "office/selling/promotion.html", promotion=found, words=words, states=words.states(),
        uses=shown, used=sums["n"], off=sums["off"] or 0, codes=list(singles[:200]),
        batches=list(batches.annotate(redeemed=Sum("coupons__used_count"))[:100]),
        next=Cursor("", str(shown[-1].id)).text() if more else "", posted=request.POST, dialog=dialog,
        errors=refused.fields, message="" if refused.fields else refused.message, status=refused.status,
        following=sorted(_following(found)),
    )  # fmt: skip


def _following(found: Promotion) -> set[str]:
    from callcart.commerce.pricing.states import TRANSITIONS

    return {str(each) for each in TRANSITIONS[PromotionState(found.state)]}


@requires("pricing.manage")
def edit(request: HttpRequest, promotion_id: UUID | None = None) -> HttpResponse:
    """A new promotion, or other terms for one. Orders keep the terms they were placed with."""
    found, tried, actor = _get(promotion_id) if promotion_id else None, None, actor_of(request)
    if request.method == "POST":
        form = Fields()
        with attempt() as tried:
            draft = read_draft(request, form)
            with form.part():
                if found is None:
                    found_now = pricing.create_promotion(actor, draft)
                else:
                    version = typed.whole(Fields(), request.POST, "version") or 0
                    found_now = pricing.update_promotion(actor, found.id, draft, version=version)
            form.done()
        if tried:
            return go(request, url("office:promotion", found_now.id), toast=_("Saved."))
    refused = refusal(tried)
    return page(
        request, "office/selling/promotion_edit.html", promotion=found, values=_values(request, found),
        kinds=words.kinds(), errors=refused.fields, message=refused.message, status=refused.status,
        currency=typed.currency_of(request), groups=typed.groups(),
        categories=[(str(each.id), each.name_in(reader().language)) for each in list_categories()],
        channels=[(str(each), channel_label(each)) for each in Channel],
    )  # fmt: skip


def read_draft(request: HttpRequest, form: Fields) -> pricing.PromotionDraft:
    """The terms typed; only the fields of the kind chosen count."""
    posted = request.POST
    kind = posted.get("kind", "")
    has_percent = kind in {PromotionKind.PERCENT, PromotionKind.BUY_GET}
    has_amount = kind in {PromotionKind.AMOUNT, PromotionKind.BUNDLE, PromotionKind.FREE_DELIVERY}
    buys = kind == PromotionKind.BUY_GET
    return pricing.PromotionDraft(
        name=posted.get("name", ""),
        name_zh=posted.get("name_zh", ""),
        kind=kind,
        percent_bp=typed.scaled(form, posted, "percent", places=2) if has_percent else 0,
        amount_minor=typed.amount(form, request, "amount") if has_amount else 0,
        buy_quantity=(typed.whole(form, posted, "buy_quantity") or 0) if buys else 0,
        get_quantity=(typed.whole(form, posted, "get_quantity") or 0) if buys else 0,
        bundle=typed.bundle(form, posted, "bundle") if kind == PromotionKind.BUNDLE else (),
        category_ids=tuple(found for each in posted.getlist("category") if (found := read_id(each))),
        product_ids=typed.products(form, posted, "products"),
        min_goods_minor=typed.amount(form, request, "min_goods"),
        groups=tuple(each for each in posted.getlist("group") if each in dict(typed.groups())),
        campaigns=typed.codes(posted.get("campaigns", "")),
        channels=tuple(each for each in posted.getlist("channel") if each in set(Channel)),
        first_order="first_order" in posted,
        needs_coupon="needs_coupon" in posted,
        starts_at=typed.moment(form, posted, "starts_at"),
        ends_at=typed.moment(form, posted, "ends_at"),
        priority=typed.whole(form, posted, "priority") or 0,
        exclusive="exclusive" in posted,
        limit_total=typed.whole(form, posted, "limit_total"),
        limit_per_customer=typed.whole(form, posted, "limit_per_customer"),
    )


def _values(request: HttpRequest, found: Promotion | None) -> dict[str, Any]:
    """What stands in the fields: what was typed, else the promotion as it is."""
    posted = request.POST
    if posted:
        many = {name: set(posted.getlist(name)) for name in ("category", "group", "channel")}
        return {**posted.dict(), **many}
    if found is None:
        return {
            "kind": PromotionKind.PERCENT,
            "category": set(),
            "group": set(),
            "channel": set(),
            "priority": "0",
        }
    skus = Variant.objects.filter(product_id__in=found.product_ids).order_by("product_id", "position", "sku")
    its = dict(
        Variant.objects.filter(id__in=[each["variant_id"] for each in found.bundle]).values_list("id", "sku")
    )
    return {
        "name": found.name,
        "name_zh": found.name_zh,
        "kind": found.kind,
        "percent": typed.shown_percent(found.percent_bp),
        "amount": typed.shown_amount(found.amount_minor, found.currency),
        "buy_quantity": found.buy_quantity or "",
        "get_quantity": found.get_quantity or "",
        "bundle": "\n".join(
            f"{its.get(UUID(each['variant_id']), '')} {each['quantity']}" for each in found.bundle
        ),
        "category": {str(each) for each in found.category_ids},
        "products": "\n".join({row.product_id: row.sku for row in reversed(skus)}.values()),
        "min_goods": typed.shown_amount(found.min_goods_minor, found.currency),
        "group": set(found.groups),
        "campaigns": ", ".join(found.campaigns),
        "channel": set(found.channels),
        **{name: True for name in ("first_order", "needs_coupon", "exclusive") if getattr(found, name)},
        "starts_at": typed.local(found.starts_at),
        "ends_at": typed.local(found.ends_at),
        "priority": found.priority,
        "limit_total": found.limit_total or "",
        "limit_per_customer": found.limit_per_customer or "",
    }


@require_POST
@requires("pricing.manage")
def set_state(request: HttpRequest, promotion_id: UUID) -> HttpResponse:
    """Start, pause or end it."""
    found = _get(promotion_id)
    wanted = request.POST.get("state", "")
    if wanted not in set(PromotionState):
        raise NotFound
    version = typed.whole(Fields(), request.POST, "version") or 0
    with attempt() as tried:
        pricing.set_promotion_state(actor_of(request), found.id, PromotionState(wanted), version=version)
    if not tried:
        return _promotion_page(request, _get(promotion_id), tried)
    said = {
        PromotionState.ACTIVE: _("The promotion runs now."),
        PromotionState.PAUSED: _("The promotion is paused."),
        PromotionState.ENDED: _("The promotion has ended."),
    }
    return go(request, url("office:promotion", found.id), toast=said.get(PromotionState(wanted), _("Saved.")))


@require_POST
@requires("pricing.coupons")
def add_code(request: HttpRequest, promotion_id: UUID) -> HttpResponse:
    """A code of the shop's own choosing."""
    found, form = _get(promotion_id), Fields()
    with attempt() as tried:
        uses = typed.whole(form, request.POST, "uses_allowed")
        with form.part():
            pricing.add_code(actor_of(request), found.id, request.POST.get("code", ""), uses_allowed=uses)
        form.done()
    if not tried:
        return _promotion_page(request, found, tried, dialog="code")
    return go(request, url("office:promotion", found.id), toast=_("Code added."))


@require_POST
@requires("pricing.coupons")
def make_batch(request: HttpRequest, promotion_id: UUID) -> HttpResponse:
    """Many codes, drawn by lot."""
    found, form = _get(promotion_id), Fields()
    with attempt() as tried:
        size = typed.whole(form, request.POST, "size") or 0
        uses = typed.whole(form, request.POST, "uses_each")
        with form.part():
            batch = pricing.make_batch(
                actor_of(request),
                found.id,
                size=size,
                prefix=request.POST.get("prefix", ""),
                uses_each=uses or 1,
            )
        form.done()
    if not tried:
        return _promotion_page(request, found, tried, dialog="batch")
    said = ngettext("%(count)d code made.", "%(count)d codes made.", batch.size) % {"count": batch.size}
    return go(request, url("office:promotion", found.id), toast=said)


@require_POST
@requires("pricing.coupons")
def switch_code(request: HttpRequest, coupon_id: UUID) -> HttpResponse:
    coupon = pricing.switch_code(actor_of(request), coupon_id, on=request.POST.get("on") == "1")
    said = _("The code counts again.") if coupon.is_active else _("The code counts no more.")
    return go(request, url("office:promotion", coupon.promotion_id), toast=said)


@requires("pricing.coupons")
def download(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """A batch's codes as CSV."""
    batch, found = pricing.codes_of_batch(actor_of(request), batch_id)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([_("Coupon code"), _("Uses allowed"), _("Used")])
    for coupon in found:
        writer.writerow([harmless(coupon.code), coupon.uses_allowed, coupon.used_count])
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="coupons-{batch.prefix or "codes"}.csv"'
    return response


def _get(promotion_id: UUID) -> Promotion:
    found = Promotion.objects.filter(id=promotion_id).first()
    if found is None:
        raise NotFound
    return found
