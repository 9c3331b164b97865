"""A mail's new words, parted from what they answer and from the signature below them.

Mail programs mark the mail that is answered in their own ways: a line that says who wrote when, a line of dashes with a title, that
mail's headers as text, `>` before each line. Answers stand above it, below it, or between its lines; those between are left as they
are, since they mean nothing without it. What is forwarded is no quote: it is what the sender wants read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_LONGEST_LINE = 400  # looked at; whatever follows is text
_WROTE = re.compile(
    r"(\bwrote|\bwrites|\bschrieb|\bescribió|\ba écrit|\bha scritto|\bescreveu|写道|寫道|のメール)\s*[:：]?\s*$|\bschrieb\b.{0,150}:\s*$",
    re.IGNORECASE,
)
_WHEN_OR_WHO = re.compile(r"\d{1,4}[-/.年:]\d|<\S+@\S+>|\S+@\S+|\b(19|20)\d\d\b")
_BEGINS = re.compile(
    r"^\s*(On|At|Am|Le|El|Il|Em|在|于|於|\d{4}[-/.年]|[\"“]?[^<>]{1,80}<\S+@\S+>)", re.IGNORECASE
)
_TITLE = re.compile(
    r"^[\s>]*[-_=—]{2,}\s*(original message|original|original mail|original appointment|replied message|reply above this line|"
    r"ursprüngliche nachricht|message d'origine|mensaje original|messaggio originale|"
    r"原始邮件|原邮件|原始信件|回复的原邮件|回复的邮件|邮件原件|原始郵件|原始訊息)\s*[-_=—]{2,}\s*$",
    re.IGNORECASE,
)
_FORWARDED = re.compile(
    r"^[\s>]*([-_=—]{2,}\s*(forwarded message|forwarded mail|转发的邮件|转发邮件信息|转发邮件|轉寄郵件|轉寄的郵件|weitergeleitete nachricht|message transféré)"
    r"\s*[-_=—]{2,}|begin forwarded message:?|开始转发的邮件：?)\s*$",
    re.IGNORECASE,
)
_FROM = re.compile(
    r"^[\s>|*]*(From|Von|De|Da|发件人|发信人|寄件者|寄件人|差出人)\s*[*|]*\s*[:：|]", re.IGNORECASE
)
_MORE = re.compile(
    r"^[\s>|*]*(Sent|Date|To|Cc|Subject|Gesendet|Datum|An|Betreff|Envoyé|À|Objet|Enviado|Para|Asunto|"
    r"发送时间|发送日期|日期|时间|收件人|抄送|抄送人|主题|寄件日期|收件者|副本|主旨|送信日時|宛先|件名)\s*[*|]*\s*[:：|]",
    re.IGNORECASE,
)
_RULE = re.compile(r"^\s*[-_=*—]{5,}\s*$")
_SIGNATURE = re.compile(r"^--\s?$")
_DEVICE = re.compile(
    r"^\s*(sent (from|via|by) (my |mail for |yahoo|outlook|proton|the )?.{0,60}|get outlook for \w+.{0,80}|发自我的.{0,40}|发自.{0,20}(邮箱|手机|iPhone|iPad).{0,20}|"
    r"来自\s?(QQ|Foxmail|网易|华为|小米|我的).{0,30}|从我的.{0,30}(发送|发出)|发送自.{0,40}|由.{0,20}(邮箱|手机)发送|寄自我的.{0,30}|"
    r"von meinem .{0,40} gesendet|envoyé de mon .{0,40}|enviado desde mi .{0,40})\.?\s*$",
    re.IGNORECASE,
)
_LONGEST_SIGNATURE = 15  # lines


def split(text: str) -> tuple[str, str]:
    """The new words, and the rest. Everything is in one or the other; the new words are empty only where there is nothing at all."""
    lines = text.split("\n")
    new, rest = _at_marks(lines)
    if not _has_words(new):
        return _joined(lines), ""
    words, signature = _signed(new)
    return _joined(words), "\n\n".join(filter(None, (_joined(signature), _joined(rest))))


def mark(lines: Sequence[str]) -> int | None:
    """Where the mail that is answered begins by a mark that says so; None for nowhere."""
    for at in range(len(lines)):
        line = lines[at][:_LONGEST_LINE]
        if _FORWARDED.match(line):
            return None  # what follows was sent to be read
        if _TITLE.match(line) or _is_heading(lines, at) or _attribution(lines, at):
            above = at - 1
            while above >= 0 and (not lines[above].strip() or _RULE.match(lines[above][:_LONGEST_LINE])):
                above -= 1
            return above + 1 if any(_RULE.match(line) for line in lines[above + 1 : at]) else at
    return None


def is_attribution(lines: Sequence[str], at: int) -> bool:
    """Whether it is said on this line who wrote what follows."""
    return _attribution(lines, at) > 0


def is_forwarded(lines: Sequence[str]) -> bool:
    """Whether something forwarded begins with these lines."""
    begun = next((line for line in lines if line.strip()), "")
    return _FORWARDED.match(begun[:_LONGEST_LINE]) is not None


def _is_heading(lines: Sequence[str], at: int) -> bool:
    """Whether the headers of a mail stand here as text."""
    if not _FROM.match(lines[at][:_LONGEST_LINE]):
        return False
    return sum(bool(_MORE.match(line[:_LONGEST_LINE])) for line in lines[at + 1 : at + 9]) >= 2


def _attribution(lines: Sequence[str], at: int) -> int:
    """Over how many lines it is said here who wrote what follows; 0 for not at all."""
    if not _BEGINS.match(lines[at][:_LONGEST_LINE]):
        return 0
    whole = ""
    for count, line in enumerate(lines[at : at + 4], 1):
        if not line.strip():
            return 0
        whole = f"{whole} {line[:_LONGEST_LINE]}"
        if _WROTE.search(whole):
            return count if _WHEN_OR_WHO.search(whole) else 0
    return 0


def _at_marks(lines: list[str]) -> tuple[list[str], list[str]]:
    first = mark(lines)
    start = first if first is not None else 0
    if first is not None and not _attribution(lines, first):
        return lines[:first], lines[first:]
    begin = start + (_attribution(lines, start) if first is not None else 0)
    blocks, after = _blocks(lines, begin)
    if not blocks:
        return (lines, []) if first is None else (lines[:start], lines[start:])
    if first is not None and any(line.strip() for line in lines[begin : blocks[0][0]]):
        return lines[:start], lines[start:]  # a quote without `>`, which quotes another
    if not after and len(blocks) == 1:
        at = start if first is not None else blocks[0][0]
        return lines[:at], lines[at:]
    if len(blocks) == 1 and not _has_words(lines[: start if first is not None else blocks[0][0]]):
        return lines[blocks[0][1] :], lines[: blocks[0][1]]  # answered below
    return lines, []  # answered in between


def _blocks(lines: list[str], begin: int) -> tuple[list[tuple[int, int]], bool]:
    """Runs of lines with `>` from a line on, and whether words that are no signature stand after the last one."""
    blocks: list[tuple[int, int]] = []
    words = begin
    for at in range(begin, len(lines)):
        if lines[at].startswith(">"):
            if blocks and not _has_words(lines[blocks[-1][1] : at]):
                blocks[-1] = (blocks[-1][0], at + 1)
            else:
                blocks.append((at, at + 1))
            words = at + 1
    return blocks, _has_words(_signed(lines[words:])[0])


def _signed(lines: list[str]) -> tuple[list[str], list[str]]:
    """Words, and the signature below them."""
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    for at in range(end - 1, max(end - 1 - _LONGEST_SIGNATURE, -1), -1):
        if _SIGNATURE.match(lines[at]):
            return (lines[:at], lines[at:]) if _has_words(lines[:at]) else (lines, [])
    if end and _DEVICE.match(lines[end - 1][:_LONGEST_LINE]) and _has_words(lines[: end - 1]):
        return lines[: end - 1], lines[end - 1 :]
    return lines, []


def _has_words(lines: Sequence[str]) -> bool:
    return any(line.strip() for line in lines)


def _joined(lines: list[str]) -> str:
    """Lines without the empty ones at both ends."""
    begin, end = 0, len(lines)
    while begin < end and not lines[begin].strip():
        begin += 1
    while end > begin and not lines[end - 1].strip():
        end -= 1
    return "\n".join(lines[begin:end])
