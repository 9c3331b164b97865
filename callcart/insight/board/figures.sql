-- What is counted of visits. Abandoned within the shop's short time are left out of the service level, as is usual (a wrong number is not our
-- fault); who waits still is in it once something came of it.
count(*), count(*) FILTER (WHERE outcome = 'answered'), count(*) FILTER (WHERE outcome = 'abandoned'),
count(*) FILTER (WHERE outcome = 'answered' AND wait_s <= target_s),
count(*) FILTER (WHERE outcome = 'answered' OR (outcome = 'abandoned' AND wait_s > %(short)s::int)),
count(handle_s), avg(wait_s) FILTER (WHERE outcome = 'answered'), avg(handle_s), max(wait_s)
