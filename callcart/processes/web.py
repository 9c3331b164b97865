"""The web process: granian with our WSGI application, its workers and threads from the configuration.

Stateless: kill it at any time. TLS 1.2 and newer with the certificate of `certificate.py`, or plain behind a proxy.
"""

from __future__ import annotations

import os
import shutil
from typing import Any

from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from callcart.config import config
from callcart.core.ports import refuse_taken
from callcart.processes.certificate import certificate_files

TARGET = "callcart.web.wsgi:application"


def serve() -> None:
    """Until SIGTERM or SIGINT."""
    settings = config()
    # Granian shares a port with whoever also shares it, such as another installation's web.
    refuse_taken("The web process", settings.host, settings.web_port, setting="CALLCART_WEB_PORT")
    # Counters of several worker processes meet in files; those of a former run would be counted again.
    counters = settings.path("run", "metrics-web", "x").parent
    shutil.rmtree(counters, ignore_errors=True)
    counters.mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(counters)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callcart.settings")
    tls: dict[str, Any] = {}
    if settings.tls:
        certificate, key = certificate_files()
        tls = {"ssl_cert": certificate, "ssl_key": key, "ssl_protocol_min": "tls1.2"}
    server = Granian(
        TARGET,
        address=settings.host,
        port=settings.web_port,
        interface=Interfaces.WSGI,
        workers=settings.web_workers,
        blocking_threads=settings.web_threads,
        backpressure=settings.web_threads * 4,
        http1_settings=HTTP1Settings(header_read_timeout=15_000),
        websockets=False,
        log_level=LogLevels.error,  # a warning is that there are more threads than cores: they wait for the database
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=10,
        **tls,
    )
    server.serve()
