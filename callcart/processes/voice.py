"""The voice process: the exchange over our Asterisk, the ledger over PostgreSQL, the menu, and the news between them.

Exactly one for each Asterisk. It owns no media and no truth: killed at any moment, its calls go on in Asterisk and are taken
up again by the next one. A database that is away is waited for; an Asterisk that is away is told to every desk.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog
import uvloop

from callcart.config import ConfigurationError, config
from callcart.core.secrets import secret
from callcart.processes.asterisk import of_node
from callcart.processes.counters import VOICE, show_counters
from callcart.processes.identity import AlreadyRunning, locked

if TYPE_CHECKING:
    from callcart.contact.voice.exchange import Exchange
    from callcart.contact.voice.flow import Flow
    from callcart.contact.voice.ledger import Ledger
    from callcart.contact.voice.news import News
    from callcart.integrations.asterisk.engine import AsteriskEngine

BEAT_SECONDS = 4.0
SWEEP_SECONDS = 3600.0
STRANGERS_SECONDS = 3.0

log = structlog.get_logger(__name__)


def serve(*, flow: Flow | None = None, softphone: Mapping[str, str] | None = None) -> None:
    """Until SIGTERM or SIGINT. Raises ConfigurationError where another voice process has this Asterisk. `flow` instead of the
    menu, and `softphone` instead of a browser's account, are for telephones that are no browsers (benches)."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callcart.settings")
    import django

    django.setup()
    try:
        with locked(config().path("run", f"{of_node('voice')}.lock")):
            show_counters("voice", offset=VOICE)
            uvloop.run(_serve(flow, softphone))
    except AlreadyRunning as error:
        raise ConfigurationError(
            f"A voice process runs already for this Asterisk ({error.holder}). Stop that one first."
        ) from None


async def _serve(flow: Flow | None, softphone: Mapping[str, str] | None) -> None:
    from callcart.contact.voice.news import NewsReader

    stop = _when_asked_to_stop()
    engine, ledger, exchange = _assemble(flow, softphone)
    reader = NewsReader(_from_its_thread(exchange.hear))
    await asyncio.to_thread(reader.start)
    await ledger.warm()
    gc.collect()
    gc.freeze()  # what is there now stays: the collector need not walk through it again and again
    work = [
        asyncio.create_task(exchange.run(), name="exchange"),
        asyncio.create_task(_beat(exchange, ledger), name="beat"),
        asyncio.create_task(_sweep(), name="sweep"),
        asyncio.create_task(_count_strangers(), name="strangers"),
        asyncio.create_task(stop.wait(), name="stop"),
    ]
    try:
        done, _rest = await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()  # what broke is told to the supervisor, which starts us again
    finally:
        # Calls stay in Asterisk; whoever comes next finds them there.
        reader.stop()
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)
        await engine.close()
        await ledger.close()
        log.info("voice.stopped")


def _when_asked_to_stop() -> asyncio.Event:
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    return stop


def _assemble(
    flow: Flow | None, softphone: Mapping[str, str] | None
) -> tuple[AsteriskEngine, Ledger, Exchange]:
    """The exchange and the two it works with, which are closed after it."""
    from callcart.contact.voice.exchange import Exchange
    from callcart.contact.voice.ledger import Ledger
    from callcart.contact.voice.speech.prompts import Prompts
    from callcart.contact.voice.studio.written import WrittenBook
    from callcart.engage.ivr.flow import Menu
    from callcart.integrations.asterisk.engine import AsteriskEngine
    from callcart.integrations.asterisk.softphones import WEBRTC

    flow = flow or Menu()
    ledger = Ledger(flow, Prompts(), threads=config().voice_threads, node=config().node)
    engine = AsteriskEngine(
        port=config().asterisk_http_port,
        password=secret("ari"),
        softphone=softphone or WEBRTC,
        trunk=config().sip_trunk or ("demo-trunk" if config().demo else ""),
        nodes=config().nodes,
    )
    book = WrittenBook(ledger, node=config().node)
    exchange = Exchange(engine, ledger, flow, node=config().node, alone=not config().nodes, book=book)
    return engine, ledger, exchange


def _from_its_thread(hear: Callable[[News], None]) -> Callable[[News], None]:
    """The reader of news has a thread of its own; the exchange lives in the loop."""
    loop = asyncio.get_running_loop()

    def pass_on(news: News) -> None:
        with suppress(RuntimeError):  # the loop is gone: so are we
            loop.call_soon_threadsafe(hear, news)

    return pass_on


async def _beat(exchange: Exchange, ledger: Ledger) -> None:
    """Say that we live, and whether Asterisk does: a desk believes nobody who is not heard of."""
    while True:
        try:
            await ledger.beat(up=exchange.is_up)
            if not exchange.alone:
                await exchange.end_orphans()
        except Exception as error:  # noqa: BLE001  the next beat tries again
            log.warning("voice.beat", error=type(error).__name__)
        await asyncio.sleep(BEAT_SECONDS)


async def _sweep() -> None:
    from callcart.contact.voice.jobs import sweep_recordings

    while True:
        with suppress(OSError):
            await asyncio.to_thread(sweep_recordings)
        await asyncio.sleep(SWEEP_SECONDS)


async def _count_strangers() -> None:
    """Whom Asterisk turned away is counted; too many within a minute are an alarm."""
    from callcart.contact.voice import strangers
    from callcart.integrations.asterisk.strangers import SecurityLog
    from callcart.processes.asterisk import security_log

    log_of_asterisk, rate = SecurityLog(security_log()), strangers.Rate(config().sip_alarm)
    while True:
        await asyncio.sleep(STRANGERS_SECONDS)
        try:
            found = await asyncio.to_thread(log_of_asterisk.look)
            await asyncio.to_thread(strangers.count, found)
            if found and (many := rate.add(found.total(), asyncio.get_running_loop().time())):
                log.warning("voice.strangers", within_a_minute=many)
                await asyncio.to_thread(strangers.alarm, many)
        except Exception as error:  # noqa: BLE001  counting them must not cost the calls
            log.warning("voice.strangers", error=type(error).__name__)
