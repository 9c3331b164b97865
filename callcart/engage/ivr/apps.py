from django.apps import AppConfig


class IvrConfig(AppConfig):
    name = "callcart.engage.ivr"
    label = "ivr"

    def ready(self) -> None:
        from callcart.engage.ivr import phrases

        phrases.declare()
