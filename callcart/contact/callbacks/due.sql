-- What is due for callbacks, over all tenants, a bounded number of each kind. For the system role.
(SELECT 'begin' AS kind, c.tenant_id, c.id FROM callbacks_callback c
  WHERE c.state = 'scheduled' AND c.next_at <= %(now)s AND NOT EXISTS (
    SELECT 1 FROM callbacks_queuerules r WHERE r.queue_id = c.queue_id AND r.customer_first AND c.owner_id IS NULL)
  ORDER BY c.next_at LIMIT 200)
UNION ALL
(SELECT 'call', x.tenant_id, x.id FROM callbacks_queuerules r CROSS JOIN LATERAL (
    SELECT c.tenant_id, c.id FROM callbacks_callback c
     WHERE c.queue_id = r.queue_id AND c.owner_id IS NULL AND c.state = 'scheduled' AND c.next_at <= %(now)s ORDER BY c.since LIMIT 1) x
  WHERE r.customer_first)
UNION ALL
(SELECT 'settle', c.tenant_id, c.id FROM callbacks_callback c
   LEFT JOIN conversations_conversation v ON v.id = CASE c.state WHEN 'here' THEN c.came_id ELSE c.conversation_id END
  WHERE c.state IN ('waiting', 'calling', 'here')
    AND (v.ended_at IS NOT NULL OR (c.state = 'here' AND v.answered_at IS NOT NULL) OR (c.state = 'waiting' AND v.state = 'active')
         OR (v.id IS NULL AND c.changed_at < %(now)s - interval '60 seconds'))
  LIMIT 500)
