from importlib import import_module

from django.apps import AppConfig


class TasksConfig(AppConfig):
    name = "callcart.people.tasks"
    label = "tasks"

    def ready(self) -> None:
        import_module(f"{self.name}.permissions")
