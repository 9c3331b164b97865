from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "callcart.web.accounts"
    label = "accounts"
