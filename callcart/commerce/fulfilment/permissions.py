"""What staff may do here beyond `shipping.pack`, which is the permission of picking, packing and handing over."""

from django.utils.translation import gettext_lazy as _

from callcart.core.permissions import Permission, declare

declare(
    "fulfilment",
    design=Permission(label=_("Edit waybill templates")),
)
