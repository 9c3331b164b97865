-- Everybody who is set up as an agent: what they do now and since when, in which talk (by telephone, else the oldest written one), and their day; as
-- far as the reader sees them.
WITH day AS MATERIALIZED (
  SELECT c.agent_id, count(*) AS handled,
         extract(epoch FROM avg(coalesce(c.closed_at, c.ended_at) - c.answered_at) FILTER (WHERE c.ended_at IS NOT NULL)) AS handle
    FROM conversations_conversation c
   WHERE c.tenant_id = %(tenant)s::int AND c.answered_at IS NOT NULL AND c.queued_at >= %(since)s
   GROUP BY c.agent_id
)
SELECT a.staff_id, s.name, s.name_zh, CASE WHEN a.shown = 'talking' AND v.state = 'held' THEN 'on_hold' ELSE a.shown END,
       a.reason,
       CASE WHEN a.shown = 'talking' AND v.state = 'held'
            THEN (SELECT max(h.at) FROM conversations_step h WHERE h.conversation_id = v.conversation_id AND h.kind = 'hold.started')
            ELSE a.shown_since END,
       p.name, p.name_zh, coalesce(t.conversation_id, w.conversation_id), t.conversation_id IS NOT NULL AND a.shown = 'talking', s.team_id,
       a.load_chat, a.load_mail, a.load_sms,
       coalesce(d.handled, 0), d.handle
  FROM routing_agent a
  JOIN staff_staff s ON s.id = a.staff_id AND s.is_active
  JOIN routing_crew c ON c.id = a.crew_id
  JOIN routing_profile p ON p.id = c.profile_id
  LEFT JOIN routing_ticket t ON t.agent_id = a.id AND t.channel = 0
  LEFT JOIN voice_call v ON v.conversation_id = t.conversation_id AND v.ended_at IS NULL
  LEFT JOIN day d ON d.agent_id = a.staff_id
  LEFT JOIN LATERAL (SELECT x.conversation_id FROM routing_ticket x WHERE x.agent_id = a.id AND x.channel <> 0
                      ORDER BY x.enqueued_at LIMIT 1) w ON true
 WHERE a.tenant_id = %(tenant)s::int AND (%(agents)s::uuid[] IS NULL OR a.staff_id = ANY (%(agents)s::uuid[]))
 ORDER BY array_position(ARRAY['ringing', 'talking', 'wrap_up', 'ready', 'paused', 'offline'], a.shown), a.shown_since
