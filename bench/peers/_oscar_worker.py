"""Places orders with django-oscar as its checkout does: a basket filled, offers applied, the order made, stock allocated, the basket
submitted, in one transaction. Runs in an environment that has django-oscar; reads how many from standard input, answers seconds.
"""

from __future__ import annotations

import os
import sys
import time
from decimal import Decimal
from typing import Any

GOODS = 200
STOCK = 1_000_000


def configure() -> None:
    """django-oscar's settings as its documentation gives them, with our server."""
    from django.conf import settings
    from oscar.defaults import __dict__ as defaults

    apps = (
        "oscar.config.Shop analytics checkout address shipping catalogue catalogue.reviews communication partner basket payment"
        " offer order customer search voucher wishlists dashboard dashboard.reports dashboard.users dashboard.orders"
        " dashboard.catalogue dashboard.offers dashboard.partners dashboard.pages dashboard.ranges dashboard.reviews"
        " dashboard.vouchers dashboard.communications dashboard.shipping"
    )
    first, *others = apps.split()
    settings.configure(
        **{name: value for name, value in defaults.items() if name.isupper()},
        SECRET_KEY="bench",
        DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "bench_oscar", **{
            name: os.environ[f"PEER_{name}"] for name in ("HOST", "PORT", "USER", "PASSWORD")}}},
        INSTALLED_APPS=[
            "django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
            "django.contrib.messages", "django.contrib.sites", "django.contrib.flatpages", first,
            *(_app(name) for name in others), "widget_tweaks", "haystack", "treebeard", "django_tables2",
        ],
        HAYSTACK_CONNECTIONS={"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}},
        SITE_ID=1, USE_TZ=True, DEFAULT_AUTO_FIELD="django.db.models.BigAutoField", ROOT_URLCONF="",
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    )  # fmt: skip


def _app(name: str) -> str:
    last = name.rsplit(".", 1)[-1]
    config = {"catalogue.reviews": "CatalogueReviews"}.get(name, last.capitalize())
    if name.startswith("dashboard."):
        return f"oscar.apps.{name}.apps.{last.capitalize()}DashboardConfig"
    return f"oscar.apps.{name}.apps.{config}Config"


def goods() -> list[Any]:
    """Products that do not run out."""
    from oscar.core.loading import get_model

    kind = get_model("catalogue", "ProductClass").objects.create(name="Thing")
    partner = get_model("partner", "Partner").objects.create(name="Bench")
    Product, Record = get_model("catalogue", "Product"), get_model("partner", "StockRecord")
    found = []
    for number in range(GOODS):
        product = Product.objects.create(title=f"Thing {number}", product_class=kind)
        Record.objects.create(
            product=product, partner=partner, partner_sku=f"T{number}", price_currency="USD",
            price=Decimal(10), num_in_stock=STOCK,
        )  # fmt: skip
        found.append(product)
    get_model("address", "Country").objects.create(
        iso_3166_1_a2="US", iso_3166_1_a3="USA", printable_name="USA", name="USA", is_shipping_country=True
    )
    return found


def place(products: list[Any], number: int) -> None:
    """One order."""
    from django.db import transaction
    from oscar.apps.order.utils import OrderCreator
    from oscar.apps.shipping.methods import Free
    from oscar.core.loading import get_class, get_model

    Basket, Address = get_model("basket", "Basket"), get_model("order", "ShippingAddress")
    with transaction.atomic():
        basket = Basket.objects.create()
        basket.strategy = get_class("partner.strategy", "Selector")().strategy()
        for step in (0, 31, 67):
            product = get_model("catalogue", "Product").objects.get(
                id=products[(number * 7 + step) % GOODS].id
            )
            basket.add_product(product, 1 + step % 2)
        get_class("offer.applicator", "Applicator")().apply(basket)
        method = Free()
        charge = method.calculate(basket)
        address = Address(
            first_name="Ada", last_name="Example", line1="1 Pine Street", line4="Portland", state="Oregon", postcode="97201",
            phone_number="+12125550142", country_id="US",
        )  # fmt: skip
        address.save()
        OrderCreator().place_order(
            basket=basket, total=get_class("checkout.calculators", "OrderTotalCalculator")().calculate(basket, charge),
            shipping_method=method, shipping_charge=charge, shipping_address=address, order_number=f"{100_000 + number}",
        )  # fmt: skip
        basket.submit()


def main() -> None:
    configure()
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    products, number = goods(), 0
    print("ready", flush=True)
    for line in sys.stdin:
        began = time.perf_counter()
        for _each in range(int(line)):
            place(products, number)
            number += 1
        print(time.perf_counter() - began, flush=True)


if __name__ == "__main__":
    main()
