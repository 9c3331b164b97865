"""Writes Asterisk's whole configuration, anew at each start, from the files in `templates/`.

Promises: ARI and WebSocket on loopback only, with a generated password; nothing answers an unknown caller; the only file
people edit is `trunks.conf`. Changes nothing of an Asterisk that the machine runs besides ours.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

from callcart.integrations.asterisk.install import Installed

MAIN = "main"
TEMPLATES = Path(__file__).with_name("templates")
WRITTEN = (
    *("asterisk", "logger", "http", "ari", "rtp", "sorcery", "pjsip", "extensions"),
    *("musiconhold", "stasis", "indications"),
)
# Modules look for these and warn when there is none.
# A leg to an agent whose page is at another node is carried on by the dial plan there; nothing else dials.
NODE_MODULES = ("app_dial",)
EMPTY = (
    *("cel", "features", "udptl", "acl", "res_parking", "ccss", "manager", "cli", "codecs", "extconfig"),
    *("pjproject", "websocket_client", "chan_websocket", "pjproject", "dnsmgr"),
)
READ_ONLY_PARTS = (
    "documentation",
    "rest-api",
    "static-http",
    "firmware",
    "images",
    "keys",
    "agi-bin",
    "phoneprov",
)


class _AtTemplate(Template):
    """`@{name}`, because `${NAME}` is the dialplan's own."""

    delimiter = "@"


@dataclass(frozen=True)
class Plan:
    """What a configuration is made of. `folder` is Asterisk's own; `runtime` holds its control socket (short path)."""

    folder: Path
    runtime: Path
    prompts: Path
    trunks_file: Path
    ari_password: str
    demo_phone_password: str
    http_port: int
    sip_host: str
    sip_port: int
    rtp_start: int
    rtp_end: int
    demo: bool
    node: str = MAIN
    nodes: Mapping[str, str] = field(default_factory=dict)  # the other ones: name -> host:port of their SIP
    nodes_password: str = ""
    shared_recordings: Path | None = None  # of a further node: where the main one's are
    edge: str = ""  # address of the Kamailio before all of them
    lab: bool = False
    maxfiles: int = 8192
    extra_modules: tuple[str, ...] = ()
    extra_contexts: str = ""  # dial plan besides ours

    @property
    def etc(self) -> Path:
        return self.folder / "etc"

    @property
    def configuration(self) -> Path:
        return self.etc / "asterisk.conf"

    @property
    def recordings(self) -> Path:
        return self.folder / "spool" / "recording"

    @property
    def security_log(self) -> Path:
        return self.folder / "log" / "security"


def write(plan: Plan, installed: Installed) -> None:
    """Make folders, links and files. Passwords go into files of mode 0600."""
    for name in (
        "etc",
        "lib/keys",
        "spool/recording",
        "spool/monitor",
        "spool/outgoing",
        "log",
        "data/sounds",
    ):
        if name != "spool/recording" or plan.shared_recordings is None:
            (plan.folder / name).mkdir(parents=True, exist_ok=True)
    _place_recordings(plan)
    (plan.prompts / "moh").mkdir(parents=True, exist_ok=True)
    _link_data(plan, installed)
    if not plan.trunks_file.exists():
        _write(plan.trunks_file, (TEMPLATES / "trunks.conf").read_text(encoding="utf-8"))
    values = _values(plan, installed)
    for name in WRITTEN:
        contexts = _contexts(plan, values) if name == "extensions" else ""
        _write(plan.etc / f"{name}.conf", render(name, values) + contexts)
    extra = (*plan.extra_modules, *(NODE_MODULES if plan.nodes else ()))
    _write(plan.etc / "modules.conf", modules(installed.modules, extra))
    _write(plan.etc / "cdr.conf", "[general]\nenable = no\n")
    for name in EMPTY:
        _write(plan.etc / f"{name}.conf", "")


