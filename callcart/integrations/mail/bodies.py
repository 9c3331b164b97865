"""What a mail is made of, sorted: its text, its HTML, its files, what a server reports with it, and notes on what is left out.

Of alternatives both forms are kept; parts that follow one another are read as one. What is encrypted, signed or packed in ways of its
own is named and kept as a file, not opened.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from callcart.contact.messaging.attach import MOST_FILES, name_of
from callcart.contact.messaging.transport import File
from callcart.integrations.mail import safe_html
from callcart.integrations.mail.mime import Part, parse

MOST_TEXT = 1_000_000  # bytes of one text part
_SEALED = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_SIGNATURES = frozenset(
    {
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pgp-signature",
        "application/pgp-keys",
    }
)
_ENDINGS = {
    "text/calendar": "invitation.ics", "text/html": "text.html", "text/plain": "text.txt", "message/rfc822": "mail.eml",
    "image/png": "picture.png", "image/jpeg": "picture.jpg", "image/gif": "picture.gif", "application/pdf": "document.pdf",
    "text/vcard": "contact.vcf", "text/csv": "table.csv",
}  # fmt: skip


@dataclass(slots=True)
class _Block:
    """Text that stands in a mail, in one form or both."""

    plain: str = ""
    html: str = ""


@dataclass(slots=True)
class Bodies:
    """The sorted mail. `status` and `returned`: what a server reports of a mail of ours, and that mail as far as it gives it back."""

    blocks: list[_Block] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    status: str = ""
    returned: list[bytes] = field(default_factory=list)
    left_out: int = 0

    @property
    def plain(self) -> str:
        """The text; empty where there is HTML only."""
        return "\n\n".join(filter(None, (block.plain.strip("\n") for block in self.blocks)))

    @property
    def is_plain(self) -> bool:
        """Whether everything it says is there as text."""
        return all(block.plain.strip() or not block.html for block in self.blocks)

    @property
    def html(self) -> str:
        """The HTML as it came, texts between in theirs; empty where there is none."""
        if not any(block.html for block in self.blocks):
            return ""
        return "\n".join(block.html or safe_html.of_text(block.plain) for block in self.blocks)

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)


def sort(mail: Part) -> Bodies:
    """Everything in a mail at its place."""
    bodies = Bodies()
    _sort(mail, bodies, report=mail.kind == "multipart/report")
    if bodies.left_out:
        bodies.note(_("Only the first %(most)d files are here; %(count)d were left out.")
                    % {"most": MOST_FILES, "count": bodies.left_out})  # fmt: skip
    return bodies


def _sort(part: Part, bodies: Bodies, *, report: bool) -> None:
    kind = part.kind
    if not part.is_multipart():
        _leaf(part, bodies, report=report)
    elif kind == "multipart/alternative":
        _alternatives(part, bodies, report=report)
    elif kind == "multipart/signed":
        bodies.note(_("It is signed; the signature was not checked."))
        for each in part.parts()[:1]:
            _sort(each, bodies, report=report)
    else:
        if kind == "multipart/encrypted":
            bodies.note(_("It is encrypted and cannot be read here."))
        for each in part.parts():
            if each.kind != "application/pgp-encrypted" and each.kind != "application/applefile":
                _sort(each, bodies, report=report)


def _alternatives(part: Part, bodies: Bodies, *, report: bool) -> None:
    """One text in several forms: the last of each form is the one that is meant to be read (RFC 2046, 5.1.4)."""
    plain = html = ""
    for each in part.parts():
        inner = Bodies(files=bodies.files, notes=bodies.notes, left_out=bodies.left_out)
        _sort(each, inner, report=report)
        bodies.left_out = inner.left_out
        html = inner.html or html
        plain = inner.plain if inner.plain and (not inner.html or inner.is_plain) else plain
    bodies.blocks.append(_Block(plain, html))


def _leaf(part: Part, bodies: Bodies, *, report: bool) -> None:
    kind = part.kind
    if report and kind in {"message/delivery-status", "message/global-delivery-status"}:
        bodies.status += part.content()[:MOST_TEXT].decode("utf-8", "replace")
    elif report and kind in {
        "message/rfc822",
        "text/rfc822-headers",
        "message/global",
        "message/global-headers",
    }:
        bodies.returned.append(part.content())
    elif report and kind.startswith("message/"):
        pass  # says for machines what the text says for people
    elif kind == "text/x-amp-html":
        pass
    elif _is_text(part):
        _text(part, bodies)
    elif kind in _SIGNATURES:
        bodies.note(_("It is signed; the signature was not checked."))
    else:
        _file(part, bodies)


def _is_text(part: Part) -> bool:
    if part.disposition == "attachment" or part.too_deep:
        return False
    if part.kind.startswith("multipart/"):
        return True  # it says it has parts, and has none
    return (
        part.kind.startswith("text/")
        and part.kind != "text/calendar"
        and not part.name
        and part.kind != "text/vcard"
    )


def _text(part: Part, bodies: Bodies) -> None:
    text = part.text(MOST_TEXT)
    if len(part.content()) > MOST_TEXT:
        bodies.note(_("The text is very long; the rest of it was left out."))
    if "-----BEGIN PGP MESSAGE-----" in text:
        bodies.note(_("It is encrypted and cannot be read here."))
    if part.kind == "text/html":
        bodies.blocks.append(_Block(html=text))
    else:
        bodies.blocks.append(_Block(plain=_reflowed(text) if part.parameter("format") == "flowed" else text))


def _reflowed(text: str) -> str:
    """Lines that were broken for the way only, whole again (RFC 3676)."""
    whole: list[list[str]] = []
    flows = False
    for line in text.split("\n"):
        plain = line[1:] if line.startswith(" ") else line
        if flows and not plain.startswith(">"):
            whole[-1].append(plain)
        else:
            whole.append([plain])
        flows = plain.endswith(" ") and plain != "-- " and not plain.startswith(">")
    return "\n".join("".join(pieces) for pieces in whole)


def _file(part: Part, bodies: Bodies) -> None:
    if len(bodies.files) >= MOST_FILES:
        bodies.left_out += 1
        return
    kind, content = part.kind, part.content()
    name = part.name or _unnamed(kind, content)
    if kind == "application/ms-tnef" or name.lower() == "winmail.dat":
        bodies.note(
            _("%(name)s is in a format of Outlook's own; what is in it cannot be seen here.") % {"name": name}
        )
    elif kind in _SEALED or kind == "application/pgp-encrypted":
        bodies.note(_("It is encrypted or signed with S/MIME and cannot be read here."))
    elif kind == "text/calendar":
        bodies.note(_("It holds an invitation: %(name)s") % {"name": name})
    elif kind in {"message/partial", "message/external-body"}:
        bodies.note(_("Only a piece of this mail came; the rest lies elsewhere."))
    bodies.files.append(File(name=_free(name, bodies.files), type=kind, content=content, cid=part.cid))


def _unnamed(kind: str, content: bytes) -> str:
    """A name for a file that has none: a mail by its subject, the rest by what they are."""
    if kind == "message/rfc822":
        try:
            subject = parse(content[:20_000])[0].text_of("subject")
        except ValueError:
            subject = ""
        if subject:
            return name_of(f"{subject[:80]}.eml")
    return _ENDINGS.get(kind, "file")


def _free(name: str, files: list[File]) -> str:
    """The name, told apart from those of the other files."""
    taken = {file.name for file in files}
    stem, dot, ending = name.rpartition(".")
    count, found = 1, name
    while found in taken:
        count += 1
        found = f"{stem} ({count}){dot}{ending}" if stem else f"{name} ({count})"
    return found
