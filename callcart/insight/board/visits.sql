-- Every time a conversation began to wait in a queue, as its path tells it: when, where, what came of it first (answered, abandoned, lost, moved,
-- or it waits still), who answered, and when he was done with it, wrap-up and all. Taken into the statements that count or list them.
-- `queues` and `agents` narrow it to what the reader may see: another team's answers are not his.
visits AS (
  SELECT s.id, s.conversation_id, s.at AS entered_at, q.id AS queue_id, q.target_s, c.number, c.channel,
         CASE WHEN f.kind = 'answered' THEN 'answered' WHEN f.kind IS NULL THEN 'waiting'
              WHEN f.kind NOT IN ('ended', 'closed') THEN 'moved' WHEN c.end_reason = 'abandoned' THEN 'abandoned' ELSE 'lost' END AS outcome,
         f.at AS first_at, extract(epoch FROM coalesce(f.at, now()) - s.at)::float AS wait_s,
         CASE WHEN f.kind = 'answered' THEN f.staff_id END AS agent_id,
         CASE WHEN f.kind = 'answered' THEN extract(epoch FROM coalesce(d.at, c.closed_at) - f.at)::float END AS handle_s
    FROM conversations_step s
    JOIN conversations_conversation c ON c.id = s.conversation_id
    JOIN routing_queue q ON q.id = coalesce((s.data ->> 'queue_id')::uuid, c.queue_id)
    LEFT JOIN LATERAL (
      SELECT n.id, n.kind, n.at, n.staff_id FROM conversations_step n
       WHERE n.conversation_id = s.conversation_id AND n.id > s.id
         AND n.kind IN ('answered', 'ended', 'closed', 'queue.moved', 'queue.left', 'transfer.queue', 'transfer.menu')
       ORDER BY n.id LIMIT 1) f ON true
    LEFT JOIN LATERAL (
      SELECT n.at FROM conversations_step n
       WHERE f.kind = 'answered' AND n.conversation_id = s.conversation_id AND n.id > f.id
         AND n.kind IN ('wrap_up.ended', 'wrap_up.timed_out', 'closed', 'transfer.queue', 'transfer.menu', 'transfer.outside',
                        'set_aside', 'snoozed', 'handed_over')
       ORDER BY n.id LIMIT 1) d ON true
   WHERE s.tenant_id = %(tenant)s::int AND s.at >= %(since)s::timestamptz AND s.at < %(until)s::timestamptz
     AND s.kind IN ('queue.entered', 'transfer.queue', 'queue.moved')
     AND (%(queue)s::uuid IS NULL OR q.id = %(queue)s::uuid) AND (%(channel)s::text = '' OR c.channel = %(channel)s::text)
     AND (%(queues)s::uuid[] IS NULL OR q.id = ANY (%(queues)s::uuid[]))
     AND (%(agents)s::uuid[] IS NULL OR f.kind IS DISTINCT FROM 'answered' OR f.staff_id = ANY (%(agents)s::uuid[]))
)
