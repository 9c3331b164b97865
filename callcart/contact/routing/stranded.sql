-- Lanes in which somebody waits whom nobody at work can serve, now or at a later step (asked of the one in front): by queue and needs.
SELECT l.queue_id, l.need, sum(w.waiting)::int, min(head.enqueued_at)
  FROM routing_lane l
 CROSS JOIN LATERAL (SELECT t.enqueued_at, t.steps FROM routing_ticket t WHERE t.lane_id = l.id AND t.state = 'waiting'
                      ORDER BY t.position, t.conversation_id LIMIT 1) head
 CROSS JOIN LATERAL (SELECT count(*) AS waiting FROM routing_ticket t WHERE t.lane_id = l.id AND t.state = 'waiting') w
 WHERE acd_nobody(l.id || ARRAY(SELECT (s ->> 'lane')::bigint FROM jsonb_array_elements(coalesce(head.steps, '[]')) s))
 GROUP BY l.queue_id, l.need ORDER BY min(head.enqueued_at)
