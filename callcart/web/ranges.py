"""Sending a file in pieces (HTTP ranges, RFC 9110 §14), so that a player can jump to a second."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TypeVar

from django.http import FileResponse, HttpRequest, HttpResponse

FileSent = TypeVar("FileSent", HttpResponse, FileResponse)
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


def ranged(request: HttpRequest, path: Path, content_type: str) -> HttpResponse | FileResponse:
    """The whole file, or the one piece the request names; 416 for a piece that is not there."""
    size = path.stat().st_size
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    if asked is None or asked.groups() == ("", ""):
        whole = FileResponse(path.open("rb"), content_type=content_type)
        return _headed(whole)
    first, last = asked.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    if start > end:
        gone = HttpResponse(status=416)
        gone["Content-Range"] = f"bytes */{size}"
        return gone
    with path.open("rb") as source:
        source.seek(start)
        piece = HttpResponse(source.read(end - start + 1), status=206, content_type=content_type)
    piece["Content-Range"] = f"bytes {start}-{end}/{size}"
    return _headed(piece)


def _headed(response: FileSent) -> FileSent:
    """No copy stays in a browser: whoever hears it again asks again, and the audit knows."""
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "private, no-store"
    return response
