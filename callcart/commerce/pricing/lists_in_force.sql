-- Part of a JSON value: what groups the buyer is in, and the price lists that are in force now.
  'groups', (SELECT json_build_array('tier:' || c.tier, 'category:' || coalesce(k.code, ''))
               FROM customers_customer c LEFT JOIN customers_category k ON k.id = c.category_id
              WHERE c.id = %(customer)s::uuid),
  'lists', (SELECT json_agg(json_build_array(l.id, l.code, l.name, l.name_zh, l.priority, l.groups, l.countries, l.regions,
                                             l.campaigns, l.percent_bp))
              FROM pricing_pricelist l
             WHERE l.is_active AND l.currency = %(currency)s
               AND (l.starts_at IS NULL OR l.starts_at <= %(now)s) AND (l.ends_at IS NULL OR l.ends_at > %(now)s)),
