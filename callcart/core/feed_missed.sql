-- One tenant's events that the snapshot `until` sees and the snapshot `since` did not: what a reader missed while he was
-- away. `until` lies in the past, so the answer is the same whenever it is asked. Arms as in feed_events.
WITH span AS MATERIALIZED (SELECT %(since)s::pg_snapshot AS since, %(until)s::pg_snapshot AS until),
missed AS MATERIALIZED (
  SELECT e.id, e.tenant_id, e.at, e.kind, e.subject_kind, e.subject_id, e.staff_id, e.audience, e.data, e.xid
    FROM core_event e
   WHERE e.xid >= (SELECT pg_snapshot_xmax(since) FROM span) AND e.xid < (SELECT pg_snapshot_xmax(until) FROM span)
  UNION ALL
  SELECT e.id, e.tenant_id, e.at, e.kind, e.subject_kind, e.subject_id, e.staff_id, e.audience, e.data, e.xid
    FROM core_event e
   WHERE e.xid = ANY (ARRAY(SELECT pg_snapshot_xip((SELECT since FROM span))))
)
SELECT m.id, m.tenant_id, m.at, m.kind, m.subject_kind, m.subject_id, m.staff_id, m.audience, m.data
  FROM missed m
 WHERE pg_visible_in_snapshot(m.xid, (SELECT until FROM span)) AND m.tenant_id = %(tenant)s::int
 ORDER BY m.id
 LIMIT %(most)s::bigint
