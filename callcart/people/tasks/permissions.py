"""What staff may do with tasks. A task may ask for a permission of its own domain besides."""

from django.utils.translation import gettext_lazy as _

from callcart.core.permissions import Permission, declare

declare(
    "tasks",
    work=Permission(label=_("Work on tasks")),
    manage=Permission(label=_("Take tasks from others and drop them")),
)
