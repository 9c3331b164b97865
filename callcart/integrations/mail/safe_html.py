"""The HTML of a mail made into what a page may show: an allow list, by a parser that reads as browsers do (ammonia, in nh3). Nothing
in it runs, sends, loads, covers the page or names things on it.

Pictures from elsewhere tell the sender who reads when: `<img class="remote" data-src="https://…">`, to be shown on demand. Those
that came with the mail: `<img class="inline" data-cid="…">`. What a mail program wrapped as the mail that is answered is of class
`quoted`. No other class, and no id, comes through.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape, unescape

import nh3

LONGEST = 500_000
DEEPEST = 200  # the parser's time grows with the square of it
_MOST_ATTRIBUTES = 300
_MOST_REOPENED = 150_000  # elements that a parser makes anew: bytes of a mail become a hundred times as many


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TAGS = _words(
    "a abbr b big blockquote br caption center cite code col colgroup dd del dfn div dl dt em figcaption figure font h1 h2 h3 h4 h5 h6 "
    "hr i img ins kbd li mark ol p pre q s samp section small span strike strong sub sup table tbody td tfoot th thead tr tt u ul var"
)
_WITHOUT_CONTENT = _words(
    "script style title template noscript iframe object embed applet svg math textarea select option xmp noembed noframes audio "
    "video canvas input"
)  # what people wrote may stand in a form, a button or a head
_ATTRIBUTES: dict[str, set[str]] = {
    "*": {"style", "dir", "lang", "title"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "font": {"color", "size", "face"},
    "ol": {"start", "type"},
    "ul": {"type"},
    "table": {"border", "cellpadding", "cellspacing", "width", "align", "bgcolor"},
    "td": {"colspan", "rowspan", "width", "align", "valign", "bgcolor"},
    "th": {"colspan", "rowspan", "width", "align", "valign", "bgcolor"},
    "tr": {"align", "valign", "bgcolor"},
    "col": {"span", "width"},
    "colgroup": {"span", "width"},
    "p": {"align"},
    "blockquote": {"type"},
} | {f"h{level}": {"align"} for level in range(1, 7)}
_QUOTING = frozenset({"div", "blockquote", "section", "table"})
for _tag in _QUOTING:
    _ATTRIBUTES[_tag] = {*_ATTRIBUTES.get(_tag, set()), "class", "id"}

_QUOTE_CLASSES = frozenset(
    {"gmail_quote", "yahoo_quoted", "protonmail_quote", "zmail_extra", "quoted_msg", "tutanota_quote"}
)
_QUOTE_IDS = frozenset({"isreplycontent", "mail-editor-reference-message-container", "ntes-pcmac-quote"})

_STYLES = _words(
    "color background-color font-weight font-style font-family font-size text-align text-decoration text-indent vertical-align "
    "white-space line-height list-style-type width border border-top border-bottom border-left border-right border-color border-style "
    "border-width border-collapse border-spacing padding padding-top padding-bottom padding-left padding-right margin margin-top "
    "margin-bottom margin-left margin-right"
)
# No address, no escape, no function but colours; no minus, which would move things over others.
_STYLE_VALUE = re.compile(
    r"(?:[\w\s.,%#'\"!]|(?<=[a-z])-(?=[a-z])|rgba?\([\d\s.,%]{1,40}\)){1,150}", re.IGNORECASE
)
_BIG = re.compile(r"(\d+)(?:\.\d+)?\s*(px|pt|em|rem|%|vw|vh|in|cm)?", re.IGNORECASE)
_MOST_OF = {"px": 1200, "pt": 900, "em": 60, "rem": 60, "%": 200, "vw": 100, "vh": 0, "in": 12, "cm": 30}
_SCHEMES = frozenset({"http", "https", "mailto", "tel", "cid", "data"})


class Unshowable(Exception):
    """This HTML would take a browser, or us, too long."""


@dataclass(slots=True)
class Line:
    """A line of an HTML's text: where in the HTML it begins, and whether it stands in something quoted."""

    at: int
    quoted: bool
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    @property
    def has_words(self) -> bool:
        return any(piece.strip() for piece in self.pieces)


@dataclass(slots=True)
class Safe:
    """An HTML that may be shown, its lines of text, and the pictures that lay in it as data (their `cid`, type and base64)."""

    html: str
    lines: list[Line]
    pictures: list[tuple[str, str, str]] = field(default_factory=list)


