"""What staff may do about goods that are short. Customers hold their own arrival notices without any of these."""

from django.utils.translation import gettext_lazy as _

from callcart.core.permissions import Permission, declare

declare(
    "supply",
    view=Permission(label=_("See low stock, replenishment requests and arrival notices")),
    ask=Permission(label=_("Ask for replenishment, and for arrival notices for customers")),
    buy=Permission(label=_("Order goods and answer replenishment requests")),
    rules=Permission(label=_("Set how low stock is counted and how long goods are held")),
)
