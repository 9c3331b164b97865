from django.apps import AppConfig


class ShopConfig(AppConfig):
    name = "callcart.web.shop"
    label = "shop"
