"""The judges see what is lost, doubled, out of order, cut or silent; a run that went well has nothing to be found."""

from __future__ import annotations

import threading
from typing import Any

from chaos.figures import keep, table
from chaos.judge_calls import Calls, CallSeen, call_findings, outlived, sorry
from chaos.judge_written import Said, written_findings
from chaos.kills import Kill
from chaos.plan import Moment
from chaos.visitors import Visitor

NOBODY = Said([], [], [], [])


def row(**changes: Any) -> dict[str, Any]:
    usual = {
        "id": "m", "external_id": "", "text": "", "place": 1, "conversation_id": "c", "author": "customer", "peer": "",
        "channel": "chat", "delivery": None,
    }  # fmt: skip
    return {**usual, **changes}


def visitor(*keys: str) -> Visitor:
    made = Visitor(1, "https://shop.example/", "shop.example", threading.Event())
    made.said.keys.extend(keys)
    return made


def call(**changes: Any) -> CallSeen:
    usual = {
        "number": "+1", "dialled_at": 0.0, "answered_at": 1.0, "ended_at": 50.0, "by_us": True, "reason": "", "talked": True, "silence": 0.6,
    }  # fmt: skip
    return CallSeen(**{**usual, **changes})


def spoken(**changes: Any) -> dict[str, Any]:
    usual = {
        "id": "c", "caller_e164": "+1", "state": "closed", "end_reason": "completed", "call": "ended", "ended_at": 50,
    }  # fmt: skip
    return {**usual, **changes}


def test_chats() -> None:
    first, second = (
        row(external_id="v/one", place=1),
        row(external_id="v/two", place=2),
    )
    assert written_findings([first, second], [visitor("one", "two")], NOBODY, {}) == []
    assert written_findings([first], [visitor("one", "two")], NOBODY, {}) == ["visitor-1: 1 messages lost"]
    again = [first, row(external_id="v/one", place=2)]
    assert written_findings(again, [visitor("one")], NOBODY, {}) == ["visitor-1: 1 messages doubled"]
    assert written_findings([first, second], [visitor("two", "one")], NOBODY, {}) == [
        "visitor-1: out of order"
    ]


def test_mails_and_sms_of_customers() -> None:
    said = Said(["<a>", "<b>"], [], [("+1", "x")], [])
    kept = [
        row(channel="mail", external_id="<a>"),
        row(channel="mail", external_id="<b>"),
        row(channel="sms", peer="+1", text="x"),
    ]
    assert written_findings(kept, [], said, {}) == []
    assert written_findings([*kept[:1], *kept[2:], kept[2]], [], said, {}) == [
        "1 mails of customers lost, the first one <b>",
        "1 SMS of customers doubled, the first one ('+1', 'x')",
    ]


def ours(text: str, delivery: str, place: int = 1) -> dict[str, Any]:
    return row(id=text, channel="mail", author="staff", text=text, delivery=delivery, place=place)


def test_what_agents_wrote_arrives_once_or_is_in_doubt() -> None:
    rows = [ours("a", "sent", 1), ours("b", "delivered", 2), ours("c", "in_doubt", 3)]
    assert written_findings(rows, [], Said([], ["a", "b"], [], []), {"a": "a"}) == []
    assert written_findings(rows, [], Said([], ["a", "a", "b"], [], []), {}) == [
        "1 mail answers arrived twice, the first one a"
    ]
    assert written_findings(rows, [], Said([], ["a"], [], []), {}) == [
        "1 mail answers are sent as we say, and did not arrive, the first one b"
    ]
    assert written_findings(rows, [], Said([], ["b", "a"], [], []), {}) == [
        "1 mail answers arrived out of order, the first one b"
    ]
    assert written_findings([ours("a", "waiting"), ours("b", "failed")], [], NOBODY, {"z": "z"}) == [
        "1 answers of agents lost",
        "1 mail answers have failed, the first one b",
        "1 mail answers have not left, the first one a",
    ]


def test_calls() -> None:
    assert call_findings([spoken()], Calls([call()], frozenset()), []) == []
    assert call_findings([], Calls([call()], frozenset()), []) == [
        "1 calls were answered and are no conversation, the first one +1"
    ]
    assert call_findings([spoken(), spoken(id="d")], Calls([call()], frozenset()), []) == [
        "1 calls are more than one conversation, the first one +1"
    ]
    assert call_findings([spoken(state="active", ended_at=None)], Calls([call()], frozenset()), []) == [
        "1 calls have ended and go on with us, the first one +1"
    ]
    assert call_findings([spoken()], Calls([call(silence=6.0)], frozenset()), []) == [
        "1 talks were silent for more than 5 s, the first one +1 (6.0 s)"
    ]


def test_a_call_is_cut_unless_asterisk_died_or_an_agent_ended_it() -> None:
    cut = call(by_us=False, reason="bye")
    said = ["1 calls were cut while Asterisk lived, the first one +1 (bye)"]
    assert call_findings([spoken()], Calls([cut], frozenset()), []) == said
    assert call_findings([spoken()], Calls([cut], frozenset()), [(60.0, 61.0)]) == said
    assert call_findings([spoken()], Calls([cut], frozenset()), [(49.0, 51.0)]) == []
    assert call_findings([spoken()], Calls([cut], frozenset({"c"})), []) == []


def test_the_figures_are_kept_in_their_section() -> None:
    kills = [
        Kill("web", Moment.WAIT, "", 10.0, 12.0, 0.5),
        Kill("web", Moment.ANY, "", 20.0, 21.0, 0.1),
        Kill("voice", Moment.TALK, "", 30.0, 31.0, None),
    ]
    lines = table(kills)
    assert lines[2:] == [
        "| web | 2 | 2.00 | 2.00 | 0.50 | 0.50 |",
        "| voice | 1 | 1.00 | 1.00 | never | never |",
    ]
    page = keep("# Top\n\n## Figures\n\nold\n\n## Gaps\n\nsome\n", ["new"])
    assert page == "# Top\n\n## Figures\n\nnew\n\n## Gaps\n\nsome\n"


def test_calls_that_outlive_a_process_are_counted() -> None:
    calls = Calls([call(), call(ended_at=20.5), call(answered_at=None)], frozenset())
    assert outlived(calls, [(20.0, 21.0), (60.0, 61.0)]) == 1


def test_who_is_told_after_ten_seconds_that_nobody_answers_is_no_lost_call() -> None:
    calls = Calls([call(answered_at=10.2), call(number="+2", answered_at=3.0)], frozenset())
    assert call_findings([], calls, []) == ["1 calls were answered and are no conversation, the first one +2"]
    assert sorry([], calls) == 1 and sorry([spoken()], calls) == 0
