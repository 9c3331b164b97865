-- Each queue in use: who waits now, and its day. Abandoned: given up while waiting or ringing; those within 5 s are left out
-- of the service level, as is usual (a wrong number is not our fault). Service level: answered within the queue's target.
SELECT q.id, q.name, q.name_zh, q.target_s,
       (SELECT count(*) FROM routing_ticket t WHERE t.queue_id = q.id AND t.state = 'waiting'),
       (SELECT min(t.enqueued_at) FROM routing_ticket t WHERE t.queue_id = q.id AND t.state = 'waiting'),
       d.answered, d.abandoned, d.in_time, d.counted, d.answer_speed, d.handle_time
  FROM routing_queue q
  CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE c.answered_at IS NOT NULL) AS answered,
           count(*) FILTER (WHERE c.answered_at IS NULL AND c.ended_at IS NOT NULL AND c.end_reason = 'abandoned') AS abandoned,
           count(*) FILTER (WHERE c.answered_at <= c.queued_at + make_interval(secs => q.target_s)) AS in_time,
           count(*) FILTER (WHERE c.answered_at IS NOT NULL OR c.ended_at > c.queued_at + interval '5 seconds') AS counted,
           extract(epoch FROM avg(c.answered_at - c.queued_at)) AS answer_speed,
           extract(epoch FROM avg(coalesce(c.closed_at, c.ended_at) - c.answered_at) FILTER (WHERE c.ended_at IS NOT NULL)) AS handle_time
      FROM conversations_conversation c
     WHERE c.tenant_id = %(tenant)s::int AND c.queue_id = q.id AND c.queued_at >= %(since)s
  ) d
 WHERE q.tenant_id = %(tenant)s::int AND q.is_active
 ORDER BY q.priority DESC, q.code
