"""What the bench of calls runs on: a shop with its agents in PostgreSQL, one Asterisk that knows both ways to answer a call,
and the two processes of ours that are there only while ours is measured."""

from __future__ import annotations

import dataclasses
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from callcart.config import config
from callcart.contact.voice.engine import Softphone
from callcart.processes import asterisk as process

SERVICE = "+12025550100"
OURS_FROM, THEIRS_FROM = "127.0.0.2", "127.0.0.50"
CALLERS = ("PJSIP/demo-trunk-", "PJSIP/bench-")
MEDIA_PORTS = 3000
PATIENCE = 60.0
MOST_OPEN_FILES = 8192

TRUNK = f"""
[bench](trunk)
context = bench
aors = bench
[bench]
type = aor
contact = sip:{THEIRS_FROM}:5061
[bench]
type = identify
endpoint = bench
match = {THEIRS_FROM}
"""
CONTEXT = """
[bench]
exten => _[+0-9]!,1,MixMonitor({recordings}/${{UNIQUEID}}.wav,b)
 same => n,Queue(bench,,,,30)
 same => n,Hangup()
"""
# Longest idle first, as ours; nobody who talks is rung.
QUEUE = """[general]
persistentmembers = no
autofill = yes
[bench]
strategy = leastrecent
timeout = 15
retry = 1
wrapuptime = 0
ringinuse = no
joinempty = yes
leavewhenempty = no
"""


@dataclass(frozen=True)
class Shop:
    """The tenant, and who answers, account and all."""

    tenant_id: int
    accounts: list[Softphone]


def own_media_ports() -> dict[str, str]:
    """Settings for a range below the ports that connections take by themselves."""
    first = random.randrange(10_000, 28_000, 500)
    return {"rtp_start": str(first), "rtp_end": str(first + MEDIA_PORTS - 1), "sip_lab": "true"}


def open_shop(agents: int) -> Shop:
    """A shop with one queue, no wrap-up, and this many agents who are ready, each with an account. On an empty database."""
    from callcart.contact.routing import public as routing
    from callcart.contact.voice.accounts import softphone_of
    from callcart.contact.voice.models import SoftphoneAccount
    from callcart.core import clock
    from callcart.core.actor import Actor
    from callcart.core.ids import new_id
    from callcart.core.tenancy import tenant_transaction
    from callcart.people.staff.models import Session
    from callcart.people.staff.public import create_staff, start_session
    from callcart.people.tenants.public import add_service_number
    from tests.shops import make_harbor

    tenant = make_harbor()
    boss = Actor.system(tenant.id, "bench")
    staff = [new_id() for _ in range(agents)]
    with tenant_transaction(tenant.id):
        queue = routing.add_queue(boss, "en", name="Bench", wrap_s=0)
        profile = routing.save_profile(boss, "bench", name="Bench", queues={queue.id: 1})
        add_service_number(boss, SERVICE, name="Bench", queue_id=queue.id)
        start_session(
            create_staff(boss, email="bench@harbor.example", name="Bench", password="bench-password-1")
        )
        session = Session.objects.get()
        # One session stands for all: hundreds of passwords would take longer to hash than the bench to run.
        accounts = SoftphoneAccount.objects.bulk_create(
            SoftphoneAccount(staff_id=each, session_id=session.id, wanted_at=clock.now()) for each in staff
        )
        for each in staff:
            routing.set_agent_profile(boss, each, profile_id=profile.id)
    for each in staff:
        routing.agent_ready(boss, each)
    return Shop(tenant.id, [softphone_of(each.id) for each in accounts])


@contextmanager
def exchange(usernames: Sequence[str]) -> Iterator[process.Asterisk]:
    """Our Asterisk, with app_queue and its members beside what the product uses."""
    plan = process.plan()
    plan = dataclasses.replace(
        plan,
        lab=True,
        extra_modules=("app_queue",),
        extra_contexts=CONTEXT.format(recordings=plan.recordings),
        maxfiles=min(plan.maxfiles, MOST_OPEN_FILES),
    )
    plan.trunks_file.write_text(TRUNK, encoding="ascii")
    plan.etc.mkdir(parents=True, exist_ok=True)
    members = "".join(f"member => PJSIP/{each}\n" for each in usernames)
    (plan.etc / "queues.conf").write_text(QUEUE + members, encoding="ascii")
    running = process.Asterisk(process.find(), plan)
    running.start()
    try:
        yield running
    finally:
        running.stop()


@contextmanager
def ours() -> Iterator[list[int]]:
    """The voice process and the timers, at work; their pids."""
    from callcart.contact.voice.models import Exchange

    before = Exchange.objects.values_list("changed_at", flat=True).first()
    children = [
        subprocess.Popen([sys.executable, "-m", "bench._calls_process", name]) for name in ("voice", "timers")
    ]
    try:
        _until(
            lambda: _alive(children) and Exchange.objects.filter(up=True).exclude(changed_at=before).exists(),
            "the voice process has taken the telephones",
        )
        yield [child.pid for child in children]
        _alive(children)
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait(30)


def postgres_pid() -> int:
    """The server of the bench's own."""
    folder = config().path("postgres") / "data"
    return int((folder / "postmaster.pid").read_text(encoding="ascii").split()[0])


def settle(tenant_id: int) -> None:
    """Wait until no agent has a call, and make those ready whom an overload had put to a pause (their telephone did not ring
    in time). Raises TimeoutError where calls do not end."""
    from callcart.contact.routing import public as routing
    from callcart.contact.routing.models import Agent
    from callcart.core.actor import Actor
    from callcart.core.tenancy import tenant_transaction

    def idle() -> bool:
        with tenant_transaction(tenant_id):
            return not Agent.objects.filter(load_voice__gt=0).exists()

    _until(idle, "no agent has a call")
    with tenant_transaction(tenant_id):
        away = list(Agent.objects.exclude(state="ready").values_list("staff_id", flat=True))
    for staff_id in away:
        routing.agent_ready(Actor.system(tenant_id, "bench"), staff_id)


def clear_recordings(folder: Path, *, least_bytes: int) -> int:
    """Delete what was recorded; how many of them hold at least so much sound."""
    found = 0
    for path in folder.glob("*.wav"):
        found += path.stat().st_size >= least_bytes and not path.stem.endswith(
            "-agent"
        )  # ours writes two a call
        path.unlink()
    return found


def _alive(children: Sequence[subprocess.Popen[bytes]]) -> bool:
    for child in children:
        if child.poll() is not None:
            raise RuntimeError(f"{child.args} ended with {child.returncode}")
    return True


def _until(look: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not look():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not in {PATIENCE:.0f} s: {what}")
        time.sleep(0.1)
