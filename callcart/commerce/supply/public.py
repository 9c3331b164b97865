"""What other rooms may use of supply."""

from callcart.commerce.supply.holds import availability_for, expire, serve, units_kept, use_holds
from callcart.commerce.supply.low import NotLow, count_low, count_moved, order_low, order_requests
from callcart.commerce.supply.models import (
    HOLDER,
    ArrivalNotice,
    LowStock,
    NoticeChannel,
    NoticeState,
    ReplenishmentRequest,
    RequestState,
    SupplyRules,
)
from callcart.commerce.supply.notices import InStock, ask_notice, cancel_notice
from callcart.commerce.supply.queries import (
    LowPage,
    Wanted,
    get_notice,
    list_low,
    list_notices,
    list_requests,
    list_wanted,
    notices_of,
    place_in_queue,
    requests_for,
)
from callcart.commerce.supply.requests import ask_replenishment, decline_requests, withdraw_request
from callcart.commerce.supply.rules import LIMITS, RulesDraft, StaleRules, rules_of_shop, set_rules
from callcart.commerce.supply.states import NoticeEnded, RequestAnswered

__all__ = [
    "HOLDER", "LIMITS", "ArrivalNotice", "InStock", "LowPage", "LowStock", "NotLow", "NoticeChannel", "NoticeEnded", "NoticeState",
    "ReplenishmentRequest", "RequestAnswered", "RequestState", "RulesDraft", "StaleRules", "SupplyRules", "Wanted",
    "ask_notice", "ask_replenishment", "availability_for", "cancel_notice", "count_low", "count_moved", "decline_requests", "expire", "get_notice",
    "list_low", "list_notices", "list_requests", "list_wanted", "notices_of", "order_low", "order_requests", "place_in_queue",
    "requests_for", "rules_of_shop", "serve", "set_rules", "units_kept", "use_holds", "withdraw_request",
]  # fmt: skip
