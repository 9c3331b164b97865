-- The price lists that may matter for some SKUs bought one at a time, as one JSON value.
SELECT json_build_object(
-- take lists_in_force
  'prices', (SELECT json_agg(json_build_array(x.variant_id, x.price_list_id, x.min_quantity, x.unit_minor))
               FROM pricing_listprice x WHERE x.variant_id = ANY(%(variants)s::uuid[]) AND x.min_quantity = 1))
