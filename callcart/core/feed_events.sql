-- Events that became visible since the reader's last look. The token is that look's snapshot: newly visible are exactly
-- the transactions that were in progress in it or had not begun. All parts of the answer use one snapshot, this
-- statement's. Each arm is its own range of the index (xid, id): with both in one condition the planner walks the whole
-- table by id. The upper bound changes nothing but its estimate: what is visible is below it.
WITH past AS MATERIALIZED (SELECT %(token)s::pg_snapshot AS snapshot, pg_current_snapshot() AS present),
fresh AS MATERIALIZED (
  SELECT e.id, e.tenant_id, e.at, e.kind, e.subject_kind, e.subject_id, e.staff_id, e.audience, e.data
    FROM core_event e
   WHERE e.xid >= (SELECT pg_snapshot_xmax(snapshot) FROM past) AND e.xid < (SELECT pg_snapshot_xmax(present) FROM past)
     AND (%(kinds)s::text[] IS NULL OR e.kind = ANY (%(kinds)s::text[]))
  UNION ALL
  SELECT e.id, e.tenant_id, e.at, e.kind, e.subject_kind, e.subject_id, e.staff_id, e.audience, e.data
    FROM core_event e
   WHERE e.xid = ANY (ARRAY(SELECT pg_snapshot_xip((SELECT snapshot FROM past))))
     AND (%(kinds)s::text[] IS NULL OR e.kind = ANY (%(kinds)s::text[]))
)
SELECT past.present::text, fresh.*
  FROM past LEFT JOIN fresh ON true
 ORDER BY fresh.id
 LIMIT %(most)s::bigint
