"""Where the processes without pages show their counters to Prometheus: loopback only, `CALLCART_METRICS_PORT` for the worker, two
above it for the voice process. A port that is taken costs the counters, not the work.
"""

from __future__ import annotations

import structlog

from callcart.config import config

WORKER, VOICE = 0, 2  # added to the port; one above it stands the demo's payment company

log = structlog.get_logger(__name__)


def show_counters(process: str, *, offset: int) -> None:
    """Serve /metrics from a thread of this process, unless the port is 0."""
    from prometheus_client import start_http_server

    if not config().metrics_port:
        return
    port = config().metrics_port + offset
    try:
        start_http_server(port, addr="127.0.0.1")
    except OSError as error:
        log.warning(f"{process}.metrics", port=port, error=error.strerror or type(error).__name__)
