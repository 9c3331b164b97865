"""What other rooms may use of the live board."""

from callcart.insight.board.queries import (
    AgentNow,
    Floor,
    QueueToday,
    agents_now,
    day_start,
    floor,
    queues_today,
)

__all__ = ["AgentNow", "Floor", "QueueToday", "agents_now", "day_start", "floor", "queues_today"]
