"""The data folder: made once by initdb, configured anew at each start, its socket folder short enough.

Owns `home/postgres`. Passwords are scram everywhere; the server listens on 127.0.0.1 and its socket only.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from callcart.config import ConfigurationError
from callcart.core.secrets import secret
from callcart.processes.place import ServiceUser, clean_environment, service_folder, socket_folder
from callcart.processes.postgres.binaries import Binaries

SUPERUSER = "postgres"

SETTINGS = {
    "max_connections": 200,
    "shared_buffers": "256MB",
    "work_mem": "8MB",
    "autovacuum_naptime": "5s",
    "autovacuum_vacuum_cost_delay": "0",
    "idle_in_transaction_session_timeout": "60s",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "unix_socket_permissions": "0777",
    "logging_collector": "off",
    # Statements and details hold people's data: the log names the error and its code only.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_line_prefix": "%p %q%u ",
    "log_checkpoints": "off",
}

ACCESS = """# Written by Callcart at each start.
local all all scram-sha-256
local replication postgres scram-sha-256
host all all 127.0.0.1/32 scram-sha-256
"""


@dataclass(frozen=True)
class Cluster:
    """One data folder and what runs it."""

    binaries: Binaries
    user: ServiceUser | None
    folder: Path
    port: int

    @property
    def data(self) -> Path:
        return self.folder / "data"


def open_cluster(binaries: Binaries, user: ServiceUser | None, port: int) -> Cluster:
    """The cluster of this home, made if there is none; refuses one of another major version by name."""
    cluster = Cluster(binaries, user, service_folder("postgres", mode=0o700), port)
    version_file = cluster.data / "PG_VERSION"
    if not version_file.exists():
        initialise(cluster)
    made_by = version_file.read_text(encoding="ascii").strip()
    if made_by != str(binaries.major):
        raise ConfigurationError(
            f"{cluster.data} was made by PostgreSQL {made_by}, found is {binaries.major} in {binaries.folder}. "
            f"Install PostgreSQL {made_by}, or move the data with pg_dump and pg_restore."
        )
    return cluster


def initialise(cluster: Cluster) -> None:
    """initdb beside, then rename: a half-made folder of a killed first start is never taken for a cluster."""
    if cluster.data.exists():
        if any(cluster.data.iterdir()):
            raise ConfigurationError(
                f"{cluster.data} holds files but is no PostgreSQL cluster: move it away."
            )
        cluster.data.rmdir()
    draft = cluster.folder / "data.new"
    if draft.exists():
        shutil.rmtree(draft)
    password = _own_file(cluster, "first-password", secret("postgres_superuser") + "\n")
    command = [
        cluster.binaries.program("initdb"),
        *("--pgdata", str(draft), "--username", SUPERUSER, "--pwfile", str(password)),
        *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-instructions"),
        *(("--locale-provider=builtin", "--builtin-locale=C.UTF-8") if cluster.binaries.major >= 17 else ()),
    ]
    try:
        answer = run_as(cluster, command)
    finally:
        password.unlink(missing_ok=True)
    if answer.returncode != 0:
        raise ConfigurationError(f"PostgreSQL's initdb failed:\n{answer.stdout}{answer.stderr}".rstrip())
    draft.rename(cluster.data)


def configure(cluster: Cluster) -> Path:
    """Write this start's settings; the answer is the socket folder."""
    sockets = socket_folder(cluster.data, f".s.PGSQL.{cluster.port}", cluster.user)
    own = {"listen_addresses": "127.0.0.1", "port": cluster.port, "unix_socket_directories": str(sockets)}
    lines = [f"{name} = '{_quoted(str(value))}'" for name, value in {**SETTINGS, **own}.items()]
    _own_file(cluster, "data/callcart.conf", "\n".join(lines) + "\n")
    _own_file(cluster, "data/pg_hba.conf", ACCESS)
    main = cluster.data / "postgresql.conf"
    include = "include 'callcart.conf'"
    text = main.read_text(encoding="utf-8")
    if include not in text.splitlines():
        _own_file(cluster, "data/postgresql.conf", f"{text.rstrip()}\n{include}\n")
    return sockets


def run_as(cluster: Cluster, command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run one of PostgreSQL's programs as the service user, away from our folder and environment."""
    arguments = cluster.user.popen() if cluster.user else {}
    return subprocess.run(
        command,
        cwd=cluster.folder,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
        **arguments,
    )


def _own_file(cluster: Cluster, name: str, text: str) -> Path:
    """A file of mode 0600 that the server's user owns, replaced whole."""
    path = cluster.folder / name
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    if cluster.user:
        os.chown(draft, cluster.user.uid, cluster.user.gid)
    draft.replace(path)
    return path


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''")
