-- The visits of a time, by queue.
WITH
-- take visits
SELECT queue_id,
-- take figures
  FROM visits GROUP BY queue_id
