-- A name a letter away is found too.
SELECT core_make_resemble('catalog_variant');

-- SKUs that hold every gram and every word, in no order; `p_moment`: those only that are offered then. Runs as the owner and compares
-- the tenant itself, as core_find does. It stops at the first `p_limit` that may be shown, so that a word that very many names hold
-- costs no more than one that some do.
CREATE OR REPLACE FUNCTION catalog_find(p_grams text[], p_words text[], p_moment timestamptz, p_limit int)
RETURNS TABLE (id uuid, sku text, name text, name_zh text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 100 AS $$
BEGIN
  RETURN QUERY
  SELECT v.id, v.sku, v.name, v.name_zh FROM catalog_variant v
   WHERE v.tenant_id = core_tenant() AND v.search_grams @> p_grams
     AND NOT EXISTS (SELECT 1 FROM unnest(p_words) AS word WHERE position(word IN v.search_text) = 0)
     AND (p_moment IS NULL OR (v.on_sale AND EXISTS (
         SELECT 1 FROM catalog_product p
          WHERE p.id = v.product_id AND p.on_sale AND coalesce(p.sale_from <= p_moment, true)
            AND coalesce(p.sale_until > p_moment, true))))
   LIMIT p_limit;
END $$;
