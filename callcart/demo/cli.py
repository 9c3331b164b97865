"""The command `callcart demo`: the demo shops, a caller for them, and the payment company, carrier and SMS centre they use."""

from __future__ import annotations

import asyncio
import sys

import click

from callcart.config import ConfigurationError, config


@click.group()
def demo() -> None:
    """The demo shops."""


@demo.command()
def seed() -> None:
    """Make what is missing of the demo shops. Safe to repeat."""
    import django

    django.setup()
    from callcart.contact.voice.speech.speaker import NotSpoken
    from callcart.demo.caller.scenes import all_words
    from callcart.demo.caller.voices import make_voices
    from callcart.demo.seed import seed as make

    make()
    if config().telephony == "none":
        return
    try:
        made = make_voices(sorted(all_words()))
    except NotSpoken as error:
        click.echo(f"    the demo callers have no voices, they will beep: {error}")
    else:
        click.echo(f"    voices of demo callers: {f'{made} made' if made else 'there already'}")


@demo.command()
@click.option("--orders", default=30_000, help="How many in all.", type=click.IntRange(1, 20_000_000))
@click.option(
    "--customers", default=0, help="A third of the orders otherwise.", type=click.IntRange(0, 7_000_000)
)
@click.option(
    "--skus", default=0, help="A fifteenth of the orders otherwise.", type=click.IntRange(0, 2_000_000)
)
@click.option("--per-day", default=4_000, help="Orders a day.", type=click.IntRange(1, 1_000_000))
@click.option("--shop", "slug", default="volume", help="The shop it becomes.")
def scale(orders: int, customers: int, skus: int, per_day: int, slug: str) -> None:
    """Make a shop with very many orders. Goes on where it was stopped; not for an installation that people work on."""
    import django

    django.setup()
    from callcart.demo.scale import Size, make
    from callcart.demo.scale.filling import OtherSize

    try:
        make(Size(orders, customers, skus, per_day), slug=slug, say=lambda line: click.echo(f"    {line}"))
    except OtherSize as error:
        raise ConfigurationError(f"Another size was asked for before: {error}") from None


@demo.command()
def gateway() -> None:
    """Run the demo payment company."""
    from callcart.demo.gateway import serve

    serve()


@demo.command()
@click.option(
    "--pace", default=20.0, help="Seconds a step of a parcel takes.", type=click.FloatRange(0.05, 86_400)
)
def carrier(pace: float) -> None:
    """Run the demo carrier company."""
    import django

    django.setup()
    from callcart.demo.carrier import serve

    serve(pace=pace)


@demo.command()
def sms() -> None:
    """Run the demo SMS centre."""
    import django

    django.setup()
    from callcart.demo.sms import serve

    serve()


@demo.command()
@click.option("--tracking", default="", help="Only this parcel; all that are on their way otherwise.")
@click.option("--steps", default=1, help="How many steps on.", type=click.IntRange(0, 20))
@click.option(
    "--fate", default="", help="How they go from here: well, late, stuck, wrong_address, refused, lost …"
)
def parcels(tracking: str, steps: int, fate: str) -> None:
    """Push parcels of the demo carrier along."""
    import django

    django.setup()
    from callcart.commerce.shipping.carrier import CarrierRefused, CarrierUnreachable
    from callcart.demo.carrier.push import push

    try:
        moved = push(tracking=tracking, steps=steps, fate=fate)
    except CarrierUnreachable:
        raise ConfigurationError("The demo carrier does not answer: is `callcart up` running?") from None
    except CarrierRefused as error:
        raise ConfigurationError(error.message) from None
    click.echo(f"{moved['parcels']} parcels, {moved['scans']} scans")


@demo.command()
@click.option("--tenant", "slug", default="", help="Shop to call; the default one otherwise.")
@click.option("--as", "kind", type=click.Choice(["known", "unknown", "hidden", "chinese"]), default="known")
@click.option("--number", default=None, help="Call from this number instead; the rest is as with --as.")
@click.option(
    "--keys", default=None, help="Keys to press after the greeting; the caller's language otherwise."
)
@click.option("--seconds", default=120.0, help="Hang up after this time.", type=click.FloatRange(1, 3600))
def call(slug: str, kind: str, number: str | None, keys: str | None, seconds: float) -> None:
    """Call a shop: a real SIP call with a recorded voice. Succeeds when it was answered and something was heard."""
    import django

    django.setup()
    from callcart.demo.caller.scenes import scene
    from callcart.demo.caller.talk import Plan, talk
    from callcart.demo.caller.voices import voice

    _refuse_without_telephones()
    service, language = _shop(slug or config().default_tenant)
    who = scene(kind, tenant=slug or config().default_tenant, language=language)
    host = "127.0.0.1" if config().sip_host == "0.0.0.0" else config().sip_host  # noqa: S104  compared, not bound
    plan = Plan(
        service=service,
        number=who.number if number is None else number,
        name=who.name if number is None else "",
        keys=who.keys if keys is None else keys,
        seconds=seconds,
        server=(host, config().sip_port),
    )
    click.echo(f"calling {service} from {plan.number or 'a hidden number'}")
    try:
        went_well = asyncio.run(talk(plan, voice=voice(who.language, who.words), say=click.echo))
    except KeyboardInterrupt:
        went_well = False
    sys.exit(0 if went_well else 1)


def _refuse_without_telephones() -> None:
    """Raises ConfigurationError where no demo caller can be heard."""
    if config().telephony == "none":
        raise ConfigurationError("CALLCART_TELEPHONY=none: this installation has no telephones to call.")
    if not config().demo:
        raise ConfigurationError("CALLCART_DEMO=false: Asterisk knows no demo caller.")


def _shop(slug: str) -> tuple[str, str]:
    """A shop's first service number and its language. Raises ConfigurationError."""
    from callcart.people.tenants.public import list_service_numbers, tenant_by_slug

    tenant = tenant_by_slug(slug)
    if tenant is None:
        raise ConfigurationError(f"There is no shop called {slug}.")
    numbers = [each for each in list_service_numbers(tenant.id) if each.is_active]
    if not numbers:
        raise ConfigurationError(f"The shop {slug} has no service number to call.")
    return numbers[0].number, "zh-hans" if tenant.language.startswith("zh") else "en"
