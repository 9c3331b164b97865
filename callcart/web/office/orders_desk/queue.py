"""The approval queue: what waits for an approver with its doubts and what is proposed, decided one by one or many at once."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from callcart.commerce.orders import public as orders
from callcart.core.actor import Actor
from callcart.web.http import actor_of, attempt, go, page, reading_here, requires
from callcart.web.jinja import url
from callcart.web.office import words
from callcart.web.office.order import whole

Chosen = list[tuple[UUID, int]]


@requires("orders.approve")
def queue(request: HttpRequest) -> HttpResponse:
    """The queue, the longest waiting first."""
    actor = reading_here(actor_of(request))
    only = request.GET.get("only", "")
    found = orders.list_to_approve(actor, only=only, cursor=request.GET.get("after", "")[:100])
    counts = orders.count_waiting(actor)
    return page(
        request, "office/orders_desk/queue.html", rows=found.rows, next=found.cursor, words=words, only=only,
        waiting=counts[orders.Queue.APPROVER],
    )  # fmt: skip


@require_POST
@requires("orders.view")
def decide(request: HttpRequest) -> HttpResponse:
    """Do one thing to all that are ticked, and say for each what became of it."""
    actor, chosen = actor_of(request), chosen_of(request)
    act, reason = request.POST.get("act", ""), request.POST.get("reason", "")
    back = back_of(request)
    verb = _verbs(actor, reason, request).get(act)
    if verb is None or not chosen:
        return go(request, back, toast=_("Tick the orders first."), kind="danger")
    with attempt() as tried:
        outcomes = verb(chosen)
    if not tried:
        said = next(iter(tried.fields.values()), tried.message)
        return go(request, back, toast=said, kind="danger")
    failed = [each for each in outcomes if not each.done]
    done = len(outcomes) - len(failed)
    if not failed:
        return go(
            request, back, toast=ngettext("%(num)d order done.", "%(num)d orders done.", done) % {"num": done}
        )
    return page(
        request,
        "office/orders_desk/outcomes.html",
        outcomes=outcomes,
        failed=len(failed),
        done=done,
        back=back,
    )


def _verbs(
    actor: Actor, reason: str, request: HttpRequest
) -> dict[str, Callable[[Chosen], list[orders.Outcome]]]:
    tags = [each for each in request.POST.get("tags", "").replace("，", ",").split(",") if each.strip()]
    return {
        "approve": lambda chosen: orders.approve_many(actor, chosen),
        "hold": lambda chosen: orders.hold_many(actor, chosen, reason=reason),
        "unhold": lambda chosen: orders.unhold_many(actor, chosen),
        "reject": lambda chosen: orders.reject_many(actor, chosen, reason=reason),
        "cancel": lambda chosen: orders.cancel_many(actor, chosen, reason=reason),
        "tag": lambda chosen: orders.tag_many(actor, chosen, add=tags),
        "untag": lambda chosen: orders.tag_many(actor, chosen, remove=tags),
    }


def chosen_of(request: HttpRequest) -> Chosen:
    """The ticked orders and the versions that were seen; what cannot be read is left out."""
    found: Chosen = []
    for value in request.POST.getlist("order")[:1000]:
        order_id, _sep, version = value.partition(":")
        try:
            found.append((UUID(order_id), whole(version)))
        except ValueError:
            continue
    return found


def back_of(request: HttpRequest) -> str:
    """The list that the form stood on."""
    given = request.POST.get("back", "")
    lists = (url("office:orders_queue"), url("office:orders"), url("office:orders_waiting"))
    return given if given.split("?")[0] in lists else lists[0]
