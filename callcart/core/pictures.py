"""Pictures that people send: looked at as bytes, decoded, turned upright, and written anew in three sizes; nothing of what was
sent is kept but what is seen. Place and camera go, and so does whatever else a file may carry.

`keep` gives the key of the largest size; `form_of` the key of another. What is not a picture, or too much of one, is refused
at its field with a sentence that says what to do.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import BinaryIO, ClassVar

from django.utils.translation import gettext
from PIL import Image, ImageCms, ImageOps

from callcart.core import files
from callcart.core.errors import Invalid

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 12_000
LEAST_SIDE = 16
ACCEPT = "image/jpeg,image/png,image/webp"
KIND = "picture"
LARGE = 1600
SIDES = {"thumb": 240, "medium": 720}  # of the smaller forms, by the kind of file they are kept as
FALLBACK = "fallback"  # a JPEG of the medium size, for readers and mails that know no WebP

_FORMATS = ("JPEG", "PNG", "WEBP")
_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF")
_OURS = re.compile(rf"{KIND}/[0-9a-f]{{2}}/[0-9a-f]{{64}}\.webp")
# Words a browser, a server or a reader of documents would act on, where it takes the file for something else than a picture.
_ACTIVE = re.compile(rb"<script|<html|<!doctype|<svg[\s>]|<\?php|<iframe|%pdf-|javascript:", re.IGNORECASE)
_ENDS = 64 * 1024
_QUALITY = 82


class PictureRefused(Invalid):
    """This picture cannot be used."""

    code: ClassVar[str] = "picture.refused"

    def __init__(self, message: str | None = None, /, *, field: str = "picture") -> None:
        super().__init__(message)
        self.fields = {field: self.message}


class NotAPicture(PictureRefused):
    """This is not a picture we can read. Send a JPEG, PNG or WebP file."""

    code = "picture.unreadable"


class PictureKindRefused(PictureRefused):
    """Pictures of this kind are not taken. Save it as JPEG, PNG or WebP and send it again."""

    code = "picture.kind"


class PictureCarriesMore(PictureRefused):
    """This file is more than a picture. Open it in a picture program, save it as JPEG and send that."""

    code = "picture.carries_more"


class PictureTooHeavy(PictureRefused):
    """This picture is larger than 10 MB. Save it smaller and send it again."""

    code = "picture.too_heavy"


class PictureTooLarge(PictureRefused):
    """This picture has too many points. At most 40 million, and 12,000 a side."""

    code = "picture.too_large"


class PictureTooSmall(PictureRefused):
    """This picture is too small to be seen. At least 16 points a side."""

    code = "picture.too_small"


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture that was kept: `key` is its largest form, which is `width` × `height`."""

    key: str
    width: int
    height: int


def keep(sent: bytes | BinaryIO, *, field: str = "picture") -> Kept:
    """Check and keep a picture that was sent, in all its sizes. Raises a PictureRefused that names `field`. It takes up to
    a second of computing and touches no table: call it before any row is locked."""
    data = sent if isinstance(sent, bytes) else sent.read(MOST_BYTES + 1)
    _check_bytes(data, field)
    seen = _decoded(data, field)
    large = _fitted(seen, LARGE)
    key = files.put(_webp(large), kind=KIND, suffix=".webp")
    medium = _fitted(large, SIDES["medium"])
    for kind, side in SIDES.items():
        files.put_beside(key, _webp(_fitted(large, side)), kind=kind, suffix=".webp")
    files.put_beside(key, _jpeg(medium), kind=FALLBACK, suffix=".jpg")
    return Kept(key, large.width, large.height)


def is_ours(key: str) -> bool:
    """Whether a key is of a picture that `keep` kept, so that it has all its forms."""
    return _OURS.fullmatch(key) is not None


def form_of(key: str, kind: str) -> str:
    """The key of the `thumb`, `medium` or `fallback` form of a kept picture; one that has no forms is its own."""
    if kind not in (*SIDES, FALLBACK):
        raise ValueError(kind)
    if not is_ours(key):
        return key
    rest = key.removeprefix(f"{KIND}/").removesuffix(".webp")
    return f"{kind}/{rest}{'.jpg' if kind == FALLBACK else '.webp'}"


def _check_bytes(data: bytes, field: str) -> None:
    if len(data) > MOST_BYTES:
        raise PictureTooHeavy(field=field)
    if not data.startswith(_STARTS):
        head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
        other = head[4:8] == b"ftyp" or head.startswith(
            (b"GIF8", b"BM", b"II*\0", b"MM\0*", b"<svg", b"<?xml")
        )
        raise (PictureKindRefused if other else NotAPicture)(field=field)
    # A picture that is also a page, a document or an archive is sent to get past a gate like this one.
    if _ACTIVE.search(data[:_ENDS]) or _ACTIVE.search(data[-_ENDS:]) or _ends_as_archive(data):
        raise PictureCarriesMore(field=field)


def _ends_as_archive(data: bytes) -> bool:
    """Whether a ZIP's end record stands where one is looked for: it tells its own distance from the end."""
    tail = data[-(_ENDS + 22) :]
    at = tail.rfind(b"PK\x05\x06")
    return (
        at >= 0
        and at + 22 <= len(tail)
        and int.from_bytes(tail[at + 20 : at + 22], "little") <= len(tail) - at - 22
    )


def _decoded(data: bytes, field: str) -> Image.Image:
    """The picture upright, in red, green and blue of the common kind, with transparency where it had some."""
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
            _check_size(opened, field)  # of the head alone: nothing has been unpacked yet
            opened.draft("RGB", (LARGE, LARGE))  # a large JPEG is read at a half or a quarter of its size
            opened.load()
            return _common(ImageOps.exif_transpose(opened))
    except PictureRefused:
        raise
    except Image.DecompressionBombError as error:
        raise PictureTooLarge(field=field) from error
    # A decoder given rubbish raises nearly anything; whatever it is, the file is no picture.
    except Exception as error:
        raise NotAPicture(field=field) from error


def _check_size(opened: Image.Image, field: str) -> None:
    width, height = opened.size
    if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
        raise PictureTooLarge(field=field)
    if min(width, height) < LEAST_SIDE:
        raise PictureTooSmall(field=field)


def _common(opened: Image.Image) -> Image.Image:
    profile = opened.info.get("icc_profile")
    see_through = opened.has_transparency_data
    if profile and opened.mode in ("RGB", "CMYK", "L"):
        try:
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            changed = ImageCms.profileToProfile(opened, own, ImageCms.createProfile("sRGB"), outputMode="RGB")
            opened = changed or opened
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a profile that cannot be read is no reason to refuse the picture: its colours are a shade off
    plain = opened.convert("RGBA" if see_through else "RGB")
    bare = Image.new(plain.mode, plain.size)
    bare.paste(plain)  # a new picture has none of the old one's notes
    return bare


def _fitted(picture: Image.Image, side: int) -> Image.Image:
    if max(picture.size) <= side:
        return picture
    scale = side / max(picture.size)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.LANCZOS)


def _webp(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=_QUALITY, method=4)
    return out.getvalue()


def _jpeg(picture: Image.Image) -> bytes:
    if picture.mode == "RGBA":  # what is seen through is white paper
        paper = Image.new("RGB", picture.size, "white")
        paper.paste(picture, mask=picture.getchannel("A"))
        picture = paper
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    return out.getvalue()


def limits() -> str:
    """What may be sent, as a hint beside a field."""
    return gettext("JPEG, PNG or WebP, at most 10 MB.")
