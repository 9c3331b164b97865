"""Who may open the desk. What can be done there is each domain's own permission."""

from django.utils.translation import gettext_lazy as _

from callcart.core.permissions import Permission, declare

declare("desk", use=Permission(label=_("Use the agent desk")))
