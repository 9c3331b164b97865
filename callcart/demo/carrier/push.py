"""Pushing parcels along from outside of the company's process: its own signed interface."""

from __future__ import annotations

from typing import Any

from callcart.integrations.carriers.demo import DemoCarrier


def push(*, tracking: str = "", steps: int = 1, fate: str = "") -> dict[str, Any]:
    """How many parcels it concerned and how many scans were made. Raises CarrierUnreachable, CarrierRefused."""
    return DemoCarrier({}).post("/api/push", {"tracking": tracking, "steps": steps, "fate": fate})
