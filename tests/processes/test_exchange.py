"""Import and export from the command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from callcart.core.tenancy import tenant_transaction
from callcart.people.customers.models import Customer
from callcart.people.tenants.models import Tenant
from callcart.processes.exchange import export_file, import_files


@pytest.fixture
def harbor(fresh_db: str) -> Iterator[Tenant]:
    yield Tenant.objects.get(slug="harbor")


def run(*words: str) -> Result:
    return CliRunner().invoke(import_files, [*words, "--tenant", "harbor"])


def test_in_and_out_again(harbor: Tenant, tmp_path: Path) -> None:
    source, wrong, out = tmp_path / "people.csv", tmp_path / "wrong.csv", tmp_path / "out.csv"
    source.write_text("who,tel\nAda,(212) 555-0142\nBen,nonsense\n", encoding="utf-8")
    words = ("customers", str(source), "--map", "name=who", "--map", "phone=tel")
    tried = run(*words, "--check")
    assert tried.exit_code == 0 and "ready: 1 new, 0 changed, 0 as they were, 1 wrong" in tried.output
    refused = run(*words)
    assert refused.exit_code == 1 and "Some rows are wrong." in refused.output
    with tenant_transaction(harbor.id):
        assert Customer.objects.count() == 0
    done = run(*words, "--mode", "good", "--wrong", str(wrong))
    assert done.exit_code == 0 and "done: 1 new, 0 changed, 0 as they were, 1 wrong" in done.output
    assert "row 3, Phone: This is not a telephone number." in done.output
    assert (
        wrong.read_text(encoding="utf-8-sig").splitlines()[1]
        == "3,Phone: This is not a telephone number.,Ben,nonsense"
    )
    given = CliRunner().invoke(export_file, ["customers", "--tenant", "harbor", "--to", str(out)])
    assert given.exit_code == 0, given.output
    assert "'+12125550142" in out.read_text(encoding="utf-8-sig")
    again = run("customers", str(out))
    assert "done: 0 new, 0 changed, 1 as they were, 0 wrong" in again.output


def test_what_is_wrong_with_the_command_is_one_line(harbor: Tenant, tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    source.write_text("foo,bar\n1,2\n", encoding="utf-8")
    for words, said in (
        (("customers", str(source), "--map", "name=nothing"), "no table has a column"),
        (("nonsense", str(source)), "This does not exist"),
        (("products", str(source)), "Say which column holds"),
    ):
        done = run(*words)
        assert done.exit_code != 0 and said in done.output and "Traceback" not in done.output, done.output
    other = CliRunner().invoke(import_files, ["customers", str(source), "--tenant", "nobody"])
    assert "there is no shop nobody" in other.output
