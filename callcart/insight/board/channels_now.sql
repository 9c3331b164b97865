-- Each channel now: who waits in it, and what is in hand. Of a reader who sees some queues only, those.
SELECT c.channel, count(*) FILTER (WHERE t.state = 'waiting')::int, min(t.enqueued_at) FILTER (WHERE t.state = 'waiting'),
       count(*) FILTER (WHERE t.state <> 'waiting')::int
  FROM routing_ticket t JOIN conversations_conversation c ON c.id = t.conversation_id
 WHERE t.tenant_id = %(tenant)s::int AND (%(queues)s::uuid[] IS NULL OR t.queue_id = ANY (%(queues)s::uuid[]))
 GROUP BY c.channel
