from django.apps import AppConfig


class VoiceConfig(AppConfig):
    name = "callcart.contact.voice"
    label = "voice"

    def ready(self) -> None:
        from callcart.contact.voice import permissions  # noqa: F401
