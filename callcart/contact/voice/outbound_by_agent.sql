-- What was called outside: how often in the last hour, and minutes begun in the last day, as `outbound_lately` counts them. The row of all
-- first (`whole`), then each agent, who spoke longest first.
WITH call AS MATERIALIZED (
  SELECT o.staff_id, o.started_at > %(now)s - interval '1 hour' AS lately,
         CASE WHEN o.answered_at IS NOT NULL
                THEN greatest(1, ceil(extract(epoch FROM coalesce(o.ended_at, c.ended_at, %(now)s) - o.answered_at) / 60))
              WHEN coalesce(o.ended_at, c.ended_at) IS NULL THEN 1
              ELSE 0 END AS minutes
    FROM voice_outboundcall o LEFT JOIN voice_call c ON c.conversation_id = o.conversation_id
   WHERE o.started_at > %(now)s - interval '1 day')
SELECT staff_id, count(*) FILTER (WHERE lately), coalesce(sum(minutes), 0)::bigint AS minutes, grouping(staff_id) = 1 AS whole
  FROM call GROUP BY GROUPING SETS ((), (staff_id))
 ORDER BY whole DESC, minutes DESC, staff_id LIMIT %(most)s
