-- Products of two variants each, %(first)s to %(last)s by the variant's number.
INSERT INTO catalog_product (tenant_id, search_text, search_grams, id, slug, name, name_zh, description, description_zh, images,
    on_sale, position)
SELECT %(t)s, g.text, g.grams, pg_temp.key(%(t)s, v), 'thing-' || v, g.name, '', '', '', '{}', true, v
  FROM generate_series(%(first)s::bigint, %(last)s::bigint) v JOIN word_goods g ON g.i = (v / 2) %% (SELECT count(*) FROM word_goods)
 WHERE v %% 2 = 1;
INSERT INTO catalog_variant (tenant_id, search_text, search_grams, id, sku, barcode, name, name_zh, option, option_zh, price_minor,
    currency, weight_g, image, on_sale, position, product_id)
SELECT %(t)s, 'v' || v || ' ' || g.text, g.grams || pg_temp.beginnings('v' || v), pg_temp.key(%(t)s, v), 'V' || v, '',
       g.name || CASE v %% 2 WHEN 1 THEN ', small' ELSE ', large' END, '', CASE v %% 2 WHEN 1 THEN 'Small' ELSE 'Large' END, '',
       pg_temp.price(v), 'USD', 200 + pg_temp.dice(v, 9, 2000), '', true, v %% 2, pg_temp.key(%(t)s, v - 1 + v %% 2)
  FROM generate_series(%(first)s::bigint, %(last)s::bigint) v JOIN word_goods g ON g.i = ((v - 1 + v %% 2) / 2) %% (SELECT count(*) FROM word_goods);
