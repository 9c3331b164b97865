"""Why nobody outside was reached, from the cause the network gives (Q.850) to our words."""

from __future__ import annotations

OUTSIDE_RINGS = 45  # seconds
LONGEST = 7200  # seconds, of a call asked for before limits were told with it
REASONS = {
    1: "no_such_number",
    28: "no_such_number",
    17: "busy",
    18: "no_answer",
    19: "no_answer",
    21: "rejected",
}
