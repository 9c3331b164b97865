"""`callcart backup` and `callcart restore`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from callcart.config import config
from callcart.core import keyring
from callcart.processes.postgres import server


@click.command()
@click.argument("slug")
@click.argument("target", type=click.Path(path_type=Path))
@click.option(
    "--replica", default="", help="Read from this replica (a libpq address) instead of the primary."
)
@click.option("--quiet", is_flag=True, help="Say nothing but the end.")
def backup(slug: str, target: Path, replica: str, *, quiet: bool) -> None:
    """Write everything of the shop SLUG, its files and recordings too, to the file TARGET."""
    import django

    django.setup()
    from callcart.core.database import parameters
    from callcart.processes.backup.write import NoSuchShop, write_backup

    with server.running():
        where: dict[str, Any] = {"conninfo": replica} if replica else parameters("system")
        try:
            done = write_backup(slug, target, where, say=_sayer(quiet))
        except NoSuchShop:
            raise click.ClickException(f"there is no shop {slug}; see: callcart tenant list") from None
        except OSError as error:
            raise click.ClickException(f"{target} cannot be written: {error}") from None
    click.echo(f"{done.path}: {done.rows:,} rows, {done.files:,} files, {done.size:,} bytes")
    if done.keys:
        click.echo(
            f"Its recordings are sealed. To hear them elsewhere takes the key {', '.join(done.keys)} of this installation, which"
            f" is in no backup: keep the files {config().home / 'secrets' / keyring.NAME}* in another place."
        )


@click.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as", "slug", default="", help="Another short name for the shop.")
@click.option("--check", "only_check", is_flag=True, help="Only hold every part against its checksum.")
@click.option("--quiet", is_flag=True, help="Say nothing but the end.")
def restore(source: Path, slug: str, *, only_check: bool, quiet: bool) -> None:
    """Restore a shop from the file SOURCE: all of it or nothing."""
    import django

    django.setup()
    from callcart.core.database import parameters
    from callcart.processes.backup.read import CannotRestore, read_manifest, restore_backup

    try:
        if only_check:
            manifest = read_manifest(source)
            click.echo(f"{source}: {manifest['tenant']['slug']} of {manifest['made_at'][:16]}, undamaged")
            return
        with server.running():
            done = restore_backup(source, parameters("owner"), slug=slug, say=_sayer(quiet))
    except CannotRestore as error:
        raise click.ClickException(f"{source} was not restored: {error}") from None
    click.echo(f"{done.slug} is restored: {done.rows:,} rows, {done.files:,} files")
    if done.renewed:
        click.echo("The shop it was made from is still here: the copy has ids of its own.")
    if done.keys_missing:
        click.echo(
            f"Its recordings can be heard once the key {', '.join(done.keys_missing)} is here: copy the file {keyring.NAME} of the"
            f" installation it comes from to {config().home / 'secrets' / keyring.NAME}_restored"
        )
    if done.left_out:
        click.echo(f"Left with the shops that have them: {', '.join(done.left_out)}")


def _sayer(quiet: bool) -> Any:
    return (lambda text: None) if quiet else (lambda text: click.echo(f"  {text}", err=True))
