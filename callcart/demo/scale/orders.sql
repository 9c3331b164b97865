-- The orders of the book with their lines and debts.
INSERT INTO orders_order (tenant_id, id, number, state, payment_state, fulfilment_state, version, customer_id, channel, language,
    currency, goods_minor, delivery_minor, total_minor, ship_name, ship_phone, ship_country, ship_province, ship_city, ship_district,
    ship_street, ship_postcode, delivery_method, delivery_name, delivery_name_zh, payment_method, instalment_count, agent_id,
    agent_name, campaign, note, hold_reason, cancel_reason, tags, flags, placed_at, waits_since, confirmed_at, closed_at,
    cancelled_at, changed_at, search_text, search_grams)
SELECT %(t)s, pg_temp.key(%(t)s, b.n), b.number, b.state, b.payment, b.fulfilment, 1, pg_temp.key(%(t)s, b.c), b.channel, 'en', 'USD', b.goods,
       500, b.goods + 500, w.name, '+1202' || (2000000 + b.c), 'US', p.province, p.city, '', 1 + b.c %% 400 || ' Pine Street', p.postcode,
       CASE b.n %% 5 WHEN 0 THEN 'express' ELSE 'ground' END, CASE b.n %% 5 WHEN 0 THEN 'Express' ELSE 'Ground' END, '', b.method, 0,
       CASE b.channel WHEN 'phone' THEN s.id END, CASE b.channel WHEN 'phone' THEN s.name ELSE '' END,
       CASE WHEN b.n %% 5 < 2 THEN 'mail ' || to_char(b.placed_at, 'YYYY-MM') ELSE '' END, '',
       CASE b.state WHEN 'on_hold' THEN 'address' ELSE '' END, CASE b.state WHEN 'cancelled' THEN 'customer' ELSE '' END,
       CASE WHEN b.n %% 40 = 0 THEN '{gift}'::text[] WHEN b.n %% 9973 = 0 THEN '{press}' ELSE '{}' END,
       CASE WHEN b.state = 'placed' AND b.n %% 20 = 0 THEN '{duplicate}'::text[] WHEN b.n %% 4999 = 0 THEN '{large_amount}' ELSE '{}' END,
       b.placed_at, b.placed_at, CASE WHEN b.state IN ('confirmed', 'closed') THEN b.placed_at + interval '3 hours' END,
       CASE b.state WHEN 'closed' THEN b.placed_at + interval '6 days' END, CASE b.state WHEN 'cancelled' THEN b.placed_at + interval '5 hours' END,
       b.placed_at, b.number || ' ' || w.text, w.grams || pg_temp.beginnings(b.number)
  FROM book b JOIN word_name w ON w.i = b.name JOIN word_place p ON p.i = b.place JOIN word_staff s ON s.i = b.agent
 ORDER BY b.n;
INSERT INTO orders_line (tenant_id, id, order_id, position, variant_id, sku, name, name_zh, quantity, unit_minor, total_minor, weight_g)
SELECT %(t)s, pg_temp.key(%(t)s, n * 8 + k), pg_temp.key(%(t)s, n), k, pg_temp.key(%(t)s, v), 'V' || v, g.name, '', quantity, unit,
       unit * quantity, 300
  FROM book_line JOIN word_goods g ON g.i = ((v - 1 + v %% 2) / 2) %% (SELECT count(*) FROM word_goods)
 ORDER BY n, k;
INSERT INTO payments_payment (tenant_id, id, order_id, order_number, method, state, amount_minor, captured_minor, currency, provider,
    reference, mandate, payer_name, promise_note, carrier, made_at, changed_at, customer_id, collected_at)
SELECT %(t)s, pg_temp.key(%(t)s, n), pg_temp.key(%(t)s, n), number, method,
       CASE payment WHEN 'nothing_due' THEN 'cancelled' WHEN 'refund_due' THEN CASE state WHEN 'cancelled' THEN 'cancelled' ELSE 'paid' END
            ELSE payment END,
       goods + 500, CASE WHEN payment IN ('paid', 'remitted', 'refund_due') THEN goods + 500 ELSE 0 END, 'USD', '', '', '', '', '',
       CASE WHEN payment IN ('collected_by_carrier', 'remitted') THEN 'Swift' ELSE '' END, placed_at, placed_at, pg_temp.key(%(t)s, c),
       CASE WHEN payment IN ('collected_by_carrier', 'remitted') THEN placed_at + interval '4 days' END
  FROM book ORDER BY n;
