-- Each queue in use as it stands now: who waits, since when, and the agents who serve it (lent ones too), at work and free.
SELECT q.id, q.name, q.name_zh, q.target_s, w.waiting, w.since, a.at_work, a.ready
  FROM routing_queue q
  CROSS JOIN LATERAL (
    SELECT count(*)::int AS waiting, min(t.enqueued_at) AS since FROM routing_ticket t WHERE t.queue_id = q.id AND t.state = 'waiting') w
  CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE g.shown <> 'offline')::int AS at_work, count(*) FILTER (WHERE g.shown = 'ready')::int AS ready
      FROM routing_profilequeue pq JOIN routing_crew c ON c.profile_id = pq.profile_id JOIN routing_agent g ON g.crew_id = c.id
     WHERE pq.queue_id = q.id) a
 WHERE q.tenant_id = %(tenant)s::int AND q.is_active AND (%(queues)s::uuid[] IS NULL OR q.id = ANY (%(queues)s::uuid[]))
 ORDER BY q.priority DESC, q.code
