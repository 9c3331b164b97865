-- The visits that one figure counts, newest first (of `longest`, the longest wait first), from a place on.
WITH
-- take visits
SELECT id, conversation_id, entered_at, queue_id, number, channel, outcome, wait_s, agent_id, handle_s,
       outcome = 'answered' AND wait_s <= target_s
  FROM visits
 WHERE CASE %(which)s::text
         WHEN 'answered' THEN outcome = 'answered' WHEN 'abandoned' THEN outcome = 'abandoned'
         WHEN 'in_time' THEN outcome = 'answered' AND wait_s <= target_s
         WHEN 'late' THEN (outcome = 'answered' AND wait_s > target_s) OR (outcome = 'abandoned' AND wait_s > %(short)s::int)
         WHEN 'handled' THEN handle_s IS NOT NULL
         ELSE true END
   AND (%(before)s::timestamptz IS NULL OR (entered_at, id) < (%(before)s::timestamptz, %(before_id)s::bigint))
 ORDER BY CASE WHEN %(which)s::text = 'longest' THEN wait_s END DESC NULLS LAST, entered_at DESC, id DESC
 LIMIT %(limit)s::int
