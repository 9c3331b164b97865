-- Cases that take more than was sent, give back other than they say, or whose goods are not in the books.
WITH boxed AS (
  SELECT l.line_id, sum(l.quantity) AS units
    FROM shipping_parcelline l JOIN shipping_parcel p ON p.id = l.parcel_id WHERE p.state <> 'packed' GROUP BY l.line_id
), taken AS (
  SELECT l.tenant_id, l.line_id,
         sum(CASE WHEN c.state IN ('asked', 'waiting', 'approved') THEN l.quantity
                  WHEN c.state IN ('received', 'inspected') THEN l.received
                  WHEN c.state IN ('settled', 'closed') THEN l.gone ELSE 0 END) AS units,
         sum(l.value_minor) FILTER (WHERE c.state IN ('settled', 'closed')) AS money
    FROM aftersales_caseline l JOIN aftersales_case c ON c.id = l.case_id GROUP BY l.tenant_id, l.line_id
), back AS (
  SELECT l.line_id,
         sum(CASE WHEN c.state = 'waiting' THEN l.quantity WHEN c.state IN ('received', 'inspected') THEN l.received ELSE 0 END) AS returning,
         sum(CASE WHEN c.state IN ('settled', 'closed') THEN l.gone ELSE 0 END) AS returned
    FROM aftersales_caseline l JOIN aftersales_case c ON c.id = l.case_id WHERE c.parcel_id IS NULL GROUP BY l.line_id
), found AS (
  SELECT case_line_id, sum(quantity) AS units FROM aftersales_finding GROUP BY case_line_id
), kept AS (
  SELECT l.case_id, l.variant_id, sum(f.quantity) FILTER (WHERE f.goods = 'restock') AS restocked,
         sum(f.quantity) FILTER (WHERE f.goods = 'damaged') AS damaged
    FROM aftersales_finding f JOIN aftersales_caseline l ON l.id = f.case_line_id GROUP BY l.case_id, l.variant_id
), moved AS (
  SELECT document_id, variant_id, sum(on_hand_change) AS restocked, sum(damaged_change) AS damaged
    FROM inventory_movement WHERE document_kind = 'return' GROUP BY document_id, variant_id
)
SELECT t.tenant_id, 'units taken by cases against units sent', t.line_id, t.units::text, coalesce(b.units, 0)::text
  FROM taken t LEFT JOIN boxed b ON b.line_id = t.line_id WHERE t.units > coalesce(b.units, 0)
UNION ALL
SELECT t.tenant_id, 'money given back for a line against what was paid', t.line_id, t.money::text,
       (l.total_minor + CASE WHEN o.added_tax_minor > 0 THEN l.tax_minor ELSE 0 END)::text
  FROM taken t JOIN orders_line l ON l.id = t.line_id JOIN orders_order o ON o.id = l.order_id
 WHERE t.money > l.total_minor + CASE WHEN o.added_tax_minor > 0 THEN l.tax_minor ELSE 0 END
UNION ALL
SELECT l.tenant_id, 'units of a line on their way back', l.id, l.returning || ' and ' || l.returned,
       coalesce(b.returning, 0) || ' and ' || coalesce(b.returned, 0)
  FROM orders_line l LEFT JOIN back b ON b.line_id = l.id
 WHERE (l.returning, l.returned) <> (coalesce(b.returning, 0), coalesce(b.returned, 0))
UNION ALL
SELECT c.tenant_id, 'refund of a case against its lines', c.id, c.goods_minor::text, coalesce(sum(l.value_minor), 0)::text
  FROM aftersales_case c LEFT JOIN aftersales_caseline l ON l.case_id = c.id
 GROUP BY c.id HAVING c.goods_minor <> coalesce(sum(l.value_minor), 0)
UNION ALL
SELECT l.tenant_id, 'units looked at against units received', l.id, coalesce(f.units, 0)::text, l.received::text
  FROM aftersales_caseline l JOIN aftersales_case c ON c.id = l.case_id LEFT JOIN found f ON f.case_line_id = l.id
 WHERE c.state IN ('inspected', 'settled', 'closed') AND coalesce(f.units, 0) <> l.received
UNION ALL
SELECT c.tenant_id, 'goods of a case in stock', c.id, coalesce(m.restocked, 0) || ' and ' || coalesce(m.damaged, 0),
       coalesce(k.restocked, 0) || ' and ' || coalesce(k.damaged, 0)
  FROM kept k JOIN aftersales_case c ON c.id = k.case_id
  LEFT JOIN moved m ON m.document_id = k.case_id AND m.variant_id = k.variant_id
 WHERE (coalesce(m.restocked, 0), coalesce(m.damaged, 0)) <> (coalesce(k.restocked, 0), coalesce(k.damaged, 0))
