"""What other rooms may use of pricing."""

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
from callcart.commerce.pricing.price import codes_of, price_basket, price_delivery
from callcart.commerce.pricing.rules import load_rules
from callcart.commerce.pricing.uses import UsedUp, release_uses, set_amounts, take_uses

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
    "UsedUp",
    "codes_of",
    "explain",
    "load_rules",
    "percent",
    "price_basket",
    "price_delivery",
    "release_uses",
    "say_note",
    "set_amounts",
    "take_uses",
]
