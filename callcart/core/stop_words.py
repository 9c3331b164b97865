"""The words by which somebody says by SMS that they want nothing more of a shop, or want it again after all. A word counts only
where it is the whole message: "stop by tomorrow" is none. What follows from one is not decided here.

Sources: for English, what 47 CFR 64.1200(a)(10) names as a revocation and CTIA's messaging principles; for Chinese, the answers
that marketing messages must offer by the carriers' rules (回T退订, 回TD退订, 拒收请回复R).
"""

from __future__ import annotations

import unicodedata

from callcart.core.normal import normal_form

_STOP = frozenset(
    {
        "stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out",
        "arret", "arrêt", "stopp", "alto", "baja",
        "退订", "取消订阅", "拒收", "不再接收", "停止", "停止发送", "退訂", "取消訂閱",
    }
)  # fmt: skip
_STOP_ZH = frozenset({"t", "td", "r", "回t", "回td", "回复t", "回复td", "t退订", "td退订", "拒收请回复r"})
_START = frozenset(
    {"start", "unstop", "subscribe", "optin", "opt in", "订阅", "恢复", "恢复订阅", "恢复接收", "訂閱"}
)
_START_ZH = frozenset({"kt", "开通"})
MOST = 40


def is_stop(text: str, language: str) -> bool:
    """Whether a message says stop. Letters such as T and TD say so only in a talk held in Chinese (`language` begins with "zh")."""
    word = _word(text)
    return word in _STOP or (language.startswith("zh") and word in _STOP_ZH)


def is_start(text: str, language: str) -> bool:
    """Whether a message takes a stop back."""
    word = _word(text)
    return word in _START or (language.startswith("zh") and word in _START_ZH)


def _word(text: str) -> str:
    """A message as it is compared: any width and case of letters, no marks around or between."""
    if len(text) > MOST:
        return ""
    plain = normal_form("NFKC", text).casefold()
    kept = "".join(c if unicodedata.category(c)[0] in "LNM" else " " for c in plain)
    return " ".join(kept.split())
