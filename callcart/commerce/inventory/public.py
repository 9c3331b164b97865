"""What other rooms may use of stock."""

from callcart.commerce.inventory.allocation_tables import AllocationRules, Strategy
from callcart.commerce.inventory.change import (
    CodeTaken,
    WarehouseDraft,
    adjust,
    create_warehouse,
    receive,
    set_backorderable,
    update_warehouse,
)
from callcart.commerce.inventory.choosing import (
    STRATEGIES,
    StaleStrategy,
    set_strategy,
    strategy_of_shop,
    why_here,
)
from callcart.commerce.inventory.conditions import NotThatMany, change_condition, put, write_off
from callcart.commerce.inventory.freight import Freight
from callcart.commerce.inventory.hand_on import HandOn, Placed, hand_on, rehold
from callcart.commerce.inventory.locks import Busy, retrying
from callcart.commerce.inventory.models import (
    Condition,
    Movement,
    MovementKind,
    Reservation,
    ReservationState,
    Stock,
    Warehouse,
)
from callcart.commerce.inventory.moves import within_scope
from callcart.commerce.inventory.promised import BelowAllocated
from callcart.commerce.inventory.queries import (
    MovementList,
    StockList,
    WarehouseStock,
    availability,
    can_buy,
    list_movements,
    list_stock,
    list_warehouses,
    recount,
    reservations_of,
    units_held,
)
from callcart.commerce.inventory.reserve import (
    Held,
    InsufficientStock,
    describe_shortage,
    held_for,
    held_for_each,
    promisable,
    rearrange,
    release,
    reserve,
    ship,
)
from callcart.commerce.inventory.sets import SEVERAL, SetHasNoStock
from callcart.commerce.inventory.shelf import set_shelf
from callcart.commerce.inventory.split import Demand, Shortage
from callcart.commerce.inventory.worth import unit_costs

__all__ = [
    "SEVERAL",
    "STRATEGIES",
    "AllocationRules",
    "BelowAllocated",
    "Busy",
    "CodeTaken",
    "Condition",
    "Demand",
    "Freight",
    "HandOn",
    "Held",
    "InsufficientStock",
    "Movement",
    "MovementKind",
    "MovementList",
    "NotThatMany",
    "Placed",
    "Reservation",
    "ReservationState",
    "SetHasNoStock",
    "Shortage",
    "StaleStrategy",
    "Stock",
    "StockList",
    "Strategy",
    "Warehouse",
    "WarehouseDraft",
    "WarehouseStock",
    "adjust",
    "availability",
    "can_buy",
    "change_condition",
    "create_warehouse",
    "describe_shortage",
    "hand_on",
    "held_for",
    "held_for_each",
    "list_movements",
    "list_stock",
    "list_warehouses",
    "promisable",
    "put",
    "rearrange",
    "receive",
    "recount",
    "rehold",
    "release",
    "reservations_of",
    "reserve",
    "retrying",
    "set_backorderable",
    "set_shelf",
    "set_strategy",
    "ship",
    "strategy_of_shop",
    "unit_costs",
    "units_held",
    "update_warehouse",
    "why_here",
    "within_scope",
    "write_off",
]
