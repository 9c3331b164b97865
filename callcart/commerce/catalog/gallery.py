"""A product's pictures: taken in, put in order, said in words for those who cannot see them, and which of them shows a variant."""

from __future__ import annotations

from typing import BinaryIO
from uuid import UUID

from django.utils.translation import gettext

from callcart.commerce.catalog.change import MOST_IMAGES, locked_product
from callcart.commerce.catalog.models import Product, Variant
from callcart.core import audit, events, pictures
from callcart.core.actor import Actor
from callcart.core.errors import Invalid, NotFound
from callcart.core.fields import Fields

LONGEST_ALT = 200


def add_picture(
    actor: Actor, product_id: UUID, sent: bytes | BinaryIO, *, alt: str = "", alt_zh: str = ""
) -> str:
    """Keep a picture that was sent, as the product's last. Returns its key; one it has already stays where it is. Raises
    NotFound, Invalid, a PictureRefused."""
    actor.require("catalog.manage")
    words = _words(alt, alt_zh)
    key = pictures.keep(sent).key
    product = locked_product(product_id)
    if key not in product.images:
        if len(product.images) >= MOST_IMAGES:
            raise Invalid(fields={"picture": gettext("At most %(most)d pictures.") % {"most": MOST_IMAGES}})
        product.images = [*product.images, key]
    if any(words):
        product.alts[key] = words
    _keep(actor, "catalog.add_picture", product, key)
    return key


def describe_picture(actor: Actor, product_id: UUID, key: str, *, alt: str, alt_zh: str) -> None:
    """Say what a picture shows. Raises NotFound, Invalid."""
    actor.require("catalog.manage")
    words = _words(alt, alt_zh)
    product = _having(product_id, key)
    product.alts[key] = words
    _keep(actor, "catalog.describe_picture", product, key)


def move_picture(actor: Actor, product_id: UUID, key: str, *, by: int) -> None:
    """Put a picture so many places further back (negative: to the front). The first is the main one. Raises NotFound."""
    actor.require("catalog.manage")
    product = _having(product_id, key)
    others = [each for each in product.images if each != key]
    others.insert(max(0, product.images.index(key) + by), key)
    product.images = others
    _keep(actor, "catalog.move_picture", product, key)


def remove_picture(actor: Actor, product_id: UUID, key: str) -> None:
    """Take a picture off a product and its variants; the file stays, others may show it. Raises NotFound."""
    actor.require("catalog.manage")
    product = _having(product_id, key)
    product.images = [each for each in product.images if each != key]
    product.alts.pop(key, None)
    Variant.objects.filter(product=product, image=key).update(image="")
    _keep(actor, "catalog.remove_picture", product, key)


def show_variant(actor: Actor, variant_id: UUID, key: str) -> None:
    """Which of its product's pictures shows a variant; empty for the main one. Raises NotFound."""
    actor.require("catalog.manage")
    variant = Variant.objects.filter(id=variant_id).first()
    if variant is None:
        raise NotFound
    product = locked_product(variant.product_id)
    if key and key not in product.images:
        raise NotFound
    before, variant.image = variant.image, key
    variant.save(update_fields=["image"])
    audit.record(
        actor, "catalog.show_variant", subject=("variant", variant.id), before={"image": before}, after={"image": key}
    )  # fmt: skip
    events.emit("product.changed", subject=("product", product.id), data={"variant_id": variant.id})


def _words(alt: str, alt_zh: str) -> list[str]:
    form = Fields()
    words = [
        form.line("alt", alt, most=LONGEST_ALT),
        form.line("alt_zh", alt_zh, most=LONGEST_ALT),
    ]
    form.done()
    return words


def _having(product_id: UUID, key: str) -> Product:
    product = locked_product(product_id)
    if key not in product.images:
        raise NotFound
    return product


def _keep(actor: Actor, action: str, product: Product, key: str) -> None:
    """Pictures have no version of their own: each change is one act on the row as it is, and spoils nobody's open form."""
    product.save(update_fields=["images", "alts"])
    after = {"key": key, "images": product.images}
    audit.record(actor, action, subject=("product", product.id), after=after)
    events.emit("product.changed", subject=("product", product.id), data={"product_id": product.id})
