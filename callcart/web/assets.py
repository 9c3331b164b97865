"""Our static files: one tree, one version in the address, compressed once and kept in memory.

`/static/<version>/js/app.js`: the version is a digest of the whole tree, so an address never changes what it means
and browsers keep it for a year; ES modules import each other by relative path and inherit it. Never serves
anything outside `callcart/web/static`.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseNotFound

from callcart.config import config

ROOT = Path(__file__).parent / "static"
PREFIX = "/static/"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".webmanifest": "application/manifest+json",
}
COMPRESSED = {".css", ".js", ".json", ".svg", ".txt", ".webmanifest"}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file ready to be sent."""

    body: bytes
    packed: bytes | None
    content_type: str
    etag: str


def version() -> str:
    """Names the content of the whole tree (ten hex digits)."""
    return _digest() if config().debug else _kept_digest()


def address(path: str) -> str:
    """The address of a file of the tree, e.g. `js/app.js`; raises where there is no such file."""
    return _address(path) if config().debug else _kept_address(path)


def _address(path: str) -> str:
    if _inside(path) is None:
        raise FileNotFoundError(f"no static file {path!r}")
    return f"{PREFIX}{version()}/{path}"


@cache
def _kept_address(path: str) -> str:
    return _address(path)


def serve(request: HttpRequest) -> HttpResponse:
    """Answer a request under /static/."""
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    named, _, path = request.path_info.removeprefix(PREFIX).partition("/")
    file = _inside(path)
    if file is None:
        return HttpResponseNotFound(content_type="text/plain")
    asset = _read(file) if config().debug else _kept(file)
    response = _answer(request, asset)
    fresh = named == version() and not config().debug
    response["Cache-Control"] = "public, max-age=31536000, immutable" if fresh else "no-cache"
    response["ETag"] = asset.etag
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'self'; sandbox"
    if asset.packed is not None:
        response["Vary"] = "Accept-Encoding"
    return response


def _answer(request: HttpRequest, asset: Asset) -> HttpResponse:
    if request.headers.get("If-None-Match") == asset.etag:
        return HttpResponse(status=304)
    packed = asset.packed is not None and "gzip" in request.headers.get("Accept-Encoding", "")
    body = asset.packed if packed and asset.packed is not None else asset.body
    response = HttpResponse(b"" if request.method == "HEAD" else body, content_type=asset.content_type)
    response["Content-Length"] = str(len(body))
    if packed:
        response["Content-Encoding"] = "gzip"
    return response


def _inside(path: str) -> Path | None:
    """The file, where it lies in the tree and is of a kind we serve."""
    file = (ROOT / path).resolve()
    good = file.suffix in TYPES and file.is_relative_to(ROOT.resolve()) and file.is_file()
    return file if good else None


def _read(file: Path) -> Asset:
    body = file.read_bytes()
    packed = gzip.compress(body, 6, mtime=0) if file.suffix in COMPRESSED else None
    digest = hashlib.sha256(body).hexdigest()[:20]
    return Asset(body=body, packed=packed, content_type=TYPES[file.suffix], etag=f'"{digest}"')


@cache
def _kept(file: Path) -> Asset:
    return _read(file)


def _digest() -> str:
    whole = hashlib.sha256()
    for file in sorted(path for path in ROOT.rglob("*") if path.is_file()):
        whole.update(str(file.relative_to(ROOT)).encode())
        whole.update(file.read_bytes())
    return whole.hexdigest()[:10]


@cache
def _kept_digest() -> str:
    return _digest()
