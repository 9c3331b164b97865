-- Each queue in use: its agents, those at work, those ready; and whether it is served by a group at all.
SELECT q.id, count(a.id), count(a.id) FILTER (WHERE a.state <> 'offline'), count(a.id) FILTER (WHERE a.state = 'ready')
  FROM routing_queue q
  LEFT JOIN routing_profilequeue pq ON pq.queue_id = q.id
  LEFT JOIN routing_crew c ON c.profile_id = pq.profile_id
  LEFT JOIN routing_agent a ON a.crew_id = c.id
 WHERE q.is_active GROUP BY q.id
