from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "callcart.people.staff"
    label = "staff"

    def ready(self) -> None:
        from callcart.people.staff import permissions  # noqa: F401
