"""What the adapters of the demo's companies share: an answer that is no JSON decides nothing, whatever its status."""

from __future__ import annotations

import httpx
import pytest

from callcart.commerce.payments.gateway import GatewayUnreachable
from callcart.commerce.shipping.carrier import CarrierUnreachable
from callcart.integrations.carriers.demo import DemoCarrier
from callcart.integrations.gateways.demo import DemoGateway


@pytest.mark.parametrize("status", [200, 404])
@pytest.mark.parametrize("body", ["<h1>Not found</h1>", "[]"])
def test_a_page_of_something_in_between_is_no_answer(
    monkeypatch: pytest.MonkeyPatch, status: int, body: str
) -> None:
    monkeypatch.setattr(httpx, "post", lambda url, **_values: httpx.Response(status, text=body))
    with pytest.raises(CarrierUnreachable):
        DemoCarrier({}, "http://127.0.0.1:1").track(["MP1"])
    with pytest.raises(GatewayUnreachable):
        DemoGateway("http://127.0.0.1:1").look_up("1.a")
