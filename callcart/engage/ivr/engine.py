"""The walk through a published flow. Pure: a graph, where the caller is and what came in give what to say and do next.

Promises: every call comes to a queue or to an end after a bounded number of keys and silences, whatever is pressed and
whatever the graph: blocks passed between two waits, keys and silences of a call are counted. No reaction leaves the caller
without something said, asked or waited for. While the shop is closed nobody is put into a queue that has not said so.
"""

from __future__ import annotations

from dataclasses import replace

from callcart.contact.voice.flow import Answered, Input, Key, Reaction, Recorded
from callcart.engage.ivr import blocks
from callcart.engage.ivr.blocks import Graph
from callcart.engage.ivr.entering import enter
from callcart.engage.ivr.heard import PRESSED, SILENT, again, answered, nothing, unanswered
from callcart.engage.ivr.spoken_to import recorded
from callcart.engage.ivr.walk import State, Walk, leave, way_out

MOST_INPUTS = 80  # keys and silences of a call
MOST_SILENCES = 12  # of them, silences


def begin(graph: Graph, now: State) -> Reaction:
    """The caller is welcomed: into the first block."""
    languages = now.languages
    now = replace(now, asking="", language=languages[0] if languages else now.language)
    return enter(Walk(graph, now, begins=True), graph.start)


def leave_flow(graph: Graph, now: State) -> Reaction:
    """Out of the flow, whatever it says: to a person, or while the shop is closed to the end."""
    return leave(Walk(graph, replace(now, asking="")))


def react(graph: Graph, now: State, given: Input) -> Reaction:
    """What to do now, for a caller who has been welcomed."""
    walk = Walk(graph, now)
    if now.out:
        return walk.stop(*way_out(now))
    if isinstance(given, Answered):
        return answered(walk, given)
    if isinstance(given, Recorded):
        return recorded(walk, given)
    block = graph.blocks.get(now.at)
    silent = not isinstance(given, Key)
    walk.now = now = replace(now, inputs=now.inputs + 1, quiet=now.quiet + silent, passed=0)
    if block is None or now.inputs > MOST_INPUTS or now.quiet > MOST_SILENCES:
        return leave(walk)
    if now.asking:  # its answer is on its way; a silence is the end of our patience with it
        return unanswered(walk, block) if silent else walk.stop()
    if isinstance(given, Key):
        return PRESSED.get(type(block.settings), nothing)(walk, block, given.digit)
    return SILENT.get(type(block.settings), again)(walk, block)


def hides_keys(graph: Graph, now: State) -> bool:
    """Whether what is pressed now is a secret: the code, after the number."""
    block = graph.blocks.get(now.at)
    return block is not None and isinstance(block.settings, blocks.Identify) and block.id in now.typed


def is_served(now: State) -> bool:
    """Whether a caller who hangs up here has what they called for: it was read out, and no person is wanted after all."""
    return now.served and "queue" not in now.out
