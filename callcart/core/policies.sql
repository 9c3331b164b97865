-- Row-level security on every table with a tenant_id column, except directory tables (comment 'directory').
-- The application's role sees the tenant of its transaction; the system role and the owner see all.
DO $$
DECLARE
  item record;
BEGIN
  FOR item IN
    SELECT c.oid::regclass AS name
      FROM pg_class c
      JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
     WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND coalesce(obj_description(c.oid), '') <> 'directory'
  LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', item.name);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', item.name);
    EXECUTE format('DROP POLICY IF EXISTS tenant ON %s', item.name);
    EXECUTE format('CREATE POLICY tenant ON %s TO callcart_app
      USING (tenant_id = nullif(current_setting(''callcart.tenant'', true), '''')::int)
      WITH CHECK (tenant_id = nullif(current_setting(''callcart.tenant'', true), '''')::int)', item.name);
    EXECUTE format('DROP POLICY IF EXISTS system ON %s', item.name);
    EXECUTE format('CREATE POLICY system ON %s TO callcart_system USING (true) WITH CHECK (true)', item.name);
    EXECUTE format('DROP POLICY IF EXISTS owner ON %s', item.name);
    EXECUTE format('CREATE POLICY owner ON %s TO %I USING (true) WITH CHECK (true)', item.name, current_user);
  END LOOP;
END $$;

GRANT USAGE ON SCHEMA public TO callcart_app, callcart_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO callcart_app, callcart_system;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO callcart_app, callcart_system;
-- Functions one by one: those of extensions are not ours to give, and everybody's anyway.
DO $$
DECLARE
  item record;
BEGIN
  FOR item IN SELECT p.oid::regprocedure AS name FROM pg_proc p
               WHERE p.pronamespace = 'public'::regnamespace AND NOT EXISTS (
                     SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e') LOOP
    EXECUTE format('GRANT EXECUTE ON ROUTINE %s TO callcart_app, callcart_system', item.name);
  END LOOP;
END $$;
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM callcart_app, callcart_system;
-- What has happened stays: the application adds to the audit, and never changes it.
REVOKE UPDATE, DELETE ON core_auditentry FROM callcart_app;