def _place_recordings(plan: Plan) -> None:
    """Every node leaves the sound of its calls in one place, where the worker looks."""
    if plan.shared_recordings is None:
        plan.recordings.chmod(0o750)
    elif not plan.recordings.is_symlink():
        plan.recordings.parent.mkdir(parents=True, exist_ok=True)
        plan.recordings.symlink_to(plan.shared_recordings, target_is_directory=True)


def render(name: str, values: dict[str, str]) -> str:
    return _AtTemplate((TEMPLATES / f"{name}.conf").read_text(encoding="utf-8")).substitute(values)


def modules(folder: Path, extra: Iterable[str] = ()) -> str:
    """modules.conf: exactly what we use, as far as this build of Asterisk has it."""
    wanted = (TEMPLATES / "modules.txt").read_text(encoding="utf-8").split("\n", 1)[1].split()
    here = [name for name in (*wanted, *extra) if (folder / f"{name}.so").exists()]
    return "[modules]\nautoload = no\n" + "".join(f"load => {name}.so\n" for name in here)


def _values(plan: Plan, installed: Installed) -> dict[str, str]:
    loopback = plan.sip_host.startswith("127.")
    values = {
        "etc": str(plan.etc),
        "modules": str(installed.modules),
        # Names of legs begin with it: those of two nodes are never alike.
        "systemname": "" if plan.node == MAIN else f"systemname = {plan.node}",
        "lib": str(plan.folder / "lib"),
        "data": str(plan.folder / "data"),
        "spool": str(plan.folder / "spool"),
        "run": str(plan.runtime),
        "log": str(plan.folder / "log"),
        "prompts": str(plan.prompts),
        "recordings": str(plan.recordings),
        "trunks_file": str(plan.trunks_file),
        "maxfiles": str(plan.maxfiles),
        "http_port": str(plan.http_port),
        "ari_password": plan.ari_password,
        "demo_phone_password": plan.demo_phone_password,
        "sip_host": plan.sip_host,
        "sip_port": str(plan.sip_port),
        "rtp_start": str(plan.rtp_start),
        "rtp_end": str(plan.rtp_end),
        # Test tools send recorded sound from other ports than they say: the laboratory alone is lenient.
        "strict_rtp": "no" if plan.lab else "yes",
        # On a machine by itself the browser must find the media on loopback, whatever addresses there are.
        "ice_hosts": "".join(f"{address} => 127.0.0.1\n" for address in _own_addresses()) if loopback else "",
        "demo": "",
        "nodes": "",
    }
    if plan.demo:
        values["demo"] = render("pjsip_demo", values)
    values["nodes"] = _nodes(plan)
    return values


def _contexts(plan: Plan, values: dict[str, str]) -> str:
    return (render("extensions_nodes", values) if plan.nodes else "") + plan.extra_contexts


def _nodes(plan: Plan) -> str:
    """The ways from and to the other nodes, by address and a secret of the installation; and the one from Kamailio, which has looked
    at whom it hears."""
    secret = {"nodes_password": plan.nodes_password}
    parts = [render("pjsip_nodes", secret)] if plan.nodes else []
    for name, place in plan.nodes.items():
        parts.append(render("pjsip_node", {"name": name, "place": place, "host": place.partition(":")[0]}))
    if plan.edge:
        parts.append(render("pjsip_edge", {"edge": plan.edge}))
    return "".join(parts)


def _own_addresses() -> list[str]:
    """The address this machine would use towards others; no packet is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return []
        address = str(probe.getsockname()[0])
    return [] if address.startswith("127.") else [address]


def _link_data(plan: Plan, installed: Installed) -> None:
    """Asterisk wants one data folder: its own read-only parts, and our prompts as sounds `callcart/…`."""
    data = plan.folder / "data"
    links = {
        data / part: installed.data / part for part in READ_ONLY_PARTS if (installed.data / part).exists()
    }
    links[data / "sounds" / "callcart"] = plan.prompts
    for link, target in links.items():
        if link.is_symlink() and link.readlink() == target:
            continue
        link.unlink(missing_ok=True)
        link.symlink_to(target, target_is_directory=True)


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)
