"""The ports that our processes listen on: one that is taken stops the start, named with the setting that moves it."""

from __future__ import annotations

import socket

from callcart.config import ConfigurationError


def bound(who: str, host: str, port: int, *, setting: str) -> socket.socket:
    """A TCP socket at this address, not listening yet. Raises ConfigurationError where the address is taken or not ours."""
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
    except OSError as error:
        made.close()
        raise ConfigurationError(
            f"{who} cannot listen on {host}:{port} ({error.strerror}): set {setting} to a free port."
        ) from None
    return made


def refuse_taken(who: str, host: str, port: int, *, setting: str) -> None:
    """For servers that bind by themselves. Raises ConfigurationError as `bound` does."""
    bound(who, host, port, setting=setting).close()
