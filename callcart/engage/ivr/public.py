"""What other rooms may use of the flows that callers walk through.

Changing     add_flow, rename_flow, open_draft, discard_draft, change_block, connect, add_block, remove_block, begin_with
Publishing   publish, roll_back, choose_flow, remove_flow, ensure_main
Reading      list_flows, numbers_and_flows, flow_view, version_of, draft_of, graph_in, findings_of, differences
Trying       rehearse
Events       ivr.published, ivr.chosen (staff)
"""

from callcart.engage.ivr.check import Finding, World, check, may_publish
from callcart.engage.ivr.compare import differences
from callcart.engage.ivr.drafts import (
    CodeTaken,
    StaleDraft,
    add_block,
    add_flow,
    begin_with,
    change_block,
    connect,
    discard_draft,
    ensure_main,
    open_draft,
    remove_block,
    rename_flow,
)
from callcart.engage.ivr.models import Flow, FlowVersion, VersionState
from callcart.engage.ivr.publish import FlowBroken, FlowInUse, choose_flow, publish, remove_flow, roll_back
from callcart.engage.ivr.queries import (
    FlowRow,
    FlowView,
    draft_of,
    findings_of,
    flow_view,
    graph_in,
    list_flows,
    numbers_and_flows,
    version_of,
)
from callcart.engage.ivr.rehearse import Pretend, Rehearsal, rehearse

__all__ = [
    "CodeTaken", "Finding", "Flow", "FlowBroken", "FlowInUse", "FlowRow", "FlowVersion", "FlowView", "Pretend", "Rehearsal",
    "StaleDraft", "VersionState", "World", "add_block", "add_flow", "begin_with", "change_block", "check", "choose_flow",
    "connect", "differences", "discard_draft", "draft_of", "ensure_main", "findings_of", "flow_view", "graph_in", "list_flows",
    "may_publish", "numbers_and_flows", "open_draft", "publish", "rehearse", "remove_block", "remove_flow", "rename_flow",
    "roll_back", "version_of",
]  # fmt: skip
