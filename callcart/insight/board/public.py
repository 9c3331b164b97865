"""What other rooms may use of the live board.

Now           agents_now, queues_now, channels_now, queues_today (with the day), floor (all queues together), with_day
The day       by_queue, by_interval, counted (the visits behind a figure), day_start, summed
"""

from callcart.insight.board.queries import (
    AgentNow,
    ChannelNow,
    Floor,
    QueueToday,
    agents_now,
    channels_now,
    day_start,
    floor,
    queues_now,
    queues_today,
    with_day,
)
from callcart.insight.board.visits import (
    MINUTES,
    SHOWN,
    Asked,
    Figures,
    Visit,
    Which,
    by_interval,
    by_queue,
    counted,
    summed,
)

__all__ = [
    "MINUTES",
    "SHOWN",
    "AgentNow",
    "Asked",
    "ChannelNow",
    "Figures",
    "Floor",
    "QueueToday",
    "Visit",
    "Which",
    "agents_now",
    "by_interval",
    "by_queue",
    "channels_now",
    "counted",
    "day_start",
    "floor",
    "queues_now",
    "queues_today",
    "summed",
    "with_day",
]
