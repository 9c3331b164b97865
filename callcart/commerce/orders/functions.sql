-- When an order's row last changed, whoever changed it: other programs ask for what is new since they last did.
CREATE OR REPLACE FUNCTION orders_touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.changed_at := clock_timestamp();
  RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER orders_order_touch BEFORE UPDATE ON orders_order
  FOR EACH ROW EXECUTE FUNCTION orders_touch();
