-- The clock was set by `moved` seconds: every moment that routing has written down moves along, so that what rings goes on ringing, who
-- waits has waited as long as before and stays before whoever comes next (system role, all tenants). What was written since the last
-- look, `within` seconds ago at most, has the new time already.
WITH now AS (SELECT clock_timestamp() AS at, make_interval(secs => %(moved)s::float8) AS moved,
                    make_interval(secs => %(within)s::float8) AS within),
offers AS (UPDATE routing_offer o SET expires_at = expires_at + now.moved, made_at = made_at + now.moved FROM now
            WHERE o.state = 'live' AND NOT (made_at BETWEEN now.at - now.within AND now.at)),
wraps AS (UPDATE routing_agent a SET free_since = free_since + now.moved, wrap_until = wrap_until + now.moved,
                 shown_since = shown_since + now.moved FROM now
           WHERE a.state <> 'offline' AND NOT (shown_since BETWEEN now.at - now.within AND now.at)),
desks AS (UPDATE routing_presence p SET seen_at = seen_at + now.moved FROM now
           WHERE NOT (seen_at BETWEEN now.at - now.within AND now.at))
UPDATE routing_ticket t SET enqueued_at = enqueued_at + now.moved, next_at = next_at + now.moved,
       position = position + (%(moved)s::float8 * 1000000)::bigint FROM now
 WHERE NOT (enqueued_at BETWEEN now.at - now.within AND now.at)
