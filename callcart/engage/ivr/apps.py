from django.apps import AppConfig


class IvrConfig(AppConfig):
    name = "callcart.engage.ivr"
    label = "ivr"
