"""What we ship of others: unchanged since it was vetted, with a licence we may pass on."""

import hashlib
import json

from callcart.web import assets

VENDOR = assets.ROOT / "vendor"
ALLOWED = {"MIT", "0BSD", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "ISC"}
ENTRIES = json.loads((VENDOR / "vendor.json").read_text(encoding="utf-8"))


def test_every_file_is_the_one_recorded():
    for entry in ENTRIES:
        found = hashlib.sha256((VENDOR / entry["file"]).read_bytes()).hexdigest()
        assert found == entry["sha256"], f"{entry['file']} differs from what vendor.json names"


def test_nothing_lies_there_unrecorded():
    recorded = {entry["file"] for entry in ENTRIES} | {entry["licence_file"] for entry in ENTRIES}
    present = {str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*") if path.is_file()}
    assert present == recorded | {"vendor.json"}


def test_licences_may_be_passed_on_and_are_there():
    for entry in ENTRIES:
        assert entry["licence"] in ALLOWED, entry["name"]
        text = (VENDOR / entry["licence_file"]).read_text(encoding="utf-8")
        assert len(text) > 300, entry["name"]


def test_styles_load_nothing_from_elsewhere():
    for path in assets.ROOT.rglob("*.css"):
        text = path.read_text(encoding="utf-8")
        assert "url(http" not in text
        assert "@import" not in text
        assert "sourceMappingURL" not in text
