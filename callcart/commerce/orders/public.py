"""What other rooms may use of orders."""

from callcart.commerce.orders.address import (
    DraftAddress,
)
from callcart.commerce.orders.attach import (
    attach_guest_orders,
)
from callcart.commerce.orders.axes import (
    Axes,
    axes_of,
)
from callcart.commerce.orders.cart import (
    CartLineView,
    CartView,
    accept_prices,
    add_to_cart,
    cart_units,
    new_cart_token,
    place_cart,
    set_cart_quantity,
    view_cart,
)
from callcart.commerce.orders.detail import (
    LineDetail,
    OrderDetail,
    order_by_number,
    order_detail,
    plain_number,
    standing,
    track_order,
)
from callcart.commerce.orders.dispatches import (
    BeingPacked,
    Carriage,
)
from callcart.commerce.orders.drafts import (
    DEFAULT_INSTALMENTS,
    DraftLine,
    OrderDraft,
    PricedDraft,
    PricedLine,
    price_draft,
)
from callcart.commerce.orders.edit import (
    Action,
    AddLine,
    ChangedLine,
    ChangePreview,
    RemoveLine,
    SetAddress,
    SetDelivery,
    SetNote,
    SetQuantity,
    address_of,
    confirm_change,
    preview_change,
)
from callcart.commerce.orders.export import (
    export_rows,
    harmless,
    write_csv,
    write_xlsx,
)
from callcart.commerce.orders.follow import (
    GOOD_FOR_SECONDS,
    follow_proof,
    following,
    proven_orders,
)
from callcart.commerce.orders.history import (
    HistoryRow,
)
from callcart.commerce.orders.hold import hold_order, unhold_order
from callcart.commerce.orders.labels import (
    channel_label,
    fulfilment_label,
    payment_label,
    payment_method_label,
    state_label,
)
from callcart.commerce.orders.life import (
    AlreadySent,
    Doubtful,
    cancel_order,
    confirm_order,
)
from callcart.commerce.orders.models import (
    Channel,
    Line,
    Order,
    SavedView,
)
from callcart.commerce.orders.paid import (
    NotPaid,
)
from callcart.commerce.orders.place import (
    PriceChanged,
    place_order,
)
from callcart.commerce.orders.queries import (
    MANY,
    OrderFilters,
    OrderPage,
    OrderRow,
    Sales,
    agents_of_orders,
    count_orders,
    last_order_of,
    list_orders,
    orders_of_conversation,
    orders_of_customer,
    sales_today,
    total_of,
)
from callcart.commerce.orders.repeat import (
    Repeat,
    repeat_draft,
)
from callcart.commerce.orders.scope import (
    Reach,
    StaleOrder,
    reach,
    visible,
)
from callcart.commerce.orders.send import (
    SeveralDispatches,
    hand_over,
    ship_order,
)
from callcart.commerce.orders.states import (
    Fulfilment,
    MoneyFacts,
    OrderState,
    ParcelFact,
    PaymentAxis,
    WrongState,
    derive_fulfilment,
    derive_payment,
)
from callcart.commerce.orders.views import (
    delete_view,
    list_views,
    save_view,
    view_filters,
)

__all__ = [
    "DEFAULT_INSTALMENTS",
    "GOOD_FOR_SECONDS",
    "MANY",
    "Action",
    "AddLine",
    "AlreadySent",
    "Axes",
    "BeingPacked",
    "Carriage",
    "CartLineView",
    "CartView",
    "ChangePreview",
    "ChangedLine",
    "Channel",
    "Doubtful",
    "DraftAddress",
    "DraftLine",
    "Fulfilment",
    "HistoryRow",
    "Line",
    "LineDetail",
    "MoneyFacts",
    "NotPaid",
    "Order",
    "OrderDetail",
    "OrderDraft",
    "OrderFilters",
    "OrderPage",
    "OrderRow",
    "OrderState",
    "ParcelFact",
    "PaymentAxis",
    "PriceChanged",
    "PricedDraft",
    "PricedLine",
    "Reach",
    "RemoveLine",
    "Repeat",
    "Sales",
    "SavedView",
    "SetAddress",
    "SetDelivery",
    "SetNote",
    "SetQuantity",
    "SeveralDispatches",
    "StaleOrder",
    "WrongState",
    "accept_prices",
    "add_to_cart",
    "address_of",
    "agents_of_orders",
    "attach_guest_orders",
    "axes_of",
    "cancel_order",
    "cart_units",
    "channel_label",
    "confirm_change",
    "confirm_order",
    "count_orders",
    "delete_view",
    "derive_fulfilment",
    "derive_payment",
    "export_rows",
    "follow_proof",
    "following",
    "fulfilment_label",
    "hand_over",
    "harmless",
    "hold_order",
    "last_order_of",
    "list_orders",
    "list_views",
    "new_cart_token",
    "order_by_number",
    "order_detail",
    "orders_of_conversation",
    "orders_of_customer",
    "payment_label",
    "payment_method_label",
    "place_cart",
    "place_order",
    "plain_number",
    "preview_change",
    "price_draft",
    "proven_orders",
    "reach",
    "repeat_draft",
    "sales_today",
    "save_view",
    "set_cart_quantity",
    "ship_order",
    "standing",
    "state_label",
    "total_of",
    "track_order",
    "unhold_order",
    "view_cart",
    "view_filters",
    "visible",
    "write_csv",
    "write_xlsx",
]
