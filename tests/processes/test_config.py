"""The configuration names what is wrong with it and stops the start; secrets are private and made once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes.ownserver import ROOT, environment


def command(home: Path, *words: str, cwd: Path = ROOT, **extra: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "callcart.cli", *words],
        cwd=cwd,
        env=environment(home, 5999, **extra),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_what_is_set_is_shown(tmp_path: Path) -> None:
    answer = command(tmp_path, "check-config", CALLCART_WEB_PORT="9443")
    assert answer.returncode == 0
    assert "CALLCART_WEB_PORT=9443" in answer.stdout.splitlines()
    assert f"CALLCART_HOME={tmp_path}" in answer.stdout.splitlines()


def test_trusted_proxies_are_addresses_and_networks(tmp_path: Path) -> None:
    answer = command(tmp_path, "check-config", CALLCART_TRUSTED_PROXIES="10.0.0.5, 192.0.2.0/24,fd00::/8")
    assert "CALLCART_TRUSTED_PROXIES=10.0.0.5/32,192.0.2.0/24,fd00::/8" in answer.stdout.splitlines()


def test_a_relay_needs_an_account_and_its_password_is_not_shown(tmp_path: Path) -> None:
    servers = "stun:stun.example, turns:turn.example:443?transport=tcp"
    account = {"CALLCART_TURN_USER": "callcart", "CALLCART_TURN_CREDENTIAL": "hush"}
    answer = command(tmp_path, "check-config", CALLCART_ICE_SERVERS=servers, **account)
    lines = answer.stdout.splitlines()
    assert "CALLCART_ICE_SERVERS=stun:stun.example,turns:turn.example:443?transport=tcp" in lines
    assert "CALLCART_TURN_USER=callcart" in lines
    assert "hush" not in answer.stdout + answer.stderr
    without = command(tmp_path, "check-config", CALLCART_ICE_SERVERS=servers)
    assert without.returncode == 2
    assert "CALLCART_TURN_CREDENTIAL: " in without.stderr


def test_the_database_address_is_not_shown(tmp_path: Path) -> None:
    answer = command(tmp_path, "check-config", CALLCART_DATABASE_URL="postgresql://me:hush@db.example/x")
    assert "hush" not in answer.stdout + answer.stderr
    assert "CALLCART_DATABASE_URL=(set)" in answer.stdout


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CALLCART_WEB_PORT", "70000"),
        ("CALLCART_WEB_PORT", "many"),
        ("CALLCART_LOG_LEVEL", "LOUD"),
        ("CALLCART_TELEPHONY", "pigeons"),
        ("CALLCART_RTP_END", "20010"),
        ("CALLCART_WEB_WORKERS", "0"),
        ("CALLCART_TRUSTED_PROXIES", "10.0.0.5, proxy.internal"),
        ("CALLCART_TRUSTED_PROXIES", "10.0.0.5/8"),
        ("CALLCART_ICE_SERVERS", "stun.example:3478"),
        ("CALLCART_ICE_SERVERS", "stun:stun.example:3478, https://turn.example"),
    ],
)
def test_a_wrong_value_is_named_and_stops_the_start(tmp_path: Path, name: str, value: str) -> None:
    answer = command(tmp_path, "up", **{name: value})
    assert answer.returncode == 2
    assert f"  {name}: " in answer.stderr
    assert "Traceback" not in answer.stderr


def test_demo_passwords_are_not_opened_to_a_network_by_forgetting(tmp_path: Path) -> None:
    answer = command(tmp_path, "check-config", CALLCART_HOST="0.0.0.0")
    assert answer.returncode == 2
    assert "set CALLCART_DEMO=false" in answer.stderr
    for chosen in ("true", "false"):
        assert (
            command(tmp_path, "check-config", CALLCART_HOST="0.0.0.0", CALLCART_DEMO=chosen).returncode == 0
        )


def test_a_misspelt_line_of_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "callcart.env").write_text("CALLCART_WEB_PROT=9443\n", encoding="utf-8")
    answer = command(tmp_path, "check-config", cwd=tmp_path, PYTHONPATH=str(ROOT))
    assert answer.returncode == 2
    assert "WEB_PROT" in answer.stderr


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "callcart.env").write_text(
        "CALLCART_WEB_PORT=9001\nCALLCART_LIVE_PORT=9002\n", encoding="utf-8"
    )
    answer = command(tmp_path, "check-config", cwd=tmp_path, PYTHONPATH=str(ROOT), CALLCART_WEB_PORT="9003")
    assert {"CALLCART_WEB_PORT=9003", "CALLCART_LIVE_PORT=9002"} <= set(answer.stdout.splitlines())


def test_other_nodes_have_a_name_and_an_address_of_their_own(tmp_path: Path) -> None:
    good = command(tmp_path, "check-config", CALLCART_NODES="b=10.0.0.2:5060, c=10.0.0.3:5060")
    assert "CALLCART_NODES=b=10.0.0.2:5060,c=10.0.0.3:5060" in good.stdout
    for wrong in ("b", "main=10.0.0.2:5060", "b=host:5060", "b=127.0.0.1:5060", "B!=10.0.0.2:5060"):
        refused = command(tmp_path, "check-config", CALLCART_NODES=wrong)
        assert refused.returncode == 2 and "CALLCART_NODES" in refused.stderr, wrong


def test_secrets_are_private_and_the_same_for_all_who_ask_at_once(tmp_path: Path) -> None:
    code = "from callcart.core.secrets import secret; print(secret('shared'))"
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code], env=environment(tmp_path, 5999), stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    said = {process.communicate()[0].strip() for process in running}
    assert len(said) == 1
    path = tmp_path / "secrets" / "shared"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert len(said.pop()) == 64


def test_log_lines_are_json_objects(tmp_path: Path) -> None:
    code = (
        "import django; django.setup(); import structlog, logging;"
        "structlog.get_logger('callcart.x').warning('thing.happened', code='a.b', order='42');"
        "logging.getLogger('other').warning('from a library')"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(tmp_path, 5999, DJANGO_SETTINGS_MODULE="callcart.settings"),
        capture_output=True,
        text=True,
        check=True,
    )
    import json

    first, second = (json.loads(line) for line in answer.stderr.splitlines())
    assert (first["event"], first["code"], first["order"], first["level"]) == (
        "thing.happened",
        "a.b",
        "42",
        "warning",
    )
    assert second["event"] == "from a library"
