"""Files that do something when they are opened are warned of, whatever stands before their ending."""

from __future__ import annotations

import pytest

from callcart.contact.messaging.attach import is_active, name_of


@pytest.mark.parametrize(
    "name",
    [
        "a.exe", "photo.jpg.pif", "invoice.pdf.url", "a.CPL", "b.vbe", "c.mhtml", "d.svgz", "e.xll", "f.slk", "g.vhdx", "h.jnlp", "i.msix",
        "j.settingcontent-ms", "k.scf", "l.dotm", "m.command", "n.apk", "o.rdp", "p.iqy",
    ],
)  # fmt: skip
def test_what_is_warned_of(name: str) -> None:
    assert is_active(name_of(name))


@pytest.mark.parametrize(
    "name", ["a.pdf", "exe", "exe.txt", "b.docx", "c.jpg", "d.url.png", "url", "one.zip"]
)
def test_what_is_not(name: str) -> None:
    assert not is_active(name_of(name))
