-- What is due for written conversations, over all tenants, a bounded number of each kind. For the system role.
-- Those of a shop that has no queue in use can wait nowhere: they are not to stand before all others.
(SELECT 'unqueued' AS kind, c.tenant_id, c.id AS conversation_id, NULL::bigint AS delivery_id FROM conversations_conversation c
  WHERE c.state IN ('new', 'pending') AND c.heard_at < clock_timestamp() - make_interval(secs => %(seconds)s)
    AND EXISTS (SELECT 1 FROM routing_queue q WHERE q.tenant_id = c.tenant_id AND q.is_active)
  ORDER BY c.heard_at LIMIT 500)
UNION ALL
(SELECT 'wake', tenant_id, id, NULL FROM conversations_conversation
  WHERE closed_at IS NULL AND wake_at <= clock_timestamp() AND state = 'pending' ORDER BY wake_at LIMIT 500)
UNION ALL
(SELECT 'merged', c.tenant_id, c.id, NULL FROM conversations_conversation c JOIN messaging_merge m ON m.source_id = c.id
  WHERE c.closed_at IS NULL AND c.forget_at <= clock_timestamp() ORDER BY c.forget_at LIMIT 200)
UNION ALL
(SELECT 'forget', tenant_id, id, NULL FROM conversations_conversation
  WHERE closed_at IS NULL AND forget_at <= clock_timestamp() AND state = 'pending' ORDER BY forget_at LIMIT 200)
UNION ALL
(SELECT 'dead', tenant_id, NULL, id FROM messaging_delivery
  WHERE state = 'sending' AND claimed_until <= clock_timestamp() ORDER BY claimed_until LIMIT 200)
UNION ALL
(SELECT 'late', tenant_id, NULL, id FROM messaging_delivery
  WHERE state = 'waiting' AND until IS NOT NULL AND until <= clock_timestamp() ORDER BY until LIMIT 200)
