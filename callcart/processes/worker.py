"""The worker process: background jobs, and the timers of routing beside them. Any number may run.

Stops on SIGTERM after the jobs in hand; a killed one's jobs are taken over by another.
"""

from __future__ import annotations

import os
import threading

from callcart.config import config
from callcart.processes.counters import WORKER, show_counters


def serve() -> None:
    """Until SIGTERM or SIGINT."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callcart.settings")
    import django

    django.setup()
    from callcart.contact.routing.timers import run_timers
    from callcart.core.jobs import run_worker

    show_counters("worker", offset=WORKER)
    stop = threading.Event()
    timers = threading.Thread(target=run_timers, args=(stop,), name="routing-timers", daemon=True)
    timers.start()
    try:
        run_worker(concurrency=config().worker_concurrency)
    finally:
        stop.set()
        timers.join(5)
