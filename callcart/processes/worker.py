"""The worker process: background jobs, and beside them the timers of routing, of written conversations and of lent queues, their messages on the way
out, and the lines that are listened to. Any number may run.

Stops on SIGTERM after the jobs in hand; a killed one's jobs are taken over by another.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable

import structlog

from callcart.config import config
from callcart.processes.counters import WORKER, show_counters

log = structlog.get_logger(__name__)


def serve() -> None:
    """Until SIGTERM or SIGINT."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callcart.settings")
    import django

    django.setup()
    from callcart.contact.callbacks import public as callbacks
    from callcart.contact.messaging import public as messaging
    from callcart.contact.routing.timers import run_timers
    from callcart.contact.supervision import public as supervision
    from callcart.core.jobs import run_worker

    show_counters("worker", offset=WORKER)
    stop, held = threading.Event(), messaging.Held()
    beside = {
        "routing-timers": run_timers,
        "messaging-timers": messaging.run_timers,
        "supervision-timers": supervision.run_timers,
        "callbacks-timers": callbacks.run_timers,
        "messages-out": messaging.Dispatcher(held).run,
        "lines": messaging.Listening(held).run,
    }
    threads = [
        threading.Thread(target=watched, args=(each, stop), name=name, daemon=True)
        for name, each in beside.items()
    ]
    for thread in threads:
        thread.start()
    try:
        run_worker(concurrency=config().worker_concurrency)
    finally:
        stop.set()
        for thread in threads:
            thread.join(5)


def watched(work: Callable[[threading.Event], None], stop: threading.Event) -> None:
    """Do it until told to stop. Where it breaks for a reason nobody thought of, the whole worker ends and is started again: one
    that looks alive and lets no offer ring out, or sends nothing, would be worse."""
    try:
        work(stop)
    except Exception:
        log.exception("worker.broke", work=threading.current_thread().name)
        os.kill(os.getpid(), signal.SIGTERM)
