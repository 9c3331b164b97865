-- The price lists that may matter for some SKUs bought one at a time, as one JSON value.
SELECT json_build_object(
  'groups', (SELECT json_build_array('tier:' || c.tier, 'category:' || coalesce(k.code, ''))
               FROM customers_customer c LEFT JOIN customers_category k ON k.id = c.category_id
              WHERE c.id = %(customer)s::uuid),
  'lists', (SELECT json_agg(json_build_array(l.id, l.code, l.name, l.name_zh, l.priority, l.groups, l.countries, l.regions,
                                             l.campaigns, l.percent_bp))
              FROM pricing_pricelist l
             WHERE l.is_active AND l.currency = %(currency)s
               AND (l.starts_at IS NULL OR l.starts_at <= %(now)s) AND (l.ends_at IS NULL OR l.ends_at > %(now)s)),
  'prices', (SELECT json_agg(json_build_array(x.variant_id, x.price_list_id, x.min_quantity, x.unit_minor))
               FROM pricing_listprice x WHERE x.variant_id = ANY(%(variants)s::uuid[]) AND x.min_quantity = 1))
