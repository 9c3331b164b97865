"""Marks on views that the web's middleware reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


def non_atomic(view: View) -> View:
    """This view calls a provider: it runs outside of the request's transaction and opens its own."""
    view.callcart_non_atomic = True  # type: ignore[attr-defined]
    return view
