-- Calls of one node whose end has not been written down, over all tenants (system role), with what routing says of them.
SELECT c.tenant_id, c.conversation_id, v.state AS turn, v.agent_id, v.language, v.caller_e164, v.service_number, c.state,
       c.customer_channel, c.agent_channel, c.agent_staff_id, c.offer_id, c.legs_dialled, c.flow_state, c.lost_at, c.recording,
       c.consult, c.paused_for, c.silent, c.muted, c.orbit, c.parked_until, c.guest_id
  FROM voice_call c JOIN conversations_conversation v ON v.id = c.conversation_id
 WHERE c.ended_at IS NULL AND c.node = ANY (%(nodes)s)
 ORDER BY c.started_at
