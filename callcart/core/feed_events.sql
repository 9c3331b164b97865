-- Events that became visible since the reader's last look. The token is that look's snapshot: newly visible are exactly
-- the transactions that were in progress in it or had not begun. Both parts of the answer use one snapshot, this
-- statement's. Both arms are read by the index (xid, id).
WITH past AS MATERIALIZED (SELECT %(token)s::pg_snapshot AS snapshot)
SELECT pg_current_snapshot()::text, e.id, e.tenant_id, e.at, e.kind, e.subject_kind, e.subject_id, e.staff_id, e.audience,
       e.data
  FROM (SELECT 1) AS always
  LEFT JOIN core_event e
    ON e.xid = ANY (ARRAY(SELECT pg_snapshot_xip((SELECT snapshot FROM past))))
    OR e.xid >= (SELECT pg_snapshot_xmax(snapshot) FROM past)
 ORDER BY e.id
 LIMIT %(most)s::bigint
