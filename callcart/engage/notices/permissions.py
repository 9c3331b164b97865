"""What staff may do with messages to customers."""

from django.utils.translation import gettext_lazy as _

from callcart.core.permissions import Permission, declare

declare(
    "notices",
    view=Permission(label=_("See messages sent to customers")),
    manage=Permission(label=_("Change what customers are told, and send again")),
)
