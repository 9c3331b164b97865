"""What is said to somebody who records a prompt, in the language that one works in."""

from __future__ import annotations

from callcart.contact.voice.flow import Utterance
from callcart.contact.voice.speech.phrases import TONE

_SAID = {
    "begin": (
        "Please speak after the tone, and press the hash key when you have finished.",
        "请在提示音后开始说话，说完请按井号键。",
    ),
    "again": ("Please speak after the tone.", "请在提示音后重新说一遍。"),
    "ask": (
        "To keep this recording, press 1. To record it again, press 2.",
        "保存这段录音请按 1，重新录制请按 2。",
    ),
    "silent": ("Nothing was heard.", "没有听到您的声音。"),
    "cut": ("The longest possible time has been reached.", "已经到了最长录音时间。"),
    "kept": ("Thank you. The recording is kept.", "谢谢，录音已保存。"),
    "not_kept": ("Nothing has been kept. Goodbye.", "录音没有保存，再见。"),
    "failed": (
        "We are sorry, the recording could not be kept. Please try again later.",
        "非常抱歉，录音没能保存，请稍后再试。",
    ),
}


def said(word: str, language: str) -> Utterance:
    """One of the sentences above."""
    english, chinese = _SAID[word]
    if language.startswith("zh"):
        return Utterance(chinese, "zh-hans", f"studio.{word}")
    return Utterance(english, "en", f"studio.{word}")


def tone(language: str) -> Utterance:
    return Utterance("", language, TONE)
