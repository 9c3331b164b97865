"""Runs our Asterisk in the foreground, as an ordinary user, and starts it again when it dies.

Owns `home/asterisk` (its configuration, spool and logs). Holds no call state: after a death the voice process learns
from ARI that the calls are gone. Without an Asterisk it says how to get one; the rest runs without telephones.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from callcart.config import ConfigurationError, config
from callcart.core.secrets import secret
from callcart.integrations.asterisk import conf
from callcart.integrations.asterisk.install import Installed, find_or_install
from callcart.processes.identity import AlreadyRunning, end, locked, start_mark
from callcart.processes.place import clean_environment, service_folder, service_user, socket_folder

MAXFILES = 20000
START_PATIENCE = 30.0
PORT_PATIENCE = 5.0
LONGEST_PAUSE = 10.0


def plan() -> conf.Plan:
    """Where Asterisk's files are and what it listens on, from the configuration."""
    settings = config()
    folder = service_folder(of_node("asterisk"))
    return conf.Plan(
        folder=folder,
        runtime=socket_folder(folder / "run", "asterisk.ctl", service_user()),
        prompts=service_folder("prompts"),
        trunks_file=folder / "trunks.conf",
        ari_password=secret("ari"),
        demo_phone_password=secret("demo_phone"),
        http_port=settings.asterisk_http_port,
        sip_host=settings.sip_host,
        sip_port=settings.sip_port,
        rtp_start=settings.rtp_start,
        rtp_end=settings.rtp_end,
        demo=settings.demo,
        node=settings.node,
        nodes=settings.nodes,
        nodes_password=secret("nodes") if settings.nodes else "",
        shared_recordings=None if settings.node == conf.MAIN else _shared_recordings(),
        edge=settings.edge_host,
        lab=settings.sip_lab,
        maxfiles=min(MAXFILES, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),
    )


def _shared_recordings() -> Path:
    """Where the main node leaves the sound of calls: there all of them do. (On several machines it is one folder that all mount.)"""
    folder, user = service_folder("asterisk") / "spool" / "recording", service_user()
    if not folder.exists():
        folder.mkdir(parents=True, mode=0o750)
        if user is not None:
            for each in (folder.parent, folder):
                os.chown(each, user.uid, user.gid)
    return folder


def of_node(name: str, node: str = "") -> str:
    """What a node (this one) calls its folder, lock or note: the main one as it always was."""
    node = node or config().node
    return name if node == conf.MAIN else f"{name}-{node}"


def security_log() -> Path:
    """Where our Asterisk tells of strangers."""
    return plan().security_log


def find() -> Installed:
    """The Asterisk to run, installed at first use. Raises AsteriskMissing."""
    return find_or_install(
        service_folder("asterisk-programs"), config().path("cache", "asterisk", "x").parent
    )


