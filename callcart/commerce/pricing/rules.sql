-- All rules that may matter for a basket, as one JSON value.
WITH wanted AS MATERIALIZED (
  SELECT v.id, v.product_id, v.tax_class, v.price_minor, p.category_id
    FROM catalog_variant v JOIN catalog_product p ON p.id = v.product_id WHERE v.id = ANY(%(variants)s::uuid[])
), codes AS MATERIALIZED (
  SELECT c.id, c.key, c.code, c.promotion_id, c.is_active AND (c.uses_allowed IS NULL OR c.used_count < c.uses_allowed) AS usable
    FROM pricing_coupon c WHERE c.key = ANY(%(keys)s::text[])
), offers AS MATERIALIZED (
  SELECT p.* FROM pricing_promotion p
   WHERE p.currency = %(currency)s
     AND (p.id IN (SELECT promotion_id FROM codes) OR p.id = ANY(%(promised)s::uuid[])
          OR (p.state = 'active' AND NOT p.needs_coupon
              AND (p.starts_at IS NULL OR p.starts_at <= %(now)s) AND (p.ends_at IS NULL OR p.ends_at > %(now)s)))
)
SELECT json_build_object(
-- take lists_in_force
  'prices', (SELECT json_agg(json_build_array(x.variant_id, x.price_list_id, x.min_quantity, x.unit_minor))
               FROM pricing_listprice x WHERE x.variant_id = ANY(%(variants)s::uuid[])),
  'coupons', (SELECT json_agg(json_build_array(c.id, c.key, c.code, c.promotion_id, c.usable)) FROM codes c),
  'promotions', (
    SELECT json_agg(json_build_object(
             'id', o.id, 'name', o.name, 'name_zh', o.name_zh, 'kind', o.kind, 'percent_bp', o.percent_bp,
             'amount_minor', o.amount_minor, 'buy_quantity', o.buy_quantity, 'get_quantity', o.get_quantity,
             'bundle', o.bundle, 'min_goods_minor', o.min_goods_minor, 'groups', o.groups, 'campaigns', o.campaigns,
             'channels', o.channels, 'first_order', o.first_order, 'needs_coupon', o.needs_coupon,
             'priority', o.priority, 'exclusive', o.exclusive,
             'open', o.state = 'active' AND (o.starts_at IS NULL OR o.starts_at <= %(now)s)
                     AND (o.ends_at IS NULL OR o.ends_at > %(now)s),
             'left', o.limit_total IS NULL OR o.used_count < o.limit_total,
             'left_for_person', coalesce(o.limit_per_customer, CASE WHEN o.first_order THEN 1 END) IS NULL
               OR coalesce((SELECT u.used_count FROM pricing_customeruse u WHERE u.promotion_id = o.id AND u.person = %(person)s), 0)
                  < coalesce(o.limit_per_customer, 1),
             'matches', CASE WHEN cardinality(o.category_ids) = 0 AND cardinality(o.product_ids) = 0 THEN NULL
               ELSE (SELECT coalesce(json_agg(w.id), '[]'::json) FROM wanted w
                      WHERE w.product_id = ANY(o.product_ids)
                         OR (cardinality(o.category_ids) > 0 AND EXISTS (
                              WITH RECURSIVE up AS (
                                SELECT g.id, g.parent_id FROM catalog_category g WHERE g.id = w.category_id
                                UNION SELECT g.id, g.parent_id FROM catalog_category g JOIN up ON g.id = up.parent_id)
                              SELECT 1 FROM up WHERE up.id = ANY(o.category_ids)))) END))
      FROM offers o),
  'rates', (SELECT json_agg(json_build_array(t.code, r.region, r.rate_ppm, r.name, r.name_zh) ORDER BY r.valid_from NULLS FIRST)
              FROM pricing_taxrate r JOIN pricing_taxclass t ON t.id = r.tax_class_id
             WHERE r.country = %(country)s AND (r.valid_from IS NULL OR r.valid_from <= %(today)s)
               AND (r.valid_to IS NULL OR r.valid_to >= %(today)s)),
  'goods', (SELECT json_agg(json_build_array(w.id, w.price_minor, w.tax_class)) FROM wanted w),
  'default_tax_class', (SELECT t.code FROM pricing_taxclass t WHERE t.is_default))
