"""`callcart up`: the whole system on one machine, in order, until Ctrl-C; and its addresses once all of it answers.

Order: PostgreSQL, set-up (tables, prompts, demo shops), Asterisk, then web, live, voice, worker, and the demo gateway, carrier and SMS centre.
One `up` a home; what a killed one left running is ended first, by pid and start time.
"""

from __future__ import annotations

import signal
import ssl
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial

from callcart.config import ConfigurationError, config
from callcart.processes.identity import AlreadyRunning, locked
from callcart.processes.supervise import Program, Stopped, Supervisor

DEMO_PASSWORD = "callcart-demo"  # noqa: S105  public on purpose, only in demo shops
DEMO_STAFF = ("owner", "super", "amy", "ben", "ware", "fin")


def run() -> None:
    """Until SIGTERM or SIGINT. Raises ConfigurationError with what is in the way."""
    supervisor = Supervisor(config().path("run", "up.json"))
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: supervisor.stop.set())
    try:
        with locked(config().path("run", "up.lock")):
            for name in supervisor.end_left_over():
                supervisor.say("up", f"ended {name}, left over from before")
            try:
                _start(supervisor)
                supervisor.watch()
            except Stopped:
                pass
            finally:
                supervisor.say("up", "stopping")
                supervisor.stop_all()
    except AlreadyRunning as error:
        raise ConfigurationError(
            f"Callcart is running already on {config().home} ({error.holder}). Stop that one, or set CALLCART_HOME."
        ) from None


def _start(supervisor: Supervisor) -> None:
    if not config().database_url:
        supervisor.start(Program("postgres", _command("postgres"), ready=_database_answers, grace=70))
    supervisor.run_once(Program("setup", _command("setup")))
    telephones = config().telephony == "asterisk" and _asterisk_is_here()
    if telephones:
        from callcart.processes import asterisk

        supervisor.start(Program("asterisk", _command("asterisk"), ready=asterisk.answers, grace=15))
    supervisor.start_all(_programs(telephones))
    _announce(telephones)


def _programs(telephones: bool) -> Iterator[Program]:
    settings = config()
    scheme = "https" if settings.tls else "http"
    host = "127.0.0.1" if settings.host == "0.0.0.0" else settings.host  # noqa: S104  compared, not bound
    yield Program("worker", _command("worker"), grace=20)
    yield Program(
        "web", _command("web"), ready=partial(_is_well, f"{scheme}://{host}:{settings.web_port}/readyz")
    )
    yield Program(
        "live", _command("live"), ready=partial(_is_well, f"{scheme}://{host}:{settings.live_port}/healthz")
    )
    if telephones:
        yield Program("voice", _command("voice"), ready=_voice_listens)
    if settings.demo:
        yield Program(
            "gateway",
            _command("demo", "gateway"),
            ready=partial(_is_well, f"{scheme}://{host}:{settings.gateway_port}/healthz"),
        )
        yield Program(
            "carrier",
            _command("demo", "carrier"),
            ready=partial(_is_well, f"{scheme}://{host}:{settings.carrier_port}/healthz"),
        )
        yield Program(
            "sms",
            _command("demo", "sms"),
            ready=partial(_is_well, f"{scheme}://{host}:{settings.sms_port}/healthz"),
        )


def _command(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "callcart.cli", *words)


def _database_answers() -> bool:
    from callcart.core.dsn import own_server_file

    return own_server_file().exists()


def _asterisk_is_here() -> bool:
    from callcart.integrations.asterisk.install import AsteriskMissing
    from callcart.processes import asterisk

    try:
        asterisk.find()
    except AsteriskMissing as error:
        sys.stdout.write(f"\n{error}\n\n")
        return False
    return True


def _voice_listens() -> bool:
    """The voice process has entered its application into Asterisk."""
    from callcart.processes import asterisk

    return asterisk.has_application("callcart")


def _is_well(url: str) -> bool:
    """A health address of ours answers 2xx. Our own certificate is not checked: it is this machine's loopback."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
    )
    try:
        with opener.open(url, timeout=5) as answer:
            return bool(200 <= answer.status < 300)
    except (OSError, urllib.error.URLError, ValueError):
        return False


def _announce(telephones: bool) -> None:
    """What to open and whom to be."""
    write: Callable[[str], object] = sys.stdout.write
    settings = config()
    write("\nCallcart is ready. Ctrl-C stops all of it.\n\n")
    if not settings.demo:
        write(f"  {settings.web_url}/desk   {settings.web_url}/office   shop: {settings.web_url}/\n\n")
    scheme, port = settings.web_url.split(":")[0], settings.web_port
    for slug, title in (
        (("harbor", "Harbor & Pine"), ("qinghe", "青禾优选 Qinghe Select")) if settings.demo else ()
    ):
        base = f"{scheme}://{slug}.localhost:{port}"
        write(f"  {title}\n    shop {base}/   desk {base}/desk   office {base}/office\n")
        write(f"    log in as {', '.join(DEMO_STAFF)} @{slug}.example, password {DEMO_PASSWORD}\n\n")
    if telephones:
        write(_how_to_call())
    else:
        write("  Without telephones.\n")
    if settings.demo:
        write(f"  Text a shop as a customer: {scheme}://{settings.public_host}:{settings.sms_port}/\n")
    if settings.tls:
        write("  The certificate is of our own making: the browser asks about it once.\n")
    write("\n")
    sys.stdout.flush()


def _how_to_call() -> str:
    """The demo shop's number and the demo telephone; without demo shops only where SIP is heard."""
    settings = config()
    place = f"{settings.sip_host}:{settings.sip_port}"
    if not settings.demo:
        return f"  SIP is heard on {place} (UDP).\n"
    phone = settings.home / "secrets" / "demo_phone"
    return (
        f"  Call in by SIP: sip:+12025550100@{place} (UDP), user demo-phone, password in {phone}\n"
        "  or without a telephone: callcart demo call\n"
    )
