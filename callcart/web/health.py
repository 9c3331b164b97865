"""Is the web alive, can it work, what has it counted. Open to machines; the counters only from this machine."""

from __future__ import annotations

from ipaddress import ip_address

from django.db import DatabaseError, connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest, multiprocess

from callcart.core.errors import PermissionDenied
from callcart.core.http import non_atomic
from callcart.web.errors import error_response


@non_atomic
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. Nothing else is looked at."""
    return JsonResponse({"status": "ok"})


@non_atomic
def readyz(request: HttpRequest) -> HttpResponse:
    """The process can do its work: the database answers and has our tables."""
    try:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT to_regclass('tenants_tenant') IS NOT NULL")
            row = cursor.fetchone()
        migrated = bool(row and row[0])
    except DatabaseError:
        return JsonResponse({"status": "unavailable", "database": "unreachable"}, status=503)
    if not migrated:
        return JsonResponse({"status": "unavailable", "database": "not migrated"}, status=503)
    return JsonResponse({"status": "ok", "database": "ok"})


@non_atomic
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text format, from this machine only; over all workers where a multi-process folder is set."""
    if not _is_loopback(request.META.get("REMOTE_ADDR", "")) or "HTTP_X_FORWARDED_FOR" in request.META:
        return error_response(request, PermissionDenied())
    return HttpResponse(generate_latest(_registry()), content_type=CONTENT_TYPE_LATEST)


def _registry() -> CollectorRegistry:
    import os

    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return REGISTRY
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