def make_safe(html: str) -> Safe:
    """The HTML made safe. Raises Unshowable."""
    if len(html) > LONGEST or _is_hostile(html):
        raise Unshowable
    cleaned = _cleaner().clean(html.replace("\x00", ""))
    pictures: list[tuple[str, str, str]] = []
    parts = [_rewritten(piece, pictures) if piece.startswith("<") else piece for piece in _pieces(cleaned)]
    safe = "".join(parts)
    return Safe(safe, _lines(safe), pictures)


def of_text(text: str) -> str:
    """A plain text as HTML."""
    return f'<div style="white-space: pre-wrap">{escape(text)}</div>'


def folded(safe: Safe, at: int) -> str:
    """The HTML with all from a line on in an element of class `quoted`."""
    cut, open_tags = _cut(safe.html, at)
    close = "".join(f"</{_name(tag)}>" for tag in reversed(open_tags))
    return f'{safe.html[:cut]}{close}<div class="quoted">{"".join(open_tags)}{safe.html[cut:]}</div>'


def _cut(html: str, at: int) -> tuple[int, list[str]]:
    """Where to part it so that a line goes with the elements which begin with it, and the tags that are open there."""
    open_tags: list[str] = []
    position = run = 0  # how many tags were opened just before
    begun = 0
    for piece in _pieces(html):
        if position >= at:
            break
        position += len(piece)
        if piece.startswith("<") and not piece.startswith("</") and _name(piece) not in _VOID:
            open_tags.append(piece)
            run, begun = run + 1, begun + len(piece)
        else:
            run = begun = 0
            if piece.startswith("</"):
                open_tags.pop()
    return position - begun, open_tags[: len(open_tags) - run]


_VOID = frozenset({"br", "hr", "img", "col"})
_OPENS = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})([^<>]*)")
# Closed by what follows them: they do not nest by themselves.
_UNCLOSED = _VOID | _words(
    "p li dt dd td th tr tbody thead tfoot option input link meta area base wbr source"
)


# Left open in a paragraph, these are opened again in the next one, all of them.
_REOPENED = _words("a b big code em font i nobr s small strike strong tt u")


def _is_hostile(html: str) -> bool:
    """Whether elements nest, are left open, or attributes pile up, beyond what anybody writes. A look at the text, so that no parser need
    see it."""
    depth = left_open = reopened = 0
    for found in _OPENS.finditer(html):
        if (
            found[3].count("=") > _MOST_ATTRIBUTES
            or len(found[3].split(None, _MOST_ATTRIBUTES)) > _MOST_ATTRIBUTES
        ):
            return True
        name = found[2].lower()
        if name in _REOPENED:
            left_open = max(left_open + (-1 if found[1] else 1), 0)
        elif (reopened := reopened + left_open) > _MOST_REOPENED:
            return True
        if name not in _UNCLOSED:
            depth = max(depth + (-1 if found[1] else 1), 0)
            if depth > DEEPEST:
                return True
    return False


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "class":
        return "quoted" if _QUOTE_CLASSES & set(value.lower().split()) else None
    if name == "id":
        return "quoted" if value.lower() in _QUOTE_IDS else None
    if name == "style":
        return _style(value) or None
    if tag == "blockquote" and name == "type":
        return "cite" if value.lower() == "cite" else None
    if name in {"href", "src"}:
        return value if _may_lead(tag, value.strip()) else None
    if name in {"width", "height"}:
        return value if re.fullmatch(r"\d{1,4}%?", value.strip()) else None
    return value[:500]


def _may_lead(tag: str, address: str) -> bool:
    scheme = re.sub(r"[\x00-\x20]", "", address[:40]).lower().partition(":")[0]
    return scheme in ({"http", "https", "mailto", "tel"} if tag == "a" else {"http", "https", "cid", "data"})


def _style(value: str) -> str:
    kept = []
    for rule in value[:4000].split(";"):
        name, _colon, said = rule.partition(":")
        name, said = name.strip().lower(), said.strip()
        if name in _STYLES and _STYLE_VALUE.fullmatch(said) and not _is_huge(said):
            kept.append(f"{name}: {said}")
    return "; ".join(kept)


def _is_huge(said: str) -> bool:
    return any(
        int(number[:9]) > _MOST_OF.get(unit.lower(), 1200) for number, unit in _BIG.findall(said) if unit
    )


def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(_TAGS),
        clean_content_tags=set(_WITHOUT_CONTENT),
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes=set(_SCHEMES),
        url_relative="deny",
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )


# What the cleaner writes is well formed: quoted values, no `>` in a tag but within one.
_PIECE = re.compile(r'<[^">]*(?:"[^"]*"[^">]*)*>|[^<]+|<')
_ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')


