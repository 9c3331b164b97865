-- Queues in use with who waits in them.
SELECT q.id, q.name, q.name_zh, count(t.conversation_id), min(t.enqueued_at)
  FROM routing_queue q LEFT JOIN routing_ticket t ON t.queue_id = q.id AND t.state = 'waiting'
 WHERE q.is_active
 GROUP BY q.id ORDER BY q.priority DESC, q.code
