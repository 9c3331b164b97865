-- What orders %(first)s to %(last)s are, before anything of them is written: lines, then what follows from age and dice. The
-- newest wait or are under way, the old are over; a few of every age stand where somebody forgot them.
TRUNCATE book, book_line;
INSERT INTO book_line
SELECT n, k, v, CASE pg_temp.dice(n * 8 + k, 6, 8) WHEN 0 THEN 2 ELSE 1 END, pg_temp.price(v)
  FROM generate_series(%(first)s::bigint, %(last)s::bigint) n, generate_series(1, 1 + pg_temp.dice(n, 5, 5)) k,
       pg_temp.bought(n * 8 + k, %(skus)s) v;
INSERT INTO book
WITH cast_ AS (
  SELECT n, ((%(orders)s - n) + 0.5) / %(per_day)s AS age, pg_temp.dice(n, 10, 10000) AS fate, 1 + pg_temp.dice(n, 11, %(customers)s) AS c,
         CASE WHEN pg_temp.dice(n, 12, 100) < 62 THEN 'prepaid' WHEN pg_temp.dice(n, 12, 100) < 98 THEN 'cod' ELSE 'instalments' END AS method
    FROM generate_series(%(first)s::bigint, %(last)s::bigint) n
), fates AS (
  SELECT *, CASE
      WHEN fate < 400 THEN 'cancelled'
      WHEN fate < 402 OR age < 3 AND fate < 480 THEN 'on_hold'
      WHEN age < 0.5 AND fate < 6000 OR fate < 405 THEN 'placed'
      WHEN age < 1.5 OR fate < 410 THEN 'reserved'
      WHEN age < 5 OR fate < 420 THEN 'shipped'
      WHEN age < 8 AND fate < 5000 THEN 'arrived'
      WHEN fate < 425 THEN 'returned'
      ELSE 'closed' END AS stage FROM cast_
)
SELECT f.n, pg_temp.spoken(100000 + f.n), %(until)s::timestamptz - make_interval(secs => (f.age * 86400)::float8), f.c,
       CASE stage WHEN 'reserved' THEN 'confirmed' WHEN 'shipped' THEN 'confirmed' WHEN 'arrived' THEN 'confirmed'
            WHEN 'returned' THEN 'confirmed' ELSE stage END,
       CASE WHEN stage = 'cancelled' THEN CASE WHEN fate < 2 AND method <> 'cod' THEN 'refund_due' ELSE 'nothing_due' END
            WHEN method = 'cod' THEN CASE stage WHEN 'closed' THEN 'remitted' WHEN 'arrived' THEN 'collected_by_carrier' ELSE 'due_on_delivery' END
            WHEN stage = 'placed' AND fate %% 3 > 0 THEN 'due' WHEN stage = 'returned' THEN 'refund_due' ELSE 'paid' END,
       CASE stage WHEN 'cancelled' THEN 'released' WHEN 'shipped' THEN 'shipped' WHEN 'arrived' THEN 'delivered'
            WHEN 'returned' THEN 'returned' WHEN 'closed' THEN 'delivered' ELSE 'reserved' END,
       f.method, (ARRAY['phone', 'web', 'chat', 'email', 'sms', 'post', 'portal'])[(ARRAY[1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2,
                  3, 4, 5, 6, 7])[1 + pg_temp.dice(f.n, 13, 21)]],
       l.goods, pg_temp.dice(f.n, 14, (SELECT count(*) FROM word_staff)), pg_temp.dice(f.c, 3, (SELECT count(*) FROM word_place)),
       pg_temp.dice(f.c, 2, (SELECT count(*) FROM word_name)), pg_temp.dice(f.n, 15, 2),
       0, CASE stage WHEN 'shipped' THEN (ARRAY['handed_over', 'in_transit', 'out_for_delivery'])[1 + fate %% 3] WHEN 'arrived' THEN 'delivered'
            WHEN 'returned' THEN 'returned' WHEN 'closed' THEN 'delivered' ELSE '' END
  FROM fates f JOIN (SELECT n, sum(unit * quantity) AS goods FROM book_line GROUP BY n) l ON l.n = f.n;
