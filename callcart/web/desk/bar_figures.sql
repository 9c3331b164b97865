-- The bar in one row: waiting now and since when, this agent's calls of today with their handle time (talk and wrap-up),
-- the shop's service level of today (answered within the queue's target, of those answered or given up), strictest target.
WITH day AS MATERIALIZED (
  SELECT c.agent_id, c.queued_at, c.answered_at, c.ended_at, c.closed_at, q.target_s
    FROM conversations_conversation c JOIN routing_queue q ON q.id = c.queue_id
   WHERE c.queued_at >= %(since)s AND c.tenant_id = nullif(current_setting('callcart.tenant', true), '')::int
)
SELECT (SELECT count(*) FROM routing_ticket WHERE state = 'waiting'),
       (SELECT min(enqueued_at) FROM routing_ticket WHERE state = 'waiting'),
       (SELECT count(*) FROM day WHERE agent_id = %(staff)s AND answered_at IS NOT NULL),
       (SELECT extract(epoch FROM avg(coalesce(closed_at, ended_at) - answered_at)) FROM day
         WHERE agent_id = %(staff)s AND answered_at IS NOT NULL AND ended_at IS NOT NULL),
       (SELECT count(*) FROM day WHERE answered_at <= queued_at + make_interval(secs => target_s)),
       (SELECT count(*) FROM day WHERE answered_at IS NOT NULL OR ended_at > queued_at + interval '5 seconds'),
       (SELECT min(target_s) FROM routing_queue WHERE is_active)
