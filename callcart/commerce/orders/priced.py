"""What an order keeps of its price: the sums, the codes that counted, and the terms it was promised."""

from __future__ import annotations

from callcart.commerce.orders.models import Order
from callcart.commerce.pricing import public as pricing


def store_prices(order: Order, basket: pricing.PricedBasket, shipping: pricing.PricedDelivery) -> None:
    """Write the parts of the price into the order; the caller saves it, and the total with it."""
    tax = basket.tax_minor + shipping.tax_minor
    order.goods_minor = basket.goods_minor
    order.discount_minor = basket.discount_minor
    order.delivery_minor = shipping.total_minor
    order.delivery_discount_minor = shipping.discount_minor
    order.tax_minor = tax
    order.added_tax_minor = tax if basket.tax_is_added else 0
    order.coupon_codes = list(pricing.codes_of(basket.applied))
    order.pricing = {
        "promised": [each.terms.to_json() for each in basket.applied],
        "delivery": [step.to_json() for step in shipping.steps],
        "delivery_tax_minor": shipping.tax_minor,
        "delivery_tax_ppm": shipping.tax_rate_ppm,
        "tax_added": basket.tax_is_added,
    }
