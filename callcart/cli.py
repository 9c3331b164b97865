"""The command `callcart`. Every command imports what it runs when it is called, so that `--help` is instant.

Ends with one clear line where something is wrong: no traceback for what the person at the keyboard can mend.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from callcart.config import ConfigurationError, config


class LazyGroup(click.Group):
    """A group whose commands may live elsewhere: `elsewhere` maps a name to `module:attribute` and a help line."""

    elsewhere: dict[str, tuple[str, str]] = {
        "integrity": (
            "callcart.processes.integrity:integrity",
            "Count stock and money again; says what is off.",
        ),
        "import": ("callcart.processes.exchange:import_files", "Import files: customers, products, orders …"),
        "export": ("callcart.processes.exchange:export_file", "Export what can be imported, as CSV or XLSX."),
        "backup": ("callcart.processes.backup.cli:backup", "Everything of one shop in one file."),
        "restore": ("callcart.processes.backup.cli:restore", "A shop from its backup."),
        "recordings": (
            "callcart.processes.recordings:recordings",
            "Keys of the recordings: see, turn, seal again.",
        ),
        "tenant": ("callcart.processes.tenant:tenant", "Shops of this installation: make one, list them."),
        "demo": ("callcart.demo.cli:demo", "The demo shops: seed them, call in, the payment gateway."),
    }

    def invoke(self, ctx: click.Context) -> Any:
        """As ever; where a command from elsewhere finds no database it is said what to do."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            if ctx.invoked_subcommand not in self.elsewhere:
                raise
            from callcart.processes.unready import advice

            if (said := advice(error)) is None:
                raise
            raise ConfigurationError(said) from None

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *self.elsewhere})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.elsewhere:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = self.elsewhere[cmd_name][0].partition(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The help lines, without importing what lies elsewhere."""
        rows = []
        for name in self.list_commands(ctx):
            if name in self.elsewhere:
                rows.append((name, self.elsewhere[name][1]))
            elif (command := super().get_command(ctx, name)) is not None:
                rows.append((name, command.get_short_help_str(100)))
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def callcart() -> None:
    """Callcart: the call centre and the shop in one."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callcart.settings")


@callcart.command()
def up() -> None:
    """Run everything on this machine, until Ctrl-C."""
    from callcart.processes.up import run

    run()


@callcart.command()
def setup() -> None:
    """Set up what is missing: Asterisk, tables, prompts, demo shops. Safe to repeat."""
    from callcart.processes.setup import set_up

    set_up()


@callcart.command()
def migrate() -> None:
    """Bring the database's tables up to date."""
    from callcart.processes.setup import migrate as run

    run()


@callcart.command("check-config")
def check_config() -> None:
    """Read the configuration and show it, secrets left out."""
    settings = config()
    for name, value in settings.model_dump().items():
        shown = "(set)" if name == "database_url" and value else value
        click.echo(f"CALLCART_{name.upper()}={shown}")


def _process(name: str, help_text: str) -> None:
    """A command that runs one process of ours: `callcart.processes.<name>.serve()`."""

    @callcart.command(name, help=help_text)
    def run() -> None:
        module = {"postgres": "postgres.server"}.get(name, name)
        import_module(f"callcart.processes.{module}").serve()


_process("postgres", "Run our own PostgreSQL server.")
_process("asterisk", "Run our own Asterisk.")
_process("edge", "Run Kamailio before several Asterisk: it shares calls out and drops strangers.")
_process("web", "Run the web: pages, API, webhooks.")
_process("live", "Run the live feed and the softphones' way to Asterisk.")
_process("voice", "Run the voice process: calls in, routing, calls out.")
_process("worker", "Run background jobs and timers.")


def main(arguments: Sequence[str] | None = None) -> None:
    """The entry point. Text goes out as UTF-8 whatever the terminal's locale says."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        callcart.main(args=arguments, prog_name="callcart")
    except ConfigurationError as error:
        click.echo(str(error), err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
