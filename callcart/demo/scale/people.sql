-- Customers %(first)s to %(last)s, each with a number and an address.
INSERT INTO customers_customer (tenant_id, id, number, name, tier, language, consent, custom, note, blocked, blocked_because, source,
    version, search_text, search_grams)
SELECT %(t)s, pg_temp.key(%(t)s, n), pg_temp.spoken(100000 + n), w.name,
       (ARRAY['standard', 'standard', 'standard', 'silver', 'silver', 'gold', 'vip'])[1 + pg_temp.dice(n, 1, 7)],
       CASE WHEN w.name ~ '[a-z]' THEN 'en' ELSE 'zh-hans' END, '{}', '{}', '', false, '', 'import', 1,
       w.text || ' ' || pg_temp.spoken(100000 + n), w.grams || pg_temp.beginnings(pg_temp.spoken(100000 + n))
  FROM generate_series(%(first)s::bigint, %(last)s::bigint) n
  JOIN word_name w ON w.i = pg_temp.dice(n, 2, (SELECT count(*) FROM word_name));
INSERT INTO customers_phone (tenant_id, id, customer_id, e164, tail, label, is_primary)
SELECT %(t)s, pg_temp.key(%(t)s, n), pg_temp.key(%(t)s, n), '+1202' || (2000000 + n), reverse('1202' || (2000000 + n)), '', true
  FROM generate_series(%(first)s::bigint, %(last)s::bigint) n;
INSERT INTO customers_address (tenant_id, id, customer_id, label, name, phone, country, province, city, district, street, postcode,
    is_default)
SELECT %(t)s, pg_temp.key(%(t)s, n), pg_temp.key(%(t)s, n), '', w.name, '+1202' || (2000000 + n), 'US', p.province, p.city, '',
       1 + n %% 400 || ' Pine Street', p.postcode, true
  FROM generate_series(%(first)s::bigint, %(last)s::bigint) n
  JOIN word_name w ON w.i = pg_temp.dice(n, 2, (SELECT count(*) FROM word_name))
  JOIN word_place p ON p.i = pg_temp.dice(n, 3, (SELECT count(*) FROM word_place));
