from django.apps import AppConfig


class OfficeConfig(AppConfig):
    name = "callcart.web.office"
    label = "office"
