"""What waits on whom: counts on top, one queue below, the oldest first."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from callcart.commerce.orders import public as orders
from callcart.web.http import actor_of, page, reading_here, requires
from callcart.web.office import words


@requires("orders.view")
def waiting(request: HttpRequest) -> HttpResponse:
    """Every open order stands in exactly one of these queues."""
    actor = reading_here(actor_of(request))
    counts = orders.count_waiting(actor)
    wanted = request.GET.get("queue", "")
    first = next((queue for queue, each in counts.items() if each.orders), orders.Queue.APPROVER)
    queue = orders.Queue(wanted) if wanted in set(orders.Queue) else first
    found = orders.list_waiting(actor, queue, cursor=request.GET.get("after", "")[:100])
    return page(
        request, "office/orders_desk/waiting.html", counts=counts, queue=queue, rows=found.rows, next=found.cursor,
        labels=orders.queue_labels(), words=words, total=sum(each.orders for each in counts.values()),
    )  # fmt: skip
