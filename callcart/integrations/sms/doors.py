"""Where a line may connect to: what the guard of webhooks lets through, machines of the open internet; besides these the demo's own
SMS centre on this machine, and private networks where the installation says so (CALLCART_SMS_PRIVATE). A name is resolved once
and the connection goes to the address that was looked at.
"""

from __future__ import annotations

import ipaddress
import socket

from django.utils.translation import gettext as _

from callcart.config import config
from callcart.engage.webhooks.guard import NotPublic, NotResolved, addresses_of


class Shut(Exception):
    """It may not or cannot be connected to; the text says why, for people."""


def is_demo(host: str, port: int) -> bool:
    """Whether this is the demo's SMS centre, by SMPP or by HTTP."""
    settings = config()
    try:
        here = ipaddress.ip_address(host).is_loopback
    except ValueError:
        here = host == "localhost"
    return settings.demo and here and port in (settings.smpp_port, settings.sms_port)


def may_be_private(host: str, port: int) -> bool:
    """Whether it is not to be looked at where this is."""
    return config().sms_private or is_demo(host, port)


def address_for(host: str, port: int) -> str:
    """The address to connect to. Raises Shut."""
    if is_demo(host, port):
        return "127.0.0.1"
    try:
        if config().sms_private:
            return str(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0])
        return addresses_of(host, port)[0]
    except (NotResolved, OSError, UnicodeError):
        raise Shut(_("There is no machine called %(host)s.") % {"host": host}) from None
    except NotPublic:
        raise Shut(
            _("%(host)s is in a private network; lines go to public addresses only.") % {"host": host}
        ) from None
