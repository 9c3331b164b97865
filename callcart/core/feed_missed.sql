-- One tenant's events that the snapshot `until` sees and the snapshot `since` did not: what a reader missed while he was
-- away. `until` lies in the past, so the answer is the same whenever it is asked.
WITH span AS MATERIALIZED (SELECT %(since)s::pg_snapshot AS since, %(until)s::pg_snapshot AS until)
SELECT e.id, e.tenant_id, e.at, e.kind, e.subject_kind, e.subject_id, e.staff_id, e.audience, e.data
  FROM core_event e
 WHERE (e.xid = ANY (ARRAY(SELECT pg_snapshot_xip((SELECT since FROM span))))
        OR e.xid >= (SELECT pg_snapshot_xmax(since) FROM span))
   AND pg_visible_in_snapshot(e.xid, (SELECT until FROM span))
   AND e.tenant_id = %(tenant)s::int
 ORDER BY e.id
 LIMIT %(most)s::bigint
