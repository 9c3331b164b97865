-- Numbers for people: takes `amount` numbers of a kind and returns the first. A transaction of its own.
CREATE OR REPLACE FUNCTION core_take_numbers(p_tenant int, p_kind text, p_amount int, p_start bigint)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  first bigint;
BEGIN
  PERFORM set_config('callcart.tenant', p_tenant::text, true);
  INSERT INTO core_counter AS c (tenant_id, kind, value) VALUES (p_tenant, p_kind, p_start + p_amount)
    ON CONFLICT (tenant_id, kind) DO UPDATE SET value = c.value + p_amount
    RETURNING value - p_amount INTO first;
  RETURN first;
END $$;

-- A fact, from inside a database function.
CREATE OR REPLACE FUNCTION core_emit(p_tenant int, p_kind text, p_subject_kind text, p_subject uuid, p_staff uuid,
                                     p_audience text, p_data jsonb)
RETURNS void LANGUAGE sql AS $$
  INSERT INTO core_event (tenant_id, kind, subject_kind, subject_id, staff_id, audience, data)
  VALUES (p_tenant, p_kind, p_subject_kind, p_subject, p_staff, p_audience, coalesce(p_data, '{}'::jsonb))
$$;

-- A job, from inside a database function: what jobs.defer_in writes.
CREATE OR REPLACE FUNCTION core_defer_in(p_tenant int, p_seconds int, p_queue text, p_task text, p_arguments jsonb)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM procrastinate_defer_jobs_v1(ARRAY[ROW(
    p_queue, p_task, 0, NULL, NULL, jsonb_build_object('tenant_id', p_tenant) || p_arguments,
    clock_timestamp() + make_interval(secs => p_seconds))::procrastinate_job_to_defer_v1]);
END $$;

-- The tenant of the transaction in hand; null where there is none.
CREATE OR REPLACE FUNCTION core_tenant() RETURNS int LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT nullif(current_setting('callcart.tenant', true), '')::int
$$;

-- The tenant's rows of a findable table that hold every gram and every word. Row-level security keeps operators that
-- are not leak-proof (`@>` is not) away from indexes, so this runs as the owner and compares the tenant itself.
CREATE OR REPLACE FUNCTION core_find(p_table regclass, p_grams text[], p_words text[], p_limit int)
RETURNS SETOF uuid LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 100 AS $$
BEGIN
  RETURN QUERY EXECUTE format(
    'SELECT id FROM %s WHERE tenant_id = $1 AND search_grams @> $2
        AND NOT EXISTS (SELECT 1 FROM unnest($3) AS word WHERE position(word IN search_text) = 0) LIMIT $4', p_table)
    USING core_tenant(), p_grams, p_words, p_limit;
END $$;

-- A commit that notifies waits for the one before it, disk included; our worker polls instead.
DO $$
DECLARE
  item record;
BEGIN
  IF to_regclass('procrastinate_jobs') IS NOT NULL THEN
    FOR item IN SELECT tgname FROM pg_trigger
                 WHERE tgrelid = 'procrastinate_jobs'::regclass AND NOT tgisinternal AND tgname LIKE '%notify%'
    LOOP
      EXECUTE format('DROP TRIGGER %I ON procrastinate_jobs', item.tgname);
    END LOOP;
  END IF;
END $$;
