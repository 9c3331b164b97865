"""`callcart import` and `callcart export`: the same imports and exports as in the office, from the command line, with progress.

The import runs in this process, step by step as the worker does it; broken off, it goes on by `--resume` or in the office.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from callcart.processes.postgres import server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from callcart.core.actor import Actor
    from callcart.core.exchange.public import Import, Place

_SHOWN = 20
_EVERY = 0.5  # seconds between two lines of progress


@click.command("import")
@click.argument("kind")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--tenant", "slug", required=True, help="Short name of the shop.")
@click.option(
    "--map", "mapped", multiple=True, help="A column: OURS=THEIRS, or SHEET.OURS=THEIRS; may be repeated."
)
@click.option(
    "--mode",
    type=click.Choice(["all", "good"]),
    default="all",
    show_default=True,
    help="All or nothing, or the good rows only.",
)
@click.option(
    "--dates", type=click.Choice(["dmy", "mdy"]), default=None, help="What stands first in 3/4/2026."
)
@click.option("--decimal", type=click.Choice([".", ","]), default=None, help="The sign before a fraction.")
@click.option("--check", "only_check", is_flag=True, help="Only try the rows and say what would happen.")
@click.option(
    "--wrong", type=click.Path(path_type=Path), default=None, help="Write the wrong rows to this CSV file."
)
@click.option("--resume", type=click.UUID, default=None, help="Go on with an import that broke off.")
def import_files(kind: str, files: Sequence[Path], slug: str, **options: Any) -> None:
    """Import FILES of a KIND: customers, products, stock, orders, payments, parcels."""
    with _shop(slug) as (actor, place):
        from callcart.core.exchange import public as exchange

        if options["resume"]:
            with _transaction(actor):
                found = exchange.get_import(actor, options["resume"])
                if found.state == "failed":
                    found = exchange.go_on(actor, found.id)
            _finish(actor, _work(actor, found.id), options["wrong"])
            return
        if not files:
            raise click.UsageError("name at least one file")
        found = exchange.begin(actor, kind=kind, paths=[(path.name, path) for path in files], place=place)
        _check(actor, found, options)
        found = _work(actor, found.id)
        if found.state != "ready" or options["only_check"]:
            _finish(actor, found, options["wrong"])
            return
        if found.refused or found.wrong_rows:
            _say_wrong(actor, found)
            _write_wrong(actor, found, options["wrong"])
        with _transaction(actor):
            exchange.start(actor, found.id, mode=options["mode"])
        _finish(actor, _work(actor, found.id), options["wrong"])


@click.command("export")
@click.argument("kind")
@click.option("--tenant", "slug", required=True, help="Short name of the shop.")
@click.option(
    "--sheet", default="", help="Which table, where a kind has several: orders, items, payments, parcels."
)
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path),
    required=True,
    help="A .csv or .xlsx file; - is the standard output (CSV).",
)
@click.option("--from-day", default="", help="First day, as 2026-11-29.")
@click.option("--to-day", default="", help="Last day.")
def export_file(kind: str, slug: str, sheet: str, target: Path, from_day: str, to_day: str) -> None:
    """Export a KIND in the columns of its import."""
    with _shop(slug) as (actor, place):
        from callcart.core.exchange import public as exchange

        its = exchange.importer(kind)
        name = sheet or its.sheets[0].key
        with _transaction(actor):
            rows = exchange.export_rows(actor, kind, name, place, {"from": from_day, "to": to_day})
        xlsx = target.suffix.lower() == ".xlsx"
        chunks = exchange.xlsx_chunks(rows, name) if xlsx else exchange.csv_chunks(rows)
        if str(target) == "-":
            for chunk in chunks:
                sys.stdout.buffer.write(chunk)
            return
        draft = target.with_name(f".{target.name}.part")
        with draft.open("wb") as out:
            for chunk in chunks:
                out.write(chunk)
        draft.replace(target)
        click.echo(f"{target}: {target.stat().st_size:,} bytes", err=True)


@contextmanager
def _shop(slug: str) -> Iterator[tuple[Actor, Place]]:
    """The system acting for a shop, on a running database; refusals become a line each."""
    import django

    django.setup()
    from callcart.core.actor import Actor
    from callcart.core.errors import AppError
    from callcart.core.exchange.public import Place
    from callcart.core.tenancy import tenant_session
    from callcart.people.tenants.public import tenant_by_slug

    with server.running():
        tenant = tenant_by_slug(slug)
        if tenant is None:
            raise click.ClickException(f"there is no shop {slug}; see: callcart tenant list")
        actor = Actor.system(tenant.id, "command line", channel="import")
        try:
            with tenant_session(tenant.id):
                yield actor, Place(tenant.currency, tenant.timezone, tenant.country, tenant.language)
        except AppError as error:
            raise click.ClickException(_said(error)) from None


def _said(error: Any) -> str:
    fields = getattr(error, "fields", {})
    return "\n".join([error.message, *(f"  {name}: {problem}" for name, problem in fields.items())])


@contextmanager
def _transaction(actor: Actor) -> Iterator[None]:
    from callcart.core.tenancy import tenant_transaction

    with tenant_transaction(actor.tenant_id):
        yield


def _check(actor: Actor, found: Import, options: Mapping[str, Any]) -> None:
    """Take the proposed mapping with what was asked for on top, and begin to try the rows."""
    from callcart.core.exchange import public as exchange

    mapping = {int(number): dict(columns) for number, columns in found.mapping.items()}
    for text in options["mapped"]:
        _put(found, mapping, text)
    style = {
        "date_order": options["dates"] or found.style["date_order"],
        "decimal": options["decimal"] or found.style["decimal"],
    }
    sheets = {number: table["sheet"] for number, table in enumerate(found.tables)}
    for number, table in enumerate(found.tables):
        names = ", ".join(f"{ours}={table['headings'][place]}" for ours, place in mapping[number].items())
        click.echo(
            f"{table['name']} {table['worksheet']} → {table['sheet'] or '(left out)'}: {names}", err=True
        )
    with _transaction(actor):
        exchange.set_mapping(actor, found.id, sheets=sheets, mapping=mapping, style=style)


def _put(found: Import, mapping: dict[int, dict[str, int]], text: str) -> None:
    ours, sign, theirs = text.partition("=")
    sheet, dot, column = ours.rpartition(".")
    if not sign:
        raise click.UsageError(f"--map {text}: write OURS=THEIRS")
    hit = False
    for number, table in enumerate(found.tables):
        if dot and table["sheet"] != sheet:
            continue
        mapping[number].pop(column, None)
        if theirs in table["headings"]:
            place = table["headings"].index(theirs)
            mapping[number] = {key: at for key, at in mapping[number].items() if at != place} | {
                column: place
            }
            hit = True
    if theirs and not hit:
        raise click.UsageError(f"--map {text}: no table has a column “{theirs}”")


def _work(actor: Actor, import_id: UUID) -> Import:
    """Go on until the import waits for somebody, with a line of progress now and then."""
    from callcart.core.exchange import steps
    from callcart.core.exchange.public import Import

    said = 0.0
    while True:
        answer = steps.advance(import_id)
        if answer is steps.Said.OVER:
            break
        if answer is steps.Said.WAIT:
            click.echo("waits for another import of this kind", err=True)
            time.sleep(2)
        if time.monotonic() - said > _EVERY:
            said = time.monotonic()
            with _transaction(actor):
                found = Import.objects.get(id=import_id)
            reading = found.state == "checking" and not found.units
            step = f"read {found.rows_read:,}" if reading else f"{found.units_done:,} of {found.units:,}"
            click.echo(f"{found.state}: {step}", err=True)
    with _transaction(actor):
        return Import.objects.get(id=import_id)


def _finish(actor: Actor, found: Import, wrong: Path | None) -> None:
    _say_wrong(actor, found)
    _write_wrong(actor, found, wrong)
    counts = f"{found.made:,} new, {found.changed:,} changed, {found.unchanged:,} as they were, {found.refused:,} wrong"
    click.echo(f"{found.state}: {counts} ({found.id})")
    if found.problem:
        click.echo(found.problem, err=True)
    if found.state not in ("ready", "done"):
        raise SystemExit(1)


def _say_wrong(actor: Actor, found: Import) -> None:
    from callcart.core.exchange.public import problems_of

    with _transaction(actor):
        problems = problems_of(found, limit=_SHOWN)
    for sheet, row, column, text in problems:
        click.echo(f"  {sheet}, row {row}{f', {column}' if column else ''}: {text}", err=True)
    if found.wrong_rows > _SHOWN:
        click.echo(f"  … {found.wrong_rows:,} rows are wrong in all; --wrong FILE writes them", err=True)


def _write_wrong(actor: Actor, found: Import, target: Path | None) -> None:
    """The wrong rows of each table; of a second and third table beside the first, with a number."""
    if target is None:
        return
    from callcart.core.exchange import public as exchange

    with _transaction(actor):
        tables = exchange.tables_with_problems(found.id)
    for place, number in enumerate(tables):
        path = target if not place else target.with_name(f"{target.stem}-{place + 1}{target.suffix}")
        with path.open("wb") as out:
            for chunk in exchange.csv_chunks(exchange.wrong_rows(actor, found, number)):
                out.write(chunk)
        click.echo(f"wrong rows: {path}", err=True)
