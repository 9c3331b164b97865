"""`callcart recordings`: the keys that recordings are sealed with. Each command may be run again: what is done already is left."""

from __future__ import annotations

import os
from collections import Counter

import click

from callcart.processes.postgres import server


@click.group()
def recordings() -> None:
    """Keys of the recordings: see, turn, seal again."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callcart.settings")
    import django

    django.setup()


@recordings.command()
def keys() -> None:
    """Show the keys on this machine by fingerprint, what they are needed for, and which are missing."""
    from callcart.core import keyring

    with server.running():
        needed = _needed()
    here = [key.fingerprint for key in keyring.ring()]
    for at, fingerprint in enumerate(here):
        click.echo(
            f"{fingerprint}  {'in use' if at == 0 else 'kept'}, for {needed.pop(fingerprint, 0)} data keys"
        )
    for fingerprint, count in sorted(needed.items()):
        click.echo(
            f"{fingerprint}  MISSING, needed for {count} data keys: put its file back into the folder secrets"
        )
    if needed:
        raise SystemExit(1)


@recordings.command("turn-key")
@click.option(
    "--again", is_flag=True, help="Make no new key: only go on where an earlier turn was broken off."
)
def turn_key(*, again: bool) -> None:
    """Put a new key in the place of the one in use, and wrap the data keys of all shops with it."""
    from callcart.contact.recordings.public import wrap_again
    from callcart.core import keyring
    from callcart.core.tenancy import tenant_transaction

    with server.running():
        now = keyring.current() if again else keyring.turn()[1]
        count = 0
        for tenant_id in _shops():
            with tenant_transaction(tenant_id):
                count += wrap_again()
        left = sum(number for key, number in _needed().items() if key != now.fingerprint)
    click.echo(f"{now.fingerprint} is in use; {count} data keys were wrapped with it.")
    if left:
        raise click.ClickException(
            f"{left} data keys are wrapped by keys that are missing; see: callcart recordings keys"
        )
    click.echo(
        "The keys before it are needed for backups made until now: keep their files where backups are kept."
    )


@recordings.command()
@click.argument("slug", default="")
def reseal(slug: str) -> None:
    """Give the shop SLUG, or every shop, a new data key; the worker seals all its recordings again with it."""
    from callcart.contact.recordings.jobs import seal_rest
    from callcart.contact.recordings.public import replace_key
    from callcart.core import jobs
    from callcart.core.tenancy import tenant_transaction

    with server.running():
        shops = _shops(slug)
        for tenant_id in shops:
            with tenant_transaction(tenant_id):
                replace_key()
                jobs.defer(seal_rest)
    if not shops:
        raise click.ClickException(f"there is no shop {slug}; see: callcart tenant list")
    click.echo(
        f"New data keys for {len(shops)} shops. The worker seals what there is; files from before go a day later."
    )


def _needed() -> Counter[str]:
    """Data keys by the fingerprint of what wraps them, of all shops."""
    import psycopg

    from callcart.core.database import parameters

    with psycopg.connect(**parameters("system"), autocommit=True) as connection:
        rows = connection.execute("SELECT wrapped_by, count(*) FROM recordings_datakey GROUP BY 1").fetchall()
    return Counter({str(row[0]): int(row[1]) for row in rows})


def _shops(slug: str = "") -> list[int]:
    import psycopg

    from callcart.core.database import parameters

    with psycopg.connect(**parameters("system"), autocommit=True) as connection:
        rows = connection.execute(
            "SELECT id FROM tenants_tenant WHERE slug = %s OR %s = '' ORDER BY id", [slug, slug]
        ).fetchall()
    return [int(row[0]) for row in rows]
