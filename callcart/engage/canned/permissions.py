"""Who may edit canned replies; who may write to customers may use them."""

from django.utils.translation import gettext_lazy as _

from callcart.core.permissions import Permission, declare

declare("canned", edit=Permission(label=_("Edit canned replies")))
