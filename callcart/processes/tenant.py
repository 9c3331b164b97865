"""`callcart tenant create`: a shop with its owner, ready to be worked in, without demo data.

Makes what a shop cannot begin without: roles, one queue and who serves it, languages as skills, reasons to pause, dispositions, a
warehouse, a delivery method. All of it or nothing. Everything made here is a beginning that the owner changes or adds to.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from callcart.processes.postgres import server

if TYPE_CHECKING:
    from callcart.core.actor import Actor
    from callcart.core.errors import AppError

# code, English, Chinese
SKILLS = (("lang:en", "English", "英语"), ("lang:zh-hans", "Chinese", "中文"))
PAUSES = (("break", "Break", "小休"), ("lunch", "Lunch", "用餐"), ("meeting", "Meeting", "会议"))
DISPOSITIONS = (
    ("order", "Order", "订购", (("order.placed", "Order placed", "已下单"), ("order.changed", "Order changed", "修改订单"),
                              ("order.cancelled", "Order cancelled", "取消订单"))),
    ("delivery", "Delivery", "物流", (("delivery.status", "Where is my order", "查询物流"), ("delivery.late", "Late", "配送延误"))),
    ("aftersales", "After-sales", "售后", (("aftersales.return", "Return", "退货"), ("aftersales.exchange", "Exchange", "换货"))),
    ("product", "Product question", "商品咨询", ()),
    ("complaint", "Complaint", "投诉", ()),
    ("other", "Other", "其他", (("other.wrong", "Wrong number", "打错电话"), ("other.silent", "Nobody spoke", "无声电话"))),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Owner:
    """The first person who may sign in."""

    email: str
    name: str
    password: str


@click.group()
def tenant() -> None:
    """Shops on this installation."""


@tenant.command()
@click.argument("slug")
@click.option("--name", required=True, help="The shop's name.")
@click.option("--name-zh", default="", help="The same in Chinese.")
@click.option("--currency", required=True, help="ISO 4217, such as USD.")
@click.option("--timezone", required=True, help="IANA, such as Europe/Lisbon.")
@click.option("--country", required=True, help="ISO 3166, such as PT.")
@click.option("--language", type=click.Choice(["en", "zh-hans"]), default="en", show_default=True)
@click.option("--host", "hosts", multiple=True, help="A host name of the shop; may be repeated.")
@click.option("--number", default="", help="The service number customers dial; more in the office.")
@click.option("--owner", "email", required=True, help="The owner's e-mail address, to sign in with.")
@click.option("--owner-name", required=True)
@click.option("--password-stdin", is_flag=True, help="Read the owner's password from the standard input.")
def create(
    slug: str, email: str, owner_name: str, number: str, *, password_stdin: bool, **values: Any
) -> None:
    """Make the shop SLUG and the account of its owner. The password is asked for."""
    import django

    django.setup()
    from callcart.core.errors import AppError

    if password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = click.prompt("Password of the owner", hide_input=True, confirmation_prompt=True)
    with server.running():
        try:
            make({"slug": slug, **values}, owner=Owner(email, owner_name, password), number=number)
        except AppError as error:
            raise click.ClickException("\n".join([error.message, *_fields(error)])) from None
    click.echo(f"{slug} is made. Sign in as {email} at /office on any of its host names.")


@tenant.command("list")
def list_all() -> None:
    """Every active shop: short name, host names, service numbers."""
    import django

    django.setup()
    from callcart.people.tenants.public import list_hosts, list_service_numbers, list_tenants

    with server.running():
        for each in list_tenants():
            hosts = " ".join(host.host for host in list_hosts(each.id))
            numbers = " ".join(one.number for one in list_service_numbers(each.id) if one.is_active)
            click.echo(f"{each.slug}\t{each.name}\t{hosts}\t{numbers}")


def make(values: dict[str, Any], *, owner: Owner, number: str = "") -> int:
    """The shop, in one transaction; its id. `values` are those of `create_tenant`. Raises Invalid, SlugTaken, HostTaken,
    NumberTaken."""
    from django.db import transaction

    from callcart.core.actor import Actor
    from callcart.core.tenancy import tenant_transaction
    from callcart.engage.ivr.public import ensure_main
    from callcart.people.staff.public import create_staff, ensure_default_roles
    from callcart.people.tenants.public import add_service_number, create_tenant

    with transaction.atomic():
        made = create_tenant(**values)
        with tenant_transaction(made.id):
            actor = Actor.system(made.id, "installation")
            roles = ensure_default_roles()
            create_staff(
                actor, email=owner.email, name=owner.name, password=owner.password, role_ids=[roles["owner"].id]
            )  # fmt: skip
            queue_id = _routing(actor)
            _dispositions(actor)
            ensure_main(actor)
            _goods(actor, made.country)
            if number:
                add_service_number(
                    actor, number, name="Customer service", name_zh="客服热线", queue_id=queue_id
                )
    return int(made.id)


def _routing(actor: Actor) -> UUID:
    """Languages, pauses, one queue and a profile that serves it; the queue's id."""
    from callcart.contact.routing.public import add_queue, save_pause_reason, save_profile, save_skill

    for code, name, name_zh in SKILLS:
        save_skill(actor, code, name=name, name_zh=name_zh)
    for place, (code, name, name_zh) in enumerate(PAUSES):
        save_pause_reason(actor, code, name=name, name_zh=name_zh, position=place)
    queue = add_queue(actor, "service", name="Customer service", name_zh="客服", priority=100)
    save_profile(actor, "everything", name="All queues", name_zh="全部技能组", queues={queue.id: 1})
    return queue.id


def _dispositions(actor: Actor) -> None:
    from callcart.contact.conversations.public import save_disposition

    for key, (code, name, name_zh, children) in enumerate(DISPOSITIONS, start=1):
        parent = save_disposition(actor, code, name=name, name_zh=name_zh, key=key)
        for place, (child, child_name, child_zh) in enumerate(children, start=1):
            save_disposition(actor, child, name=child_name, name_zh=child_zh, key=place, parent_id=parent.id)


def _goods(actor: Actor, country: str) -> None:
    """Where stock lies and how it gets out: an order needs both. Delivery costs nothing until the owner says."""
    from callcart.commerce.inventory.public import WarehouseDraft, create_warehouse
    from callcart.commerce.shipping.public import MethodDraft, create_method

    create_warehouse(actor, WarehouseDraft(code="main", name="Main warehouse", name_zh="主仓库"))
    create_method(
        actor,
        MethodDraft(
            code="standard", name="Standard", name_zh="标准配送", price_minor=0, countries=(country,)
        ),
    )


def _fields(error: AppError) -> list[str]:
    return [f"  {name}: {problem}" for name, problem in getattr(error, "fields", {}).items()]
