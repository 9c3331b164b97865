"""Configuration: read once from the environment, or from one file (`callcart.env`, same names), typed and checked.

Every value has a name `CALLCART_…`; a wrong one stops the start and is named. Secrets are not here:
they are made at first run and kept in files of mode 0600 (see `callcart.core.secrets`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_serializer,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

# RFC 7064 and 7065; IPv6 in brackets.
_ICE_URL = re.compile(
    r"stuns?:(\[[0-9a-fA-F:.]+\]|[\w.-]+)(:\d{1,5})?|turns?:(\[[0-9a-fA-F:.]+\]|[\w.-]+)(:\d{1,5})?(\?transport=(udp|tcp))?",
    re.ASCII,
)


_NODE = re.compile(r"[a-z][a-z0-9]{0,19}")
_PLACE = re.compile(r"\d{1,3}(\.\d{1,3}){3}:\d{1,5}")


class ConfigurationError(SystemExit):
    """The configuration names a value that cannot be used."""


class Config(BaseSettings):
    """All settings of an installation. Ports are TCP unless said; sizes are bytes; times are seconds."""

    model_config = SettingsConfigDict(
        env_prefix="CALLCART_", env_file="callcart.env", extra="forbid", frozen=True
    )

    home: Path = Field(default=Path("var"), description="folder for everything this installation writes")
    database_url: str = Field(
        default="",
        description="owner's URL of a real PostgreSQL 15+ server; empty: our own server under home",
    )
    host: str = Field(default="127.0.0.1", description="address that web and live listen on")
    public_host: str = Field(default="localhost", description="host name people type")
    web_port: int = Field(default=8443, ge=1, le=65535)
    live_port: int = Field(default=8444, ge=1, le=65535)
    gateway_port: int = Field(default=8446, ge=1, le=65535, description="demo payment gateway")
    carrier_port: int = Field(default=8448, ge=1, le=65535, description="demo carrier company")
    sms_port: int = Field(default=8449, ge=1, le=65535, description="demo SMS centre, by HTTP")
    smpp_port: int = Field(default=2775, ge=1, le=65535, description="demo SMS centre, by SMPP")
    metrics_port: int = Field(
        default=8445,
        ge=0,
        le=65533,
        description="counters of the worker, two above it those of voice; 0: none",
    )
    postgres_port: int = Field(default=54329, ge=1, le=65535)
    sip_host: str = Field(default="127.0.0.1", description="address that SIP and RTP listen on")
    sip_port: int = Field(default=5060, ge=1, le=65535, description="UDP")
    node: str = Field(
        default="main",
        pattern=r"[a-z][a-z0-9]{0,19}",
        description="name of this Asterisk and its voice process, where a database has several of them",
    )
    nodes: Annotated[Mapping[str, str], NoDecode] = Field(
        default_factory=dict,
        description="the other nodes and where their SIP is heard, by commas: b=10.0.0.2:5060",
    )
    edge_host: str = Field(default="", description="address that Kamailio listens on; empty: there is none")
    edge_port: int = Field(default=5060, ge=1, le=65535, description="UDP")
    edge_carriers: Annotated[tuple[IPv4Network, ...], NoDecode] = Field(
        default=(),
        description="addresses and networks of your carriers, by commas: Kamailio hears nobody else",
    )
    sip_trunk: str = Field(
        default="",
        pattern=r"[\w.-]{0,60}",
        description="the trunk of trunks.conf by which calls go out; empty: none do (in the demo, to the demo caller)",
    )
    sip_alarm: int = Field(
        default=60, ge=1, le=1_000_000, description="requests of strangers within a minute that are an alarm"
    )
    sip_lab: bool = Field(
        default=False, description="accept sound from changing ports; for SIP test tools only"
    )
    asterisk_http_port: int = Field(
        default=8088, ge=1, le=65535, description="ARI and SIP over WebSocket, loopback"
    )
    rtp_start: int = Field(default=20000, ge=1024, le=65000)
    rtp_end: int = Field(default=21999, ge=1024, le=65535)
    ice_servers: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="STUN and TURN servers of the agents' browsers, by commas: stun:host:port, turn:host:port",
    )
    turn_user: str = Field(default="", description="user name at the TURN servers of ice_servers")
    turn_credential: SecretStr = Field(
        default=SecretStr(""), validate_default=True, description="its password"
    )
    turn_secret: SecretStr = Field(
        default=SecretStr(""),
        description="what the TURN servers make passwords of that hold for some hours (static-auth-secret of coturn): visitors get such ones",
    )
    tls: bool = Field(default=True, description="serve https; false only behind a proxy that does")
    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = Field(
        default=(),
        description="addresses and networks, by commas, of HTTP proxies whose X-Forwarded-For is believed",
    )
    web_workers: int = Field(default=2, ge=1, le=64)
    web_threads: int = Field(default=8, ge=1, le=256)
    worker_concurrency: int = Field(default=4, ge=1, le=64)
    voice_threads: int = Field(default=4, ge=1, le=64, description="database threads of the voice process")
    smtp_url: SecretStr = Field(
        default=SecretStr(""),
        validate_default=True,
        description="mail server for messages to customers: smtp://user:password@host:587 (STARTTLS where offered) or smtps://…; "
        "empty: no mail (on a demo installation it is only shown)",
    )
    mail_from: str = Field(
        default="", description="sender of mail to customers; empty: no-reply at the shop's host name"
    )
    webhooks_private: bool = Field(
        default=False,
        description="send webhooks to private addresses and without TLS too; for closed networks",
    )
    mail_private: bool = Field(
        default=False,
        description="let shops' mailboxes lie on private addresses and on this machine; for closed networks (a demo installation does)",
    )
    sms_private: bool = Field(
        default=False,
        description="let shops' SMS centres and providers lie on private addresses and without TLS; for VPNs of carriers",
    )
    demo: bool = Field(default=True, description="seed and show the demo shops, simulators and panel")
    default_tenant: str = Field(default="harbor", description="tenant slug served on an unknown host name")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["json", "console"] = "json"
    debug: bool = False
    telephony: Literal["asterisk", "none"] = Field(
        default="asterisk", description="none: run without telephones"
    )

    @field_validator("rtp_end")
    @classmethod
    def _range(cls, value: int, info: object) -> int:
        start = getattr(info, "data", {}).get("rtp_start", 0)
        if value - start < 100:
            raise ValueError("the RTP range must hold at least 100 ports")
        return value

    @field_validator("ice_servers", mode="before")
    @classmethod
    def _ice_urls(cls, value: object) -> object:
        """What a browser would refuse is refused here: it would have no telephone at all."""
        if not isinstance(value, str):
            return value
        urls = _listed(value)
        if wrong := [url for url in urls if not _ICE_URL.fullmatch(url)]:
            raise ValueError(f"{wrong[0]} is not like stun:host:port or turn:host:port?transport=tcp")
        return urls

    @field_serializer("ice_servers")
    def _ice_as_typed(self, value: tuple[str, ...]) -> str:
        return ",".join(value)

    @field_validator("nodes", mode="before")
    @classmethod
    def _other_nodes(cls, value: object, info: ValidationInfo) -> object:
        if not isinstance(value, str):
            return value
        found = dict(part.partition("=")[::2] for part in _listed(value))
        for name, place in found.items():
            if not _NODE.fullmatch(name) or not _PLACE.fullmatch(place) or name == info.data.get("node"):
                raise ValueError(f"{name}={place} is not another node like b=10.0.0.2:5060")
            if place.startswith(
                "127.0.0.1:"
            ):  # browsers come from there too: they would be taken for the node
                raise ValueError(f"{name}={place}: a node needs an address of its own, such as 127.0.0.2")
        return found

    @field_serializer("nodes")
    def _nodes_as_typed(self, value: Mapping[str, str]) -> str:
        return ",".join(f"{name}={place}" for name, place in value.items())

    @field_validator("edge_carriers", mode="before")
    @classmethod
    def _carriers(cls, value: object) -> object:
        return tuple(IPv4Network(part) for part in _listed(value)) if isinstance(value, str) else value

    @field_serializer("edge_carriers")
    def _carriers_as_typed(self, value: tuple[IPv4Network, ...]) -> str:
        return ",".join(str(network) for network in value)

    @field_validator("turn_credential")
    @classmethod
    def _turn_is_whole(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        turns = any(url.startswith("turn") for url in info.data.get("ice_servers", ()))
        if turns and not (info.data.get("turn_user") and value.get_secret_value()):
            raise ValueError("a TURN server needs CALLCART_TURN_USER and CALLCART_TURN_CREDENTIAL")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _mail_server(cls, value: SecretStr) -> SecretStr:
        parts = urlsplit(value.get_secret_value())
        if value.get_secret_value() and (parts.scheme not in {"smtp", "smtps"} or not parts.hostname):
            raise ValueError("write it like smtp://user:password@host:587 or smtps://user:password@host")
        return value

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _networks(cls, value: object) -> object:
        """One text, so that the message names the setting; `10.0.0.1/8` is as wrong as `proxy.internal`."""
        if not isinstance(value, str):
            return value
        return tuple(ip_network(part) for part in _listed(value))

    @field_serializer("trusted_proxies")
    def _as_typed(self, value: tuple[IPv4Network | IPv6Network, ...]) -> str:
        return ",".join(str(network) for network in value)

    @model_validator(mode="after")
    def _demo_is_meant(self) -> Config:
        """The demo's passwords are printed and its sign-in codes are shown: nobody opens that to a network by forgetting it."""
        here = self.host in {"localhost", "::1"} or self.host.startswith("127.")
        if self.demo and not here and "demo" not in self.model_fields_set:
            raise ValueError(
                f"CALLCART_HOST={self.host} opens the demo shops, whose passwords are public, to the network: "
                "set CALLCART_DEMO=false, or CALLCART_DEMO=true if you mean it"
            )
        return self

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().resolve()

    @property
    def web_url(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.public_host}:{self.web_port}"

    @property
    def live_url(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.public_host}:{self.live_port}"

    def path(self, *parts: str) -> Path:
        """A path under `home`; the folder it lies in is made."""
        path = self.home.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


def _listed(value: str) -> tuple[str, ...]:
    """What stands between commas."""
    return tuple(part.strip() for part in value.split(",") if part.strip())


@cache
def config() -> Config:
    """The configuration of this process; ends it with the names of what is wrong."""
    try:
        return Config()
    except ValidationError as error:
        lines = [
            f"  CALLCART_{'_'.join(str(part) for part in problem['loc'] or ('demo',)).upper()}: {problem['msg']}"
            for problem in error.errors()
        ]
        raise ConfigurationError(
            "Callcart cannot start, the configuration is wrong:\n" + "\n".join(lines)
        ) from None
