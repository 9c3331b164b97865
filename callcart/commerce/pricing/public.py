"""What other rooms may use of pricing."""

from callcart.commerce.pricing.codes import TriedTooManyCodes, code_key, count_code_tried, same_code
from callcart.commerce.pricing.explain import explain, percent, say_note
from callcart.commerce.pricing.facts import (
    Applied,
    Basket,
    BasketLine,
    Buyer,
    Note,
    NoteReason,
    PricedBasket,
    PricedDelivery,
    PricedItem,
    PromotionTerms,
    Rules,
    Step,
    StepKind,
)
from callcart.commerce.pricing.price import codes_of, price_basket, price_delivery, unit_price
from callcart.commerce.pricing.rules import load_rules
from callcart.commerce.pricing.uses import UsedUp, release_uses, settle_uses, take_uses

__all__ = [
    "Applied",
    "Basket",
    "BasketLine",
    "Buyer",
    "Note",
    "NoteReason",
    "PricedBasket",
    "PricedDelivery",
    "PricedItem",
    "PromotionTerms",
    "Rules",
    "Step",
    "StepKind",
    "TriedTooManyCodes",
    "UsedUp",
    "code_key",
    "codes_of",
    "count_code_tried",
    "explain",
    "load_rules",
    "percent",
    "price_basket",
    "price_delivery",
    "release_uses",
    "same_code",
    "say_note",
    "settle_uses",
    "take_uses",
    "unit_price",
]
