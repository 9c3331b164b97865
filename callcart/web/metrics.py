"""Counts requests by face, method and outcome, and how long they took. Never an address or a person."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from prometheus_client import Histogram

FACES = (
    "desk",
    "office",
    "profile",
    "login",
    "logout",
    "language",
    "hooks",
    "api",
    "healthz",
    "readyz",
    "metrics",
)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

SECONDS = Histogram(
    "callcart_web_request_seconds",
    "Time to answer a request, static files left out",
    ("face", "method", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


class MetricsMiddleware:
    """Stands outside of everything but the static files."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        start = time.perf_counter()
        response = self.get_response(request)
        method = request.method if request.method in METHODS else "other"
        SECONDS.labels(face_of(request.path_info), method, response.status_code).observe(
            time.perf_counter() - start
        )
        return response


def face_of(path: str) -> str:
    """Which face an address belongs to; what is no other's is the shop's."""
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    return first if first in FACES else "shop"
