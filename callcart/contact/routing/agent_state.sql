-- One agent with his live offer and his talk.
SELECT a.shown, a.state, a.reason, a.shown_since, a.wrap_until, a.wrap_conversation_id,
       o.id, o.expires_at, coalesce(o.conversation_id, t.conversation_id, h.conversation_id), p.code, c.skills
  FROM routing_agent a
  JOIN routing_crew c ON c.id = a.crew_id
  JOIN routing_profile p ON p.id = c.profile_id
  LEFT JOIN routing_offer o ON o.agent_id = a.id AND o.state = 'live' AND o.channel = 0
  LEFT JOIN routing_ticket t ON t.agent_id = a.id AND t.state = 'active' AND t.channel = 0
  LEFT JOIN routing_ticket h ON h.helper_id = a.id
 WHERE a.staff_id = %s
