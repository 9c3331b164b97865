"""What staff may do with prices, promotions and tax. A discount given on one order is the orders domain's."""

from django.utils.translation import gettext_lazy as _

from callcart.core.permissions import Permission, declare

declare(
    "pricing",
    view=Permission(label=_("See price lists, promotions and tax")),
    manage=Permission(label=_("Change price lists and promotions")),
    coupons=Permission(label=_("Make coupon codes and download them")),
    tax=Permission(label=_("Change tax classes and rates")),
)
