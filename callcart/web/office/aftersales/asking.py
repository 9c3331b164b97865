"""Taking in a return for a customer, from their order: what, how many, why. Says plainly what is not possible."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _

from callcart.commerce.aftersales import public as aftersales
from callcart.commerce.aftersales.public import REASONS, WISHES, AskableLine, AskDraft, AskLine, Kind
from callcart.commerce.catalog.public import Variant
from callcart.commerce.orders import public as orders
from callcart.core.ids import new_id, read_id
from callcart.web.http import actor_of, attempt, go, page, requires, units_typed
from callcart.web.jinja import url
from callcart.web.office.aftersales import words
from callcart.web.office.refusal import refusal
from callcart.web.reader import reader


@requires("aftersales.ask", "orders.view")
def new(request: HttpRequest, order_id: UUID) -> HttpResponse:
    actor, tried = actor_of(request), None
    detail = orders.order_detail(actor, order_id)
    lines = aftersales.askable(actor, order_id)
    kind = kind_of(request)
    draft = draft_of(request.POST, kind, lines)
    if request.method == "POST":
        with attempt() as tried:
            keys = aftersales.keep_pictures(request.FILES.getlist("pictures"))
            made = aftersales.ask(actor, order_id, draft, idempotency_key=request.POST.get("key", "")[:100])
            aftersales.add_pictures(actor, made.id, keys)
        if tried:
            return go(request, url("office:return", made.id), toast=_("Return taken in."))
    said = refusal(tried)
    return page(
        request, "office/aftersales/new.html", status=said.status, said=said, order=detail.order, kind=kind,
        rows=rows_of(lines, kind, draft, said.fields), kinds=[(str(each), words.kind(each)) for each in Kind],
        reasons=[(str(each), words.reason(each)) for each in REASONS[kind]],
        wishes=[(str(each), words.wish(each)) for each in WISHES[kind]], posted=request.POST,
        key=request.POST.get("key") or str(new_id()), may_pass=actor.can("aftersales.exception"),
        any_free=any(each.kinds[kind].most for each in lines),
    )  # fmt: skip


def kind_of(request: HttpRequest) -> Kind:
    """Which kind the form is for: of what is sent, else of the address."""
    given = request.POST.get("kind") or request.GET.get("kind", "")
    return Kind(given) if given in set(Kind) else Kind.RETURN


def draft_of(posted: QueryDict, kind: Kind, lines: list[AskableLine]) -> AskDraft:
    """What the form says; a number that is none is none above what is allowed, so that it is refused at its field."""
    wanted = tuple(
        AskLine(each.line.id, count, read_id(posted.get(f"swap-{each.line.id}", "")))
        for each in lines
        if (count := units_typed(posted.get(f"units-{each.line.id}", "")))
    )
    return AskDraft(
        kind=kind, reason=posted.get("reason", ""), lines=wanted, wish=posted.get("wish", ""),
        text=posted.get("text", ""), against_rules=posted.get("pass") == "1",
    )  # fmt: skip


def rows_of(
    lines: list[AskableLine], kind: Kind, draft: AskDraft, errors: dict[str, str]
) -> list[dict[str, object]]:
    """The lines as the form shows them, each with its error and, for an exchange, what may be had instead."""
    wanted = {each.line_id: (index, each) for index, each in enumerate(draft.lines)}
    found = []
    for each in lines:
        index, asked = wanted.get(each.line.id, (-1, None))
        found.append(
            {
                "line": each.line,
                "possible": each.kinds[kind],
                "units": asked.quantity if asked else "",
                "swap": str(asked.exchange_variant_id or "") if asked else "",
                "swaps": sisters(each.line.variant_id) if kind is Kind.EXCHANGE else [],
                "error": errors.get(f"lines.{index}.quantity") or errors.get(f"lines.{index}.exchange", ""),
            }
        )
    return found


def sisters(variant_id: UUID) -> list[tuple[str, str]]:
    """What may be had instead: the same, or another variant of its product on sale."""
    rows = (
        Variant.objects.filter(product__variants=variant_id, on_sale=True)
        .exclude(id=variant_id)
        .order_by("position")
    )
    return [("", _("The same again")), *((str(row.id), row.name_in(reader().language)) for row in rows[:50])]
