-- The directory is read before a tenant is known; it is written only for the tenant in hand.
DO $$
DECLARE
  item record;
BEGIN
  FOR item IN SELECT * FROM (VALUES ('tenants_tenant', 'id'), ('tenants_host', 'tenant_id'),
                                    ('tenants_servicenumber', 'tenant_id')) AS t(name, owner)
  LOOP
    IF to_regclass(item.name) IS NULL THEN
      CONTINUE;
    END IF;
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', item.name);
    EXECUTE format('DROP POLICY IF EXISTS read ON %I', item.name);
    EXECUTE format('CREATE POLICY read ON %I FOR SELECT USING (true)', item.name);
    EXECUTE format('DROP POLICY IF EXISTS change ON %I', item.name);
    EXECUTE format('CREATE POLICY change ON %I FOR UPDATE USING (%I = core_tenant()) WITH CHECK (%I = core_tenant())',
                   item.name, item.owner, item.owner);
    EXECUTE format('DROP POLICY IF EXISTS remove ON %I', item.name);
    EXECUTE format('CREATE POLICY remove ON %I FOR DELETE USING (%I = core_tenant())', item.name, item.owner);
    EXECUTE format('DROP POLICY IF EXISTS add ON %I', item.name);
    IF item.owner = 'id' THEN  -- a new tenant has no id yet
      EXECUTE format('CREATE POLICY add ON %I FOR INSERT WITH CHECK (true)', item.name);
    ELSE
      EXECUTE format('CREATE POLICY add ON %I FOR INSERT WITH CHECK (%I = core_tenant())', item.name, item.owner);
    END IF;
    EXECUTE format('DROP POLICY IF EXISTS system ON %I', item.name);
    EXECUTE format('CREATE POLICY system ON %I TO callcart_system USING (true) WITH CHECK (true)', item.name);
  END LOOP;
END $$;
