-- What the shop, and one of its agents, has called outside: how often in the last hour, and minutes begun in the last day. A call that was
-- answered counts each minute begun, up to now where it goes on; one not answered yet counts one, one that nobody answered none.
SELECT count(*) FILTER (WHERE lately), count(*) FILTER (WHERE lately AND own),
       coalesce(sum(minutes), 0)::bigint, coalesce(sum(minutes) FILTER (WHERE own), 0)::bigint
  FROM (SELECT o.started_at > %(now)s - interval '1 hour' AS lately, o.staff_id IS NOT DISTINCT FROM %(staff)s::uuid AS own,
               CASE WHEN o.answered_at IS NOT NULL
                      THEN greatest(1, ceil(extract(epoch FROM coalesce(o.ended_at, c.ended_at, %(now)s) - o.answered_at) / 60))
                    WHEN coalesce(o.ended_at, c.ended_at) IS NULL THEN 1
                    ELSE 0 END AS minutes
          FROM voice_outboundcall o LEFT JOIN voice_call c ON c.conversation_id = o.conversation_id
         WHERE o.started_at > %(now)s - interval '1 day') AS call
