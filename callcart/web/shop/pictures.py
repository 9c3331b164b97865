"""Pictures of products: kept by content, so an address means the same for ever and any cache may keep it. Only pictures are
given out, never another kind of file of the tenant.
"""

from __future__ import annotations

import re

from django.http import FileResponse, HttpRequest
from django.urls import reverse
from django.views.decorators.http import require_safe

from callcart.core import files, pictures
from callcart.web import assets

TYPES = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "jpg": "image/jpeg",
    "webp": "image/webp",
}
_KEY = re.compile(r"picture/[0-9a-f]{2}/([0-9a-f]{64})\.(svg|png|jpg|webp)")
_YEAR = 365 * 24 * 3600
NONE = "shop/no-picture.svg"


def picture_url(key: str, form: str = "") -> str:
    """The address of a picture: a kept file, or one of ours by its static path; a neutral one where there is none. `form`:
    `thumb`, `medium` or `fallback`, of pictures that have them."""
    if form and pictures.is_ours(key):
        digest = key.rpartition("/")[2].partition(".")[0]
        return reverse("shop:picture_form", kwargs={"form": form, "digest": digest})
    found = _KEY.fullmatch(key)
    if found:
        return reverse("shop:picture", kwargs={"digest": found[1], "suffix": found[2]})
    try:
        return assets.address(key or NONE)
    except FileNotFoundError:
        return assets.address(NONE)


@require_safe
def picture(request: HttpRequest, digest: str, suffix: str) -> FileResponse:
    """A picture of this shop; 404 for one of another's."""
    return _given(f"picture/{digest[:2]}/{digest}.{suffix}")


@require_safe
def picture_form(request: HttpRequest, form: str, digest: str) -> FileResponse:
    """A smaller form of a picture of this shop."""
    return _given(pictures.form_of(f"picture/{digest[:2]}/{digest}.webp", form))


def _given(key: str) -> FileResponse:
    response = FileResponse(files.path(key).open("rb"), content_type=TYPES[key.rpartition(".")[2]])
    response["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response