def _pieces(html: str) -> Iterator[str]:
    return (found[0] for found in _PIECE.finditer(html))


def _name(tag: str) -> str:
    return re.sub(r"[</>\s].*", "", tag.lstrip("</"), flags=re.DOTALL)


def _rewritten(tag: str, pictures: list[tuple[str, str, str]]) -> str:
    """A tag of the cleaner's as it goes out: pictures without their address, quotes as a class."""
    if tag.startswith("</"):
        return tag
    name = _name(tag)
    values = dict(_ATTRIBUTE.findall(tag))
    if name == "img":
        return _picture(values, pictures)
    if name in _QUOTING and {values.pop("class", ""), values.pop("id", ""), values.pop("type", "")} & {
        "quoted",
        "cite",
    }:
        values["class"] = "quoted"
    return f"<{name}{_written(values)}>"


def _written(values: dict[str, str]) -> str:
    return "".join(f' {key}="{value}"' for key, value in values.items())


_DATA = re.compile(r"data:(image/(?:png|jpeg|gif|webp));base64,([A-Za-z0-9+/=\s]+)", re.IGNORECASE)
_MOST_PICTURES = 20


def _picture(values: dict[str, str], pictures: list[tuple[str, str, str]]) -> str:
    source = unescape(values.pop("src", "")).strip()
    kind, where = "", ""
    if source.lower().startswith("cid:"):
        kind, where = "inline", f' data-cid="{escape(source[4:].strip("<> "))}"'
    elif source.lower().startswith(("http:", "https:")):
        if values.get("width") in {"0", "1"} or values.get("height") in {"0", "1"}:
            return ""  # made to be counted, not seen
        kind, where = "remote", f' data-src="{escape(source)}"'
    elif (data := _DATA.fullmatch(source)) and len(pictures) < _MOST_PICTURES:
        cid = f"data-{len(pictures) + 1}@inline"
        pictures.append((cid, data[1].lower(), data[2]))
        kind, where = "inline", f' data-cid="{cid}"'
    else:
        return escape(unescape(values.get("alt", "")))
    values.pop("class", None)
    return f'<img class="{kind}"{where}{_written(values)}>'


_BREAKS = _words(
    "blockquote br caption center dd div dl dt figcaption figure h1 h2 h3 h4 h5 h6 hr li ol p pre section table tr ul"
)
_APART = _words("blockquote dl figure h1 h2 h3 h4 h5 h6 hr ol p pre table ul")


def _lines(html: str) -> list[Line]:
    """The text as it reads, line by line."""
    lines = [Line(0, False)]
    quotes: list[bool] = []
    position = pre = depth = 0
    for piece in _pieces(html):
        if not piece.startswith("<"):
            _add_text(lines, unescape(piece), position, depth > 0, kept=pre > 0)
        else:
            name, closing = _name(piece), piece.startswith("</")
            pre += (-1 if closing else 1) if name == "pre" else 0
            _break(lines, name, closing, position, depth > 0)
            if closing and name in _QUOTING and quotes:
                depth -= quotes.pop()
            elif not closing and name in _QUOTING:
                quotes.append('class="quoted"' in piece)
                depth += quotes[-1]
        position += len(piece)
    return lines


def _break(lines: list[Line], name: str, closing: bool, at: int, quoted: bool) -> None:
    last = lines[-1]
    if name in _BREAKS and not (name == "br" and closing):
        if name == "br" or last.has_words:
            lines.append(Line(at, quoted))
        if name in _APART and len(lines) > 1 and lines[-2].has_words:
            lines.append(Line(at, quoted))
        if name == "li" and not closing:
            lines[-1].pieces = ["- "]
        if name == "hr":
            lines[-1].pieces = ["_" * 20]
            lines.append(Line(at, quoted))
    elif name in {"td", "th"} and closing and last.has_words:
        last.pieces.append(" ")


def _add_text(lines: list[Line], text: str, at: int, quoted: bool, *, kept: bool) -> None:
    parts = text.split("\n") if kept else [re.sub(r"[ \t\r\n\f]+", " ", text)]
    for number, part in enumerate(parts):
        if number:
            lines.append(Line(at, quoted))
        last = lines[-1]
        if part.strip() and not last.has_words:
            last.at, last.quoted = at, quoted
            last.pieces.append(part if kept else part.lstrip(" "))
        elif part.strip() or last.pieces:
            last.pieces.append(part)


def text_of(lines: list[Line]) -> str:
    """Lines as one text, with at most one empty line in a row."""
    text = "\n".join(line.text.replace("\u00a0", " ").rstrip() for line in lines)
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")
