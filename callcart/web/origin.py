"""Where the shop is reached by those who do not ask from its pages: payers sent back, the provider's messages, links that
are passed on. The host a request names is believed only where it is one of the shop's: any other serves the default shop,
and could send a payer or the provider's messages elsewhere."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.request import split_domain_port

from callcart.people.tenants.public import list_hosts
from callcart.web.middleware import state_of


def own_url(request: HttpRequest, path: str) -> str:
    """The whole address of a path, on a host that is the shop's own."""
    own = [each.host for each in list_hosts(state_of(request).tenant.id)]
    name, _port = split_domain_port(request.get_host())
    if name in own or not own:
        return request.build_absolute_uri(path)
    usual = {"http": "80", "https": "443"}.get(request.scheme or "")
    port = "" if request.get_port() == usual else f":{request.get_port()}"
    return f"{request.scheme}://{own[0]}{port}{path}"
