"""A demo shop whose desk is worked without a telephone: calls are opened, offered, answered and ended by the verbs that the
voice process uses. One database for the folder; each test clears the floor behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from django.test import Client

from callcart.commerce.catalog.models import Variant
from callcart.commerce.inventory.models import Stock
from callcart.commerce.orders.models import Order
from callcart.commerce.orders.public import DraftAddress, DraftLine, OrderDraft, place_order
from callcart.commerce.shipping.models import DeliveryMethod
from callcart.contact.conversations import public as conversations
from callcart.contact.conversations.models import Conversation
from callcart.contact.routing import public as routing
from callcart.contact.routing.models import Agent, Ticket
from callcart.contact.voice.models import Call
from callcart.core.actor import Actor
from callcart.core.database import raw
from callcart.core.tenancy import tenant_transaction
from callcart.demo.data.people import KNOWN_CALLERS
from callcart.people.customers.models import Phone
from callcart.people.customers.public import create_customer
from callcart.people.staff.models import Staff
from callcart.people.staff.public import start_session
from callcart.people.tenants.models import Tenant
from callcart.web.middleware import SESSION_COOKIE

GRACE = "+12025550123"  # a customer of the demo shop, the only one with that number
STRANGER = "+12025550999"


@dataclass
class Stage:
    """One tenant's floor, its staff by log-in."""

    tenant_id: int
    slug: str
    staff: dict[str, Staff] = field(default_factory=dict)

    @property
    def boss(self) -> Actor:
        return Actor.system(self.tenant_id, "test")

    def transaction(self) -> Any:
        return tenant_transaction(self.tenant_id)

    def client(self, login: str = "amy", *, language: str = "en") -> Client:
        """A client signed in as a member of the staff, reading that language."""
        client = Client(HTTP_HOST=f"{self.slug}.localhost")
        with self.transaction():
            Staff.objects.filter(id=self.staff[login].id).update(language=language)
            client.cookies[SESSION_COOKIE] = start_session(
                self.staff[login], ip="127.0.0.1", user_agent="test"
            )
        return client

    def send(self, path: str, body: Any = None, *, login: str = "amy") -> Any:
        """What the desk's scripts send: JSON, and JSON wanted back, refusals too."""
        return self.client(login).post(
            f"/desk/{path}",
            body or {},
            content_type="application/json",
            headers={"accept": "application/json"},
        )

    def waiting(self, number: str = GRACE, *, raw: str = "", language: str = "en") -> UUID:
        """A call that waits in a queue; `number` empty: none that could be dialled."""
        with self.transaction():
            made = conversations.open_conversation(
                self.boss, caller_e164=number, caller_raw=raw or number, language=language
            )
            queue = routing.queues()[0].id
        routing.enqueue(self.tenant_id, made.id, queue)
        return made.id

    def ringing(self, number: str = GRACE, *, login: str = "amy", **call: Any) -> UUID:
        """A call that rings at an agent."""
        routing.agent_ready(self.boss, self.staff[login].id)
        return self.waiting(number, **call)

    def talking(self, number: str = GRACE, *, login: str = "amy", **call: Any) -> UUID:
        made = self.ringing(number, login=login, **call)
        assert routing.accept(made, self.staff[login].id, tenant_id=self.tenant_id)
        return made

    def wrapping(self, number: str = GRACE, *, login: str = "amy", **call: Any) -> UUID:
        made = self.talking(number, login=login, **call)
        self.end(made)
        return made

    def end(self, conversation_id: UUID) -> None:
        routing.finish(conversation_id, wrap_seconds=600, tenant_id=self.tenant_id)

    def put_on_hold(self, conversation_id: UUID) -> None:
        """What the voice process keeps when the customer hears music."""
        self._keep_call(conversation_id, "held", "hold.started", "hold")

    def take_back(self, conversation_id: UUID) -> None:
        self._keep_call(conversation_id, "talking", "hold.ended", "talk")

    def _keep_call(self, conversation_id: UUID, state: str, step: str, media: str) -> None:
        with self.transaction():
            Call.objects.get_or_create(
                conversation_id=conversation_id,
                defaults={"customer_channel": str(conversation_id), "state": "talking"},
            )
            agent = Conversation.objects.get(id=conversation_id).agent_id
            assert raw.value(
                "SELECT voice_save(%s::int, %s::uuid, %s, '', %s::uuid, NULL, 0, '{}', NULL, %s, '{}', %s)",
                (self.tenant_id, conversation_id, state, agent, step, media),
            )

    def customer(self, number: str = GRACE) -> UUID:
        with self.transaction():
            return Phone.objects.get(e164=number).customer_id

    def order(self, number: str = GRACE, *, sku: str = "LA01", quantity: int = 1) -> Order:
        """An order of a customer, paid to the carrier, to an address in Portland (harbor's)."""
        place = DraftAddress(
            "Grace Whitfield", number, "US", "ME", "Portland", "", "12 Ferry Landing", "04101"
        )
        with self.transaction():
            return _order(self.boss, self.customer(number), self.variant(sku), quantity, place)

    def variant(self, sku: str) -> UUID:
        with self.transaction():
            return Variant.objects.get(sku=sku).id

    def left(self, sku: str) -> int:
        """How many can be sold, over all warehouses."""
        with self.transaction():
            return sum(row.available for row in Stock.objects.filter(variant__sku=sku))

    def record(self, conversation_id: UUID) -> Conversation:
        with self.transaction():
            return Conversation.objects.get(id=conversation_id)

    def state(self, login: str = "amy") -> routing.AgentView:
        with self.transaction():
            return routing.agent_state(self.staff[login].id)

    def clear(self) -> None:
        """Nobody waits, talks or works."""
        with self.transaction():
            tickets = list(Ticket.objects.values_list("conversation_id", flat=True))
            agents = list(Agent.objects.values_list("staff_id", flat=True))
        for each in tickets:
            routing.finish(each, wrap_seconds=0, tenant_id=self.tenant_id)
        for each in agents:
            routing.agent_offline(self.boss, each)


