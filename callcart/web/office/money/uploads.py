"""Files of banks and carriers on their way in: kept by content between the page that shows how they are read and the one that takes
them in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from django.http import HttpRequest
from django.utils.translation import gettext as _

from callcart.commerce.payments.finance import Layout
from callcart.commerce.payments.sheets import MOST_BYTES
from callcart.core import files
from callcart.core.errors import Invalid, NotFound
from callcart.core.exchange.public import Column

KIND = "moneyfile"


def keep(request: HttpRequest, name: str = "file") -> tuple[str, str]:
    """The key and the name of the file that was sent. Raises Invalid."""
    sent = request.FILES.get(name)
    if sent is None or not sent.size:
        raise Invalid(fields={name: _("Choose a file.")})
    data = sent.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise Invalid(fields={name: _("This file is too large; divide it.")})
    return files.put(data, kind=KIND), (sent.name or "")[:200]


def kept(key: str) -> Path:
    """Where a kept file lies; NotFound for a key of anything else."""
    if not key.startswith(f"{KIND}/"):
        raise NotFound
    return files.path(key)


def layout_of(request: HttpRequest, columns: Sequence[Column]) -> Layout:
    """The layout that the form chose."""
    posted = request.POST
    order, decimal = posted.get("date_order", ""), posted.get("decimal", "")
    return Layout(
        {column.key: posted.get(f"col_{column.key}", "")[:300] for column in columns},
        order if order in ("dmy", "mdy") else "",
        decimal if decimal in (".", ",") else "",
    )
