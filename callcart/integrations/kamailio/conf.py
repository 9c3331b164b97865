"""Writes Kamailio's configuration, anew at each start: where it listens, whom it hears, whom it passes calls to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path
from string import Template

TEMPLATES = Path(__file__).with_name("templates")
CARRIERS, NODES = 1, 2  # groups of addresses


class _AtTemplate(Template):
    """`@{name}`, because `$name` is Kamailio's own."""

    delimiter = "@"


@dataclass(frozen=True)
class Plan:
    """`nodes`: name -> host:port of each node's SIP. `ping`: seconds between two looks at each node."""

    folder: Path
    host: str
    port: int
    carriers: Sequence[IPv4Network]
    nodes: Mapping[str, str]
    ping: int = 2
    children: int = 4

    @property
    def configuration(self) -> Path:
        return self.folder / "kamailio.cfg"


def write(plan: Plan) -> None:
    """The three files it reads. They hold no secret."""
    plan.folder.mkdir(parents=True, exist_ok=True)
    text = _AtTemplate((TEMPLATES / "kamailio.cfg").read_text(encoding="utf-8")).substitute(
        host=plan.host,
        port=plan.port,
        children=plan.children,
        ping=plan.ping,
        folder=plan.folder,
        carriers=CARRIERS,
        nodes=NODES,
    )
    plan.configuration.write_text(text, encoding="utf-8")
    addresses = [f"{CARRIERS} {each.network_address} {each.prefixlen}" for each in plan.carriers]
    addresses += [f"{NODES} {place.partition(':')[0]} 32" for place in plan.nodes.values()]
    (plan.folder / "addresses.list").write_text("\n".join(addresses) + "\n", encoding="utf-8")
    (plan.folder / "nodes.list").write_text(
        "".join(f"1 sip:{place} 0 0 node={name}\n" for name, place in plan.nodes.items()), encoding="utf-8"
    )
