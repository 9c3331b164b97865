"""The command `callcart demo`: the demo shops. The caller and the payment gateway join it as they are built."""

from __future__ import annotations

import click


@click.group()
def demo() -> None:
    """The demo shops."""


@demo.command()
def seed() -> None:
    """Make what is missing of the demo shops. Safe to repeat."""
    import django

    django.setup()
    from callcart.demo.seed import seed as make

    make()
