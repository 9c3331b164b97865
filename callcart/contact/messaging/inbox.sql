-- What concerns one agent of the written channels: offered or his, his that sleeps, and what waits in queues he serves.
WITH mine AS (
  (SELECT c.id FROM conversations_conversation c JOIN routing_ticket t ON t.conversation_id = c.id
     JOIN routing_agent a ON a.id = t.agent_id WHERE a.staff_id = %(staff)s AND t.channel <> 0 LIMIT 200)
  UNION
  (SELECT c.id FROM conversations_conversation c
    WHERE c.owner_id = %(staff)s AND c.closed_at IS NULL AND c.state IN ('pending', 'waiting') ORDER BY c.started_at DESC LIMIT 200)
  UNION
  (SELECT t.conversation_id FROM routing_agent a JOIN routing_lanecrew lc ON lc.crew_id = a.crew_id AND lc.channel <> 0
     JOIN routing_ticket t ON t.lane_id = lc.lane_id AND t.state = 'waiting'
    WHERE a.staff_id = %(staff)s ORDER BY t.position LIMIT 100))
SELECT c.id, c.number, c.channel, c.state, c.title, c.peer, c.customer_id, c.queue_id, c.agent_id, c.owner_id, c.started_at, c.heard_at,
       c.wake_at, coalesce((SELECT left(m.text, 160) FROM messaging_message m WHERE m.conversation_id = c.id ORDER BY m.place DESC LIMIT 1), '')
  FROM mine JOIN conversations_conversation c ON c.id = mine.id
 ORDER BY (c.heard_at IS NULL), c.heard_at, c.started_at
