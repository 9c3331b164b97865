-- What is due now, over all tenants (system role). Each arm is the head of a partial index.
(SELECT 'offer' AS kind, tenant_id, id AS subject FROM routing_offer
  WHERE state = 'live' AND expires_at <= now() ORDER BY expires_at LIMIT 200)
UNION ALL
(SELECT 'wrap', tenant_id, staff_id FROM routing_agent
  WHERE wrap_until IS NOT NULL AND wrap_until <= now() ORDER BY wrap_until LIMIT 200)
UNION ALL
(SELECT 'relax', tenant_id, conversation_id FROM routing_ticket
  WHERE state = 'waiting' AND next_at IS NOT NULL AND next_at <= now() ORDER BY next_at LIMIT 200)
