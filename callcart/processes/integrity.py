"""`callcart integrity`: counts stock and money again, says what is off, and ends with 1 where anything is."""

from __future__ import annotations

import click

from callcart.processes.postgres import server

MOST_SHOWN = 200


@click.command("integrity")
def integrity() -> None:
    """Count stock and money again; ends with 1 where something does not add up."""
    import django

    django.setup()
    from callcart.core.integrity import find_all

    off = 0
    with server.running():
        for mismatch in find_all():
            off += 1
            if off <= MOST_SHOWN:
                click.echo(str(mismatch))
    if off > MOST_SHOWN:
        click.echo(f"… and {off - MOST_SHOWN} more")
    click.echo("Everything adds up." if not off else f"{off} do not add up.")
    raise SystemExit(1 if off else 0)
