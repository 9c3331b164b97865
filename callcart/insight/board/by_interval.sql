-- The visits of a time, in intervals of so many seconds from its start.
WITH
-- take visits
SELECT floor(extract(epoch FROM entered_at - %(since)s::timestamptz) / %(seconds)s::int)::int,
-- take figures
  FROM visits GROUP BY 1 ORDER BY 1