def _order(actor: Actor, customer_id: UUID, variant_id: UUID, quantity: int, place: DraftAddress) -> Order:
    draft = OrderDraft(
        lines=(DraftLine(variant_id, quantity),),
        channel="phone",
        address=place,
        delivery_method=DeliveryMethod.objects.filter(takes_cod=True, is_active=True)[0].code,
        payment_method="cod",
        customer_id=customer_id,
    )
    return place_order(actor, draft, idempotency_key=str(uuid4()))


def a_little_trade(tenant: Tenant) -> None:
    """The known callers, and one order of a customer whom no test calls by."""
    system = Actor.system(tenant.id, "demo")
    places = {
        "harbor": DraftAddress(
            "Sam Stock", "+12025550180", "US", "ME", "Portland", "", "1 Elm Court", "04101"
        ),
        "qinghe": DraftAddress(
            "石小川", "+8613800009999", "CN", "浙江省", "杭州市", "西湖区", "文三路 1 号", "310012"
        ),
    }
    place = places[tenant.slug]
    with tenant_transaction(tenant.id):
        for each in KNOWN_CALLERS:
            if each.tenant == tenant.slug:
                create_customer(
                    system, name=each.name, phone=each.number, tier=each.tier, language=each.language
                )
        buyer = create_customer(system, name=place.name, phone=place.phone, language=tenant.language)
        stocked = Stock.objects.filter(on_hand__gt=20).order_by("variant__sku")[0]
        _order(system, buyer.id, stocked.variant_id, 1, place)


def stage_of(slug: str) -> Stage:
    tenant = Tenant.objects.get(slug=slug)
    with tenant_transaction(tenant.id):
        staff = {row.email.partition("@")[0]: row for row in Staff.objects.all()}
    return Stage(tenant.id, slug, staff)
