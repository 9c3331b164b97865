-- Orders whose total, debt, goods, discount or tax are not what their lines say. A unit's price in a set is rounded up, which counts
-- as discount of its line but not of the order.
WITH lines AS (
  SELECT order_id, sum(total_minor) AS goods, sum(discount_minor) AS discount, sum(tax_minor) AS tax,
         sum(CASE WHEN sold_set_id IS NULL AND NOT explanation @> '[{"kind": "part"}]' THEN 0 ELSE quantity END) AS rounded
    FROM orders_line GROUP BY order_id
), promised AS (
  SELECT line_id, sum(quantity) FILTER (WHERE state = 'held') AS held, sum(quantity) FILTER (WHERE state = 'shipped') AS sent
    FROM inventory_reservation WHERE state <> 'released' GROUP BY line_id
), boxed AS (
  SELECT line_id, sum(quantity) AS units FROM shipping_parcelline GROUP BY line_id
)
SELECT o.tenant_id, 'goods of an order against its lines', o.id, o.goods_minor::text, coalesce(l.goods, 0)::text
  FROM orders_order o LEFT JOIN lines l ON l.order_id = o.id WHERE o.goods_minor <> coalesce(l.goods, 0)
UNION ALL
SELECT o.tenant_id, 'discount of an order against its lines', o.id, o.discount_minor::text, coalesce(l.discount, 0)::text
  FROM orders_order o LEFT JOIN lines l ON l.order_id = o.id WHERE o.discount_minor NOT BETWEEN coalesce(l.discount, 0) - coalesce(l.rounded, 0) AND coalesce(l.discount, 0)
UNION ALL
SELECT o.tenant_id, 'tax of an order against its lines and delivery', o.id, o.tax_minor::text,
       (coalesce(l.tax, 0) + coalesce((o.pricing->>'delivery_tax_minor')::bigint, 0))::text
  FROM orders_order o LEFT JOIN lines l ON l.order_id = o.id
 WHERE o.tax_minor <> coalesce(l.tax, 0) + coalesce((o.pricing->>'delivery_tax_minor')::bigint, 0)
UNION ALL
SELECT o.tenant_id, 'money owed against the order''s total', o.id, coalesce((p.amount_minor + p.relieved_minor)::text, 'nothing'), o.total_minor::text
  FROM orders_order o LEFT JOIN payments_payment p ON p.order_id = o.id
 WHERE o.state NOT IN ('draft', 'cancelled') AND p.amount_minor + p.relieved_minor IS DISTINCT FROM o.total_minor
UNION ALL
SELECT l.tenant_id, 'units promised to a line against its quantity', l.id,
       (coalesce(r.held, 0) + coalesce(r.sent, 0))::text, l.quantity::text
  FROM orders_line l JOIN orders_order o ON o.id = l.order_id LEFT JOIN promised r ON r.line_id = l.id
 WHERE o.state NOT IN ('draft', 'cancelled') AND coalesce(r.held, 0) + coalesce(r.sent, 0) <> l.quantity
UNION ALL
SELECT l.tenant_id, 'units held for a cancelled order', l.id, r.held::text, '0'
  FROM orders_line l JOIN orders_order o ON o.id = l.order_id JOIN promised r ON r.line_id = l.id
 WHERE o.state = 'cancelled' AND r.held > 0
UNION ALL
SELECT l.tenant_id, 'units in parcels against units taken out of stock', l.id, coalesce(b.units, 0)::text, coalesce(r.sent, 0)::text
  FROM orders_line l LEFT JOIN boxed b ON b.line_id = l.id LEFT JOIN promised r ON r.line_id = l.id
 WHERE coalesce(b.units, 0) <> coalesce(r.sent, 0)
UNION ALL
SELECT d.tenant_id, 'units on an open dispatch document against units held there', dl.id, dl.quantity::text, coalesce(h.units, 0)::text
  FROM shipping_dispatch d JOIN shipping_dispatchline dl ON dl.dispatch_id = d.id
  LEFT JOIN (SELECT line_id, warehouse_id, sum(quantity) AS units FROM inventory_reservation WHERE state = 'held'
              GROUP BY line_id, warehouse_id) h ON h.line_id = dl.line_id AND h.warehouse_id = d.warehouse_id
 WHERE d.state IN ('waiting', 'picking', 'packed') AND dl.quantity <> coalesce(h.units, 0)
UNION ALL
SELECT d.tenant_id, 'an open dispatch document of an order that is not confirmed', d.id, o.state, 'confirmed'
  FROM shipping_dispatch d JOIN orders_order o ON o.id = d.order_id
 WHERE d.state IN ('waiting', 'picking', 'packed') AND o.state <> 'confirmed'
UNION ALL
SELECT s.tenant_id, 'price of a set against its parts', s.id, coalesce(p.total, 0)::text, s.total_minor::text
  FROM orders_soldset s LEFT JOIN (SELECT sold_set_id, sum(total_minor) AS total FROM orders_line
                                    WHERE sold_set_id IS NOT NULL GROUP BY sold_set_id) p ON p.sold_set_id = s.id
 WHERE coalesce(p.total, 0) <> s.total_minor
UNION ALL
SELECT l.tenant_id, 'units of a set''s component against its sets', l.id, l.quantity::text, (l.set_units * s.quantity)::text
  FROM orders_line l JOIN orders_soldset s ON s.id = l.sold_set_id WHERE l.quantity <> l.set_units * s.quantity
UNION ALL
SELECT l.tenant_id, 'order of a line against that of its set', l.id, l.order_id::text, s.order_id::text
  FROM orders_line l JOIN orders_soldset s ON s.id = l.sold_set_id WHERE l.order_id <> s.order_id
