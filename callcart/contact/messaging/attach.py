"""Files that come with messages and go with them: kept by content, named as they were called but for what could harm, and typed by
their bytes. What a browser would run is never shown, only given to be saved.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from callcart.contact.messaging.models import Attachment, Message
from callcart.contact.messaging.transport import File
from callcart.core import files
from callcart.core.text import clean

KIND = "attachment"
MOST_FILES = 50
MOST_BYTES = 25 * 1024 * 1024  # of one file
LONGEST_NAME = 150
PLAIN = "application/octet-stream"
# What a page may show itself, by how it begins; the rest is saved, whatever it calls itself.
_SHOWN: tuple[tuple[bytes, int, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"GIF8", 0, "image/gif"),
    (b"WEBP", 8, "image/webp"),
    (b"%PDF-", 0, "application/pdf"),
)
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
# What does something when it is opened (Windows, macOS, macros, pages): people are warned.
_ACTIVE = re.compile(
    r"\.(exe|com|pif|scr|cpl|msc|bat|cmd|ps1|vb[es]?|jse?|ws[fh]|hta|msi[x]?|appx|jar|jnlp|lnk|url|website|library-ms|search-ms|settingcontent-ms"
    r"|iso|img|vhdx?|reg|inf|scf|m?html?|xht(ml)?|svgz?|xll|xla[m]?|slk|iqy|docm|dotm|xlsm|xltm|pptm|potm|ppam|app|dmg|pkg|command|terminal"
    r"|sh|desktop|apk|chm|hlp|one|rdp)\Z",
    re.IGNORECASE,
)
_OVERRIDES = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def type_of(content: bytes) -> str:
    """The type of a file by its first bytes; PLAIN for whatever a page does not show."""
    return next((name for mark, at, name in _SHOWN if content[at : at + len(mark)] == mark), PLAIN)


def name_of(text: str) -> str:
    """A file's name as it may be shown and saved: no folders, no control characters, nothing that reads backwards."""
    plain = _OVERRIDES.sub("", clean(text)).replace("\\", "/").rpartition("/")[2]
    plain = re.sub(r'[\x00-\x1f<>:"|?*]', "_", plain).strip(" .") or "file"
    if len(plain) <= LONGEST_NAME:
        return plain
    stem, dot, ending = plain.rpartition(".")
    return f"{stem[: LONGEST_NAME - 12]}…{dot}{ending[:10]}" if dot else plain[:LONGEST_NAME]


def is_active(name: str) -> bool:
    """Whether a file of this name does something when it is opened."""
    return _ACTIVE.search(name) is not None


def keep(message: Message, each: Sequence[File]) -> list[Attachment]:
    """Keep files with a message, in the transaction in hand (their content lies by its own name, and is there once)."""
    return Attachment.objects.bulk_create(
        [
            Attachment(
                message=message,
                name=name_of(file.name),
                type=type_of(file.content),
                size=len(file.content),
                file_key=files.put(file.content, kind=KIND),
                cid=file.cid[:200],
            )
            for file in each[:MOST_FILES]
        ]
    )


def opened(attachments: Sequence[Attachment]) -> tuple[File, ...]:
    """The files again, as a channel takes them."""
    return tuple(
        File(each.name, each.type, files.path(each.file_key).read_bytes(), each.cid) for each in attachments
    )
