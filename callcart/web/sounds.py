"""Recordings to the ear: played in pieces (HTTP ranges) that are each whole and true before they leave, or taken away as a file.
No copy stays in a browser; who heard which, when and from where is in the audit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from callcart.contact.recordings import public as recordings
from callcart.web.http import actor_of

# A player asks for all that is left and is given this much, then asks again: half a minute, opened in a millisecond.
MOST_AT_ONCE = 1024 * 1024
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)

Answer = HttpResponse | StreamingHttpResponse


def played(request: HttpRequest, recording_id: UUID) -> Answer:
    """The sound, or the piece of it that the request names; 416 for a piece that is not there."""
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    if asked is None or asked.groups() == ("", ""):
        opened = recordings.listen(actor_of(request), recording_id, whence=whence(request), whole=True)
        return _headed(_streamed(opened))
    first, last = asked.groups()
    begins = first != "" and int(first) == 0
    opened = recordings.listen(actor_of(request), recording_id, whence=whence(request), begins=begins)
    with opened.sound as sound:
        start = int(first) if first else max(0, sound.size - int(last))
        end = min(int(last), sound.size - 1) if first and last else sound.size - 1
        if start > end:
            gone = HttpResponse(status=416)
            gone["Content-Range"] = f"bytes */{sound.size}"
            return gone
        end = min(end, start + MOST_AT_ONCE - 1)
        piece = HttpResponse(sound.read_all(start, end + 1), status=206, content_type="audio/wav")
        piece["Content-Range"] = f"bytes {start}-{end}/{sound.size}"
    return _headed(piece)


def downloaded(request: HttpRequest, recording_id: UUID) -> Answer:
    """The sound as a file to keep."""
    opened = recordings.download(actor_of(request), recording_id, whence=whence(request))
    answer = _headed(_streamed(opened))
    answer["Content-Disposition"] = f'attachment; filename="{opened.name}"'
    return answer


def whence(request: HttpRequest) -> str:
    """From where a request comes, as the audit keeps it: the address, and the part of the pages."""
    face = request.path_info.strip("/").partition("/")[0]
    return f"{request.META.get('REMOTE_ADDR', '')} {face}".strip()


def _streamed(opened: recordings.Opened) -> Answer:
    """Never more than a chunk in memory, however long the talk was."""

    def pieces() -> Iterator[bytes]:
        with opened.sound as sound:
            yield from sound.pieces()

    answer = StreamingHttpResponse(pieces(), content_type="audio/wav")
    answer["Content-Length"] = str(opened.sound.size)
    return answer


def _headed(answer: Answer) -> Answer:
    answer["Accept-Ranges"] = "bytes"
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
