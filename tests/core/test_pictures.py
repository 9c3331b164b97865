"""Pictures that people send: what is kept is what is seen, in three sizes; what is not a picture is refused with a reason."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pytest
from PIL import Image

from callcart.core import files, pictures
from callcart.people.tenants.public import Tenant


def picture(
    size: tuple[int, int] = (800, 600), kind: str = "JPEG", mode: str = "RGB", **options: object
) -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert(mode).save(out, kind, **options)  # type: ignore[arg-type]
    return out.getvalue()


def opened(key: str) -> Image.Image:
    return Image.open(files.path(key))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_kept_in_all_sizes(tenant: Tenant, kind: str) -> None:
    kept = pictures.keep(picture((2000, 1000), kind))
    assert (kept.width, kept.height) == (1600, 800)
    found = {
        form: (image.format, image.size)
        for form in ("thumb", "medium", "fallback")
        for image in [opened(pictures.form_of(kept.key, form))]
    }
    assert opened(kept.key).size == (1600, 800)
    assert found == {
        "thumb": ("WEBP", (240, 120)),
        "medium": ("WEBP", (720, 360)),
        "fallback": ("JPEG", (720, 360)),
    }


def test_a_small_picture_is_not_blown_up(tenant: Tenant) -> None:
    kept = pictures.keep(io.BytesIO(picture((100, 50))))
    assert opened(pictures.form_of(kept.key, "medium")).size == (100, 50)


def test_the_same_picture_is_kept_once(tenant: Tenant) -> None:
    assert pictures.keep(picture()) == pictures.keep(picture())


def test_where_it_was_taken_is_dropped_and_it_stands_upright(tenant: Tenant) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[1] = "N"
    kept = pictures.keep(picture((800, 600), exif=exif.tobytes(), comment=b"SecretComment"))
    assert (kept.width, kept.height) == (600, 800)
    for key in [kept.key, *(pictures.form_of(kept.key, form) for form in ("thumb", "medium", "fallback"))]:
        data = files.path(key).read_bytes()
        assert b"Secret" not in data and b"Exif" not in data
        assert not opened(key).getexif()


def test_transparency_is_kept_and_white_paper_in_the_fallback(tenant: Tenant) -> None:
    out = io.BytesIO()
    Image.new("RGBA", (40, 40), (255, 0, 0, 0)).save(out, "PNG")
    kept = pictures.keep(out.getvalue())
    assert opened(kept.key).convert("RGBA").getpixel((5, 5))[3] == 0  # type: ignore[index]
    assert opened(pictures.form_of(kept.key, "fallback")).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["CMYK", "L"])
def test_other_colours_become_common_ones(tenant: Tenant, mode: str) -> None:
    assert opened(pictures.keep(picture(mode=mode)).key).mode == "RGB"


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes that says it is as large as that."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(10_000))) + chunk(b"IEND", b"")


def archive(before: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("evil.class", "x")
    return before + out.getvalue()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (b"", pictures.NotAPicture),
        (b"hello", pictures.NotAPicture),
        (b"MZ\x90\0" + bytes(500), pictures.NotAPicture),
        (b"RIFF\0\0\0\0WAVEfmt ", pictures.NotAPicture),
        (picture()[:900], pictures.NotAPicture),
        (picture(kind="PNG")[:300], pictures.NotAPicture),
        (b"\xff\xd8\xff" + bytes(1000), pictures.NotAPicture),
        (b"\x89PNG\r\n\x1a\n" + bytes(1000), pictures.NotAPicture),
        (bomb(100, 100), pictures.NotAPicture),
        (SVG, pictures.PictureKindRefused),
        (b"\xef\xbb\xbf <?xml version='1.0'?>" + SVG, pictures.PictureKindRefused),
        (picture(kind="GIF"), pictures.PictureKindRefused),
        (picture(kind="BMP"), pictures.PictureKindRefused),
        (picture(kind="TIFF"), pictures.PictureKindRefused),
        (b"\0\0\0\x20ftypheic" + bytes(100), pictures.PictureKindRefused),
        (archive(picture()), pictures.PictureCarriesMore),
        (archive(picture(kind="PNG")) + b"", pictures.PictureCarriesMore),
        (picture(comment=b"<?php system($_GET[0]); ?>"), pictures.PictureCarriesMore),
        (picture() + b"<html><script>alert(1)</script>", pictures.PictureCarriesMore),
        (picture(comment=b"%PDF-1.4"), pictures.PictureCarriesMore),
        (picture() + bytes(pictures.MOST_BYTES), pictures.PictureTooHeavy),
        (bomb(30_000, 30_000), pictures.PictureTooLarge),
        (bomb(12_001, 20), pictures.PictureTooLarge),
        (bomb(10_000, 4_001), pictures.PictureTooLarge),
        (picture((15, 300)), pictures.PictureTooSmall),
    ],
    ids=lambda each: each.__name__ if isinstance(each, type) else f"{len(each)}",
)  # fmt: skip
def test_refused(tenant: Tenant, sent: bytes, error: type[pictures.PictureRefused]) -> None:
    before = _kept()
    with pytest.raises(error) as raised:
        pictures.keep(sent, field="photo")
    assert type(raised.value) is error
    assert raised.value.fields == {"photo": raised.value.message}
    assert raised.value.status == 422
    assert _kept() == before


def test_ten_megabytes_of_picture_are_taken(tenant: Tenant) -> None:
    padded = picture((1200, 900))
    assert pictures.keep(padded + bytes(pictures.MOST_BYTES - len(padded))).width == 1200


def test_a_stream_is_not_read_past_the_limit(tenant: Tenant) -> None:
    class Endless(io.RawIOBase):
        asked = 0

        def read(self, size: int = -1) -> bytes:
            Endless.asked = size
            return bytes(size)

    with pytest.raises(pictures.PictureTooHeavy):
        pictures.keep(Endless())  # type: ignore[arg-type]
    assert Endless.asked == pictures.MOST_BYTES + 1


def test_a_key_from_elsewhere_has_one_form() -> None:
    assert pictures.form_of("shop/no-picture.svg", "thumb") == "shop/no-picture.svg"
    with pytest.raises(ValueError, match="poster"):
        pictures.form_of("shop/no-picture.svg", "poster")


def _kept() -> set[str]:
    root = files._root()
    return {str(each) for each in root.rglob("*") if each.is_file()} if root.exists() else set()
