"""What every domain's `apps.py` is: a name, and the modules that declare something when they are read."""

from __future__ import annotations

from importlib import import_module
from typing import ClassVar

from django.apps import AppConfig


class DomainConfig(AppConfig):
    """A domain. `declares`: its modules with permissions, handlers, jobs and the like, in the order they are read."""

    declares: ClassVar[tuple[str, ...]] = ()

    def ready(self) -> None:
        for module in self.declares:
            import_module(f"{self.name}.{module}")
