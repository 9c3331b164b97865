"""Blocks, ways out and settings in the reader's words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from callcart.contact.voice.speech.phrases import known_phrases
from callcart.engage.ivr.blocks import IS, KEYS, Block, Branch, By, Graph, Kind, On, Reading, ReadOut
from callcart.people.customers.public import Tier

Labels = Mapping[str, str | Promise]

KINDS: Labels = {
    Kind.SAY: gettext_lazy("Say something"),
    Kind.LANGUAGE: gettext_lazy("Choice of language"),
    Kind.HOURS: gettext_lazy("Opening hours"),
    Kind.MENU: gettext_lazy("Menu"),
    Kind.DIGITS: gettext_lazy("Type digits"),
    Kind.FIND_ORDER: gettext_lazy("Find an order"),
    Kind.READ_OUT: gettext_lazy("Read out"),
    Kind.IDENTIFY: gettext_lazy("Identify the caller"),
    Kind.BRANCH: gettext_lazy("Branch"),
    Kind.QUEUE: gettext_lazy("To a person"),
    Kind.VOICEMAIL: gettext_lazy("Leave a message"),
    Kind.SURVEY: gettext_lazy("Survey"),
    Kind.CALLBACK: gettext_lazy("Call back"),
    Kind.TRANSFER: gettext_lazy("To an outside number"),
    Kind.HANG_UP: gettext_lazy("Hang up"),
}
ABOUT: Labels = {
    Kind.SAY: gettext_lazy("A text or a prompt, then on to the next block."),
    Kind.LANGUAGE: gettext_lazy("Asks for English or Chinese. A shop that speaks one language asks nothing."),
    Kind.HOURS: gettext_lazy("One way while the shop is open, another while it is closed."),
    Kind.MENU: gettext_lazy("Says the choices and waits for a key."),
    Kind.DIGITS: gettext_lazy("Takes a number from the caller, an order number say."),
    Kind.FIND_ORDER: gettext_lazy("The order of a number that was typed, where it is the caller's own."),
    Kind.READ_OUT: gettext_lazy(
        "An order or its parcels to a caller we know; the store credit to who has proven to be the buyer."
    ),
    Kind.IDENTIFY: gettext_lazy(
        "By an order number and the last four digits of its telephone number, or by a PIN."
    ),
    Kind.BRANCH: gettext_lazy("Different ways for different callers."),
    Kind.QUEUE: gettext_lazy("The caller waits for an agent. Here the flow ends."),
    Kind.VOICEMAIL: gettext_lazy(
        "Takes a message after a tone; it waits in the queue as a conversation. Without words the queue's own greeting is heard."
    ),
    Kind.SURVEY: gettext_lazy(
        "Asks up to three questions, each answered by a key from 1 to 5 and kept at once."
    ),
    Kind.CALLBACK: gettext_lazy(
        "Promises to call back, at the caller's own number or one that is typed. Who waits already keeps the place."
    ),
    Kind.TRANSFER: gettext_lazy("Not possible yet."),
    Kind.HANG_UP: gettext_lazy("Says goodbye and ends the call."),
}
ICONS: Mapping[str, str] = {
    Kind.SAY: "volume",
    Kind.LANGUAGE: "world",
    Kind.HOURS: "clock",
    Kind.MENU: "dialpad",
    Kind.DIGITS: "hash",
    Kind.FIND_ORDER: "search",
    Kind.READ_OUT: "clipboard-list",
    Kind.IDENTIFY: "shield-check",
    Kind.BRANCH: "route",
    Kind.QUEUE: "headset",
    Kind.VOICEMAIL: "microphone",
    Kind.SURVEY: "star",
    Kind.CALLBACK: "phone-call",
    Kind.TRANSFER: "phone-outgoing",
    Kind.HANG_UP: "phone-off",
}
ON: Labels = {
    On.KNOWN: gettext_lazy("whether we know the caller's number"),
    On.ORDER: gettext_lazy("whether the caller has an order"),
    On.TIER: gettext_lazy("the customer's tier"),
    On.VIP: gettext_lazy("whether the customer is a VIP"),
    On.CASE: gettext_lazy("whether a return or claim is open"),
    On.NUMBER: gettext_lazy("the number dialled"),
    On.LANGUAGE: gettext_lazy("the language"),
}
READINGS: Labels = {
    Reading.ORDER: gettext_lazy("The order"),
    Reading.PARCEL: gettext_lazy("Where the parcel is"),
    Reading.CREDIT: gettext_lazy("The store credit"),
}
QUESTIONS: Labels = {
    On.KNOWN: gettext_lazy("A number we know?"),
    On.ORDER: gettext_lazy("Has an order?"),
    On.TIER: gettext_lazy("Which tier?"),
    On.VIP: gettext_lazy("A VIP?"),
    On.CASE: gettext_lazy("A return or claim open?"),
    On.NUMBER: gettext_lazy("Which number was dialled?"),
    On.LANGUAGE: gettext_lazy("Which language?"),
}
READ_OUTS: Labels = {
    Reading.ORDER: gettext_lazy("Read out the order"),
    Reading.PARCEL: gettext_lazy("Read out where the parcel is"),
    Reading.CREDIT: gettext_lazy("Read out the store credit"),
}
BYS: Labels = {
    By.ORDER: gettext_lazy("An order number and the last four digits of its telephone number"),
    By.PIN: gettext_lazy("A telephone PIN"),
}
SETTINGS: Labels = {
    "by": gettext_lazy("By"),
    "title": gettext_lazy("Name of the block"),
    "key": gettext_lazy("Prompt"),
    "text_en": gettext_lazy("Words in English"),
    "text_zh-hans": gettext_lazy("Words in Chinese"),
    "opening": gettext_lazy("While closed, also say when the shop opens next"),
    "tries": gettext_lazy("Wrong tries until it leads on"),
    "repeats": gettext_lazy("Say again into a silence"),
    "least": gettext_lazy("Digits at least"),
    "most": gettext_lazy("Digits at most"),
    "digits": gettext_lazy("Number typed in"),
    "what": gettext_lazy("What is read out"),
    "times": gettext_lazy("Read out at most"),
    "on": gettext_lazy("Tell apart by"),
    "queue": gettext_lazy("Queue"),
    "survey": gettext_lazy("Survey"),
    "always": gettext_lazy("Also while the shop is closed"),
    "number": gettext_lazy("Telephone number"),
}
_WAYS: Labels = {
    "next": pgettext_lazy("way out of a block", "Then"),
    "silence": pgettext_lazy("way out of a block", "Silence"),
    "wrong": pgettext_lazy("way out of a block", "Too many wrong tries"),
    "else": pgettext_lazy("way out of a block", "Everybody else"),
    "open": pgettext_lazy("way out of a block", "Open"),
    "closed": pgettext_lazy("way out of a block", "Closed"),
    "found": pgettext_lazy("way out of a block", "Found"),
    "none": pgettext_lazy("way out of a block", "Nothing there"),
    "often": pgettext_lazy("way out of a block", "Heard often enough"),
    "refused": pgettext_lazy("way out of a block", "Not promised"),
    "identified": pgettext_lazy("way out of a block", "Identified"),
}
_LANGUAGES: Labels = {"en": gettext_lazy("English"), "zh-hans": gettext_lazy("Chinese")}


def kind_label(kind: Kind) -> str:
    return str(KINDS[kind])


def titles_of(graph: Graph) -> dict[str, str]:
    """What each block is called, no two alike: its own name, else what it says, asks or is; the second of a name is 2."""
    found: dict[str, str] = {}
    seen: Counter[str] = Counter()
    for block in graph.blocks.values():
        name = _title_of(block)
        seen[name] += 1
        found[block.id] = name if seen[name] == 1 else f"{name} {seen[name]}"
    return found


def _title_of(block: Block) -> str:
    if block.title:
        return block.title
    if isinstance(block.settings, Branch):
        return str(QUESTIONS[block.settings.on])
    if isinstance(block.settings, ReadOut):
        return str(READ_OUTS[block.settings.what])
    phrase = known_phrases().get(block.words.key) if block.kind is not Kind.QUEUE else None
    return str(phrase.label) if phrase is not None else kind_label(block.kind)


def language_label(language: str) -> str:
    return str(_LANGUAGES[language])


def setting_label(block: Block, name: str) -> str:
    """`most` counts digits in one kind of block and readings in another."""
    return str(SETTINGS["times" if block.kind is Kind.READ_OUT and name == "most" else name])


def way_label(block: Block, way: str) -> str:
    """A way out: a key, a value, or what it is called."""
    if way in KEYS:
        return _("Key %(key)s") % {"key": way}
    if way.startswith(IS):
        return value_label(block, way.removeprefix(IS))
    return str(_WAYS.get(way, way))


def value_label(block: Block, value: str) -> str:
    """A value that a branch tells apart."""
    on = block.settings.on if isinstance(block.settings, Branch) else None
    if on is On.TIER and value in Tier.values:
        return str(Tier(value).label)
    if on is On.LANGUAGE:
        return str(_LANGUAGES.get(value, value))
    return _("Yes") if value == "yes" and on is not On.NUMBER else value