class Asterisk:
    """One Asterisk process of ours."""

    def __init__(self, installed: Installed, plan: conf.Plan) -> None:
        self.installed = installed
        self.plan = plan
        self.child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Write the configuration, start, wait for ARI. Raises ConfigurationError."""
        _end_orphan(self.plan.node)
        _refuse_taken_ports(self.plan)
        conf.write(self.plan, self.installed)
        _give_to_service_user(self.plan)
        user = service_user()
        self.child = subprocess.Popen(
            [str(self.installed.program), "-f", "-C", str(self.plan.configuration)],
            cwd=self.plan.folder,
            # With more arenas its memory rises to three times as much and stays there.
            env=clean_environment({"MALLOC_ARENA_MAX": "2"}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_raise_file_limit,
            **(user.popen() if user else {}),
        )
        _note_file(self.plan.node).write_text(
            json.dumps([self.child.pid, start_mark(self.child.pid)]), encoding="utf-8"
        )
        deadline = time.monotonic() + START_PATIENCE
        while not answers(self.plan.http_port):
            if self.child.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise ConfigurationError(
                    f"Asterisk did not start:\n{_last_lines(self.plan.folder / 'log/messages')}"
                )
            time.sleep(0.1)

    def alive(self) -> bool:
        return self.child is not None and self.child.poll() is None

    def stop(self) -> None:
        """Asterisk ends its calls on SIGTERM."""
        if self.child is not None and self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(10)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        self.child = None
        _note_file(self.plan.node).unlink(missing_ok=True)


def answers(port: int = 0) -> bool:
    """Whether ARI answers with our password, at this port instead of ours."""
    return _ask("asterisk/info?only=status", port) is not None


def has_application(name: str) -> bool:
    """Whether a program of ours has entered this ARI application."""
    found = _ask("applications")
    return isinstance(found, list) and any(each.get("name") == name for each in found)


def _ask(path: str, port: int = 0) -> object:
    """A GET to ARI; None when it does not answer."""
    credentials = b64encode(f"callcart:{secret('ari')}".encode()).decode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port or config().asterisk_http_port}/ari/{path}",
        headers={"Authorization": f"Basic {credentials}"},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=2) as answer:
            return json.load(answer)
    except (OSError, urllib.error.URLError, ValueError):
        return None


def serve() -> None:
    """The process `callcart asterisk`: until SIGTERM or SIGINT."""
    stop = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: stop.set())
    try:
        with locked(config().path("run", f"{of_node('asterisk')}.lock")):
            asterisk = Asterisk(find(), plan())
            try:
                asterisk.start()
                _say_ready(asterisk)
                _watch(asterisk, stop.wait)
            finally:
                asterisk.stop()
    except AlreadyRunning as error:
        raise ConfigurationError(f"This home's Asterisk is run by {error.holder} already.") from None


def _say_ready(asterisk: Asterisk) -> None:
    address = f"{asterisk.plan.sip_host}:{asterisk.plan.sip_port}/udp"
    sys.stderr.write(f"asterisk {asterisk.installed.version} ready, SIP on {address}\n")


def _watch(asterisk: Asterisk, wait: Callable[[float], bool]) -> None:
    """Start it again after each death; a pause that grows while it dies young."""
    pause, started = 0.1, time.monotonic()
    while not wait(0.1):
        if asterisk.alive():
            continue
        lived = time.monotonic() - started
        pause = 0.1 if lived > 60 else min(pause * 2, LONGEST_PAUSE)
        sys.stderr.write(f"asterisk ended unasked after {lived:.0f} s, starting it again\n")
        if wait(pause):
            return
        asterisk.start()
        _say_ready(asterisk)
        started = time.monotonic()


def _refuse_taken_ports(plan: conf.Plan) -> None:
    """Asterisk itself would start all the same, without telephones or without us. The threads of one that was just ended
    may hold its ports for a moment longer than it is seen."""
    deadline = time.monotonic() + PORT_PATIENCE
    for kind, host, port, setting in (
        (socket.SOCK_DGRAM, plan.sip_host, plan.sip_port, "SIP_PORT"),
        (socket.SOCK_STREAM, "127.0.0.1", plan.http_port, "ASTERISK_HTTP_PORT"),
    ):
        while (taken := _taken(kind, host, port)) is not None:
            if time.monotonic() > deadline:
                raise ConfigurationError(
                    f"Asterisk cannot listen on {host}:{port} ({taken}): CALLCART_{setting}={port}."
                )
            time.sleep(0.1)


def _taken(kind: int, host: str, port: int) -> str | None:
    """Why a port cannot be had; None when it can."""
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind == socket.SOCK_STREAM:  # connections of a former Asterisk may linger
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.strerror or str(error)
    return None


def _raise_file_limit() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(MAXFILES, hard), hard))


def _give_to_service_user(plan: conf.Plan) -> None:
    """What we wrote as root belongs to the user Asterisk runs as. Links are not followed."""
    user = service_user()
    if user is None:
        return
    folders = [path for path in plan.folder.rglob("*") if path.is_dir() and not path.is_symlink()]
    for path in [*folders, *plan.etc.iterdir(), plan.trunks_file, plan.runtime]:
        os.chown(path, user.uid, user.gid, follow_symlinks=False)


def _end_orphan(node: str) -> None:
    """An Asterisk whose supervisor was killed: ours by pid and start time. The caller holds the lock."""
    with suppress(OSError, ValueError, TypeError):
        pid, mark = json.loads(_note_file(node).read_text(encoding="utf-8"))
        end(int(pid), mark, grace=10)


def _note_file(node: str) -> Path:
    return config().path("run", f"{of_node('asterisk', node)}.json")


def _last_lines(path: Path, count: int = 15) -> str:
    try:
        return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])
    except OSError:
        return "  it wrote no log"
