-- Agents at work whose desk has not been seen for a while (system role). One who talks is left alone.
SELECT a.tenant_id, a.staff_id
  FROM routing_presence p JOIN routing_agent a ON a.id = p.agent_id
 WHERE p.seen_at < now() - make_interval(secs => %(seconds)s::int) AND a.state <> 'offline' AND a.shown <> 'talking'
 LIMIT 200
