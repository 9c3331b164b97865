"""Addresses of the selling area: promotions, price lists, tax, trying a price."""

from django.urls import path

from callcart.web.office.selling import order_price, price_lists, promotions, taxes, try_price

urlpatterns = [
    path("promotions", promotions.promotions, name="promotions"),
    path("promotions/new", promotions.edit, name="promotion_new"),
    path("promotions/<uuid:promotion_id>", promotions.promotion, name="promotion"),
    path("promotions/<uuid:promotion_id>/edit", promotions.edit, name="promotion_edit"),
    path("promotions/<uuid:promotion_id>/state", promotions.set_state, name="promotion_state"),
    path("promotions/<uuid:promotion_id>/codes", promotions.add_code, name="promotion_code"),
    path("promotions/<uuid:promotion_id>/batches", promotions.make_batch, name="promotion_batch"),
    path("coupons/<uuid:coupon_id>/switch", promotions.switch_code, name="coupon_switch"),
    path("coupons/batches/<uuid:batch_id>.csv", promotions.download, name="coupon_batch"),
    path("price-lists", price_lists.price_lists, name="price_lists"),
    path("price-lists/new", price_lists.edit, name="price_list_new"),
    path("price-lists/<uuid:list_id>", price_lists.price_list, name="price_list"),
    path("price-lists/<uuid:list_id>/edit", price_lists.edit, name="price_list_edit"),
    path("price-lists/<uuid:list_id>/prices", price_lists.add_prices, name="price_list_prices"),
    path(
        "price-lists/<uuid:list_id>/prices/<uuid:price_id>/remove",
        price_lists.remove_price,
        name="price_list_remove",
    ),
    path("taxes", taxes.taxes, name="taxes"),
    path("taxes/classes", taxes.save_class, name="tax_class_save"),
    path("taxes/rates", taxes.add_rate, name="tax_rate_add"),
    path("taxes/rates/<uuid:rate_id>/remove", taxes.remove_rate, name="tax_rate_remove"),
    path("taxes/included", taxes.set_included, name="taxes_included"),
    path("orders/<uuid:order_id>/price", order_price.order_price, name="order_price"),
    path("try-a-price", try_price.try_price, name="try_price"),
]
