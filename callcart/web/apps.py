from contextlib import suppress

from django.apps import AppConfig

from callcart.core.messages import compile_catalogs


class WebConfig(AppConfig):
    name = "callcart.web"
    label = "web"

    def ready(self) -> None:
        with suppress(OSError):  # an installation that cannot be written to was compiled when it was made
            compile_catalogs()
