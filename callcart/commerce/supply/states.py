"""The lives of an arrival notice and of a replenishment request, as data."""

from __future__ import annotations

from collections.abc import Mapping

from callcart.commerce.supply.models import NoticeState, RequestState
from callcart.core.errors import Conflict

NOTICE: Mapping[NoticeState, frozenset[NoticeState]] = {
    NoticeState.WAITING: frozenset({NoticeState.TOLD, NoticeState.BOUGHT, NoticeState.CANCELLED}),
    NoticeState.TOLD: frozenset({NoticeState.BOUGHT, NoticeState.EXPIRED, NoticeState.CANCELLED}),
    NoticeState.BOUGHT: frozenset(),
    NoticeState.EXPIRED: frozenset(),
    NoticeState.CANCELLED: frozenset(),
}
REQUEST: Mapping[RequestState, frozenset[RequestState]] = {
    RequestState.ASKED: frozenset(
        {RequestState.ORDERED, RequestState.ARRIVED, RequestState.DECLINED, RequestState.WITHDRAWN}
    ),
    # A purchase that is cancelled or ends short gives back what it was to bring.
    RequestState.ORDERED: frozenset({RequestState.ARRIVED, RequestState.ASKED}),
    RequestState.ARRIVED: frozenset(),
    RequestState.DECLINED: frozenset(),
    RequestState.WITHDRAWN: frozenset(),
}
OPEN_NOTICES = (NoticeState.WAITING, NoticeState.TOLD)
OPEN_REQUESTS = (RequestState.ASKED, RequestState.ORDERED)


class NoticeEnded(Conflict):
    """This arrival notice has ended already."""

    code = "supply.notice_ended"


class RequestAnswered(Conflict):
    """This request was answered already."""

    code = "supply.request_answered"


def move_notice(state: str, following: NoticeState) -> NoticeState:
    """Raises NoticeEnded where a notice does not go from one state to the other."""
    if following not in NOTICE[NoticeState(state)]:
        raise NoticeEnded(state=state)
    return following


def move_request(state: str, following: RequestState) -> RequestState:
    """Raises RequestAnswered where a request does not go from one state to the other."""
    if following not in REQUEST[RequestState(state)]:
        raise RequestAnswered(state=state)
    return following
