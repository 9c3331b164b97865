"""Who may show a customer more than that customer's own orders."""

from django.utils.translation import gettext_lazy as _

from callcart.core.permissions import Permission, declare

declare("cards", others=Permission(label=_("Show a customer in a chat the order of somebody else")))
