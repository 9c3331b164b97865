-- When an order's row last changed, whoever changed it: other programs ask for what is new since they last did.
CREATE OR REPLACE FUNCTION orders_touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.changed_at := clock_timestamp();
  RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER orders_order_touch BEFORE UPDATE ON orders_order
  FOR EACH ROW EXECUTE FUNCTION orders_touch();

-- The tenant's orders that have any of these tags or doubts (`p_column` says which), in no order. Row-level security keeps `&&` away
-- from its index, so this runs as the owner and compares the tenant itself.
CREATE OR REPLACE FUNCTION orders_marked(p_column text, p_values text[], p_limit int)
RETURNS SETOF uuid LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 100 AS $$
BEGIN
  IF p_column = 'tags' THEN
    RETURN QUERY SELECT id FROM orders_order WHERE tenant_id = core_tenant() AND tags && p_values LIMIT p_limit;
  ELSE
    RETURN QUERY SELECT id FROM orders_order WHERE tenant_id = core_tenant() AND flags && p_values LIMIT p_limit;
  END IF;
END $$;
