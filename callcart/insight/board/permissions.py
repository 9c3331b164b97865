"""Who may watch the floor."""

from django.utils.translation import gettext_lazy as _

from callcart.core.permissions import Permission, declare

declare("board", view=Permission(label=_("See the live board"), scopes=("team", "all")))
