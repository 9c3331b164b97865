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

-- One attempt against several limits, given in an order that is everybody's: counted against all, or against none. Gives the seconds until
-- it may be tried again, 0 where it was counted. Names the tenant first; a transaction of its own. p_kept: older ones are swept away.
CREATE OR REPLACE FUNCTION core_count_attempt(p_tenant int, p_at timestamptz, p_ids uuid[], p_kinds text[], p_keys text[], p_most int[],
                                              p_spans interval[], p_kept timestamptz, p_swept int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  v_oldest timestamptz;
  v_wait int := 0;
BEGIN
  PERFORM set_config('callcart.tenant', p_tenant::text, true);
  FOR n IN 1 .. cardinality(p_kinds) LOOP
    PERFORM pg_advisory_xact_lock(hashtextextended(p_kinds[n] || ':' || p_keys[n], p_tenant));
    SELECT at INTO v_oldest FROM core_throttlehit WHERE kind = p_kinds[n] AND key = p_keys[n] AND at > p_at - p_spans[n]
     ORDER BY at DESC OFFSET p_most[n] - 1 LIMIT 1;
    IF FOUND THEN
      v_wait := greatest(v_wait, floor(extract(epoch FROM v_oldest + p_spans[n] - p_at))::int + 1);
    END IF;
  END LOOP;
  IF v_wait = 0 THEN
    INSERT INTO core_throttlehit (id, tenant_id, kind, key, at)
      SELECT id, p_tenant, kind, key, p_at FROM unnest(p_ids, p_kinds, p_keys) AS x(id, kind, key);
  END IF;
  DELETE FROM core_throttlehit WHERE id IN (SELECT id FROM core_throttlehit WHERE at < p_kept LIMIT p_swept FOR UPDATE SKIP LOCKED);
  RETURN v_wait;
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

-- A fact and a job for each of its handlers, in one statement: what events.emit writes. Gives the fact's id.
CREATE OR REPLACE FUNCTION core_emit_handled(p_tenant int, p_kind text, p_subject_kind text, p_subject uuid, p_staff uuid,
                                             p_audience text, p_data jsonb, p_queue text, p_task text, p_handlers text[])
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_id bigint;
BEGIN
  INSERT INTO core_event (tenant_id, kind, subject_kind, subject_id, staff_id, audience, data)
  VALUES (p_tenant, p_kind, p_subject_kind, p_subject, p_staff, p_audience, p_data) RETURNING id INTO v_id;
  IF cardinality(p_handlers) > 0 THEN
    PERFORM procrastinate_defer_jobs_v1(ARRAY(
      SELECT ROW(p_queue, p_task, 0, NULL, NULL, jsonb_build_object(
               'tenant_id', p_tenant, 'handler_name', handler, 'event_id', v_id), NULL)::procrastinate_job_to_defer_v1
        FROM unnest(p_handlers) AS handler));
  END IF;
  RETURN v_id;
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
    'SELECT id FROM %s WHERE tenant_id = $1 AND search_grams @> $2 AND position($3[1] IN search_text) > 0
        AND (cardinality($3) = 1 OR NOT EXISTS (SELECT 1 FROM unnest($3) AS word WHERE position(word IN search_text) = 0)) LIMIT $4', p_table)
    USING core_tenant(), p_grams, p_words, p_limit;
END $$;

-- Let rows of a findable table be found by what resembles them, where the server has trigrams (PostgreSQL's own contrib;
-- without it nothing resembles anything). For the tables in which somebody looks: an index costs every write.
CREATE OR REPLACE FUNCTION core_make_resemble(p_table text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm') THEN
    CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public;
    IF to_regclass(format('public.%I', p_table || '_trigrams')) IS NULL THEN  -- even IF NOT EXISTS would lock the table
      EXECUTE format('CREATE INDEX %I ON %I USING gin (search_text public.gin_trgm_ops)', p_table || '_trigrams', p_table);
    END IF;
  END IF;
END $$;

-- The tenant's rows of a findable table of which some word has trigrams in common with the first of these, those nearest to
-- all of them first. Runs as the owner and compares the tenant itself, as core_find does. Of a word's n + 1 trigrams two
-- letters that changed places leave n - 3, out of n + 5 in both: the longer the word, the less is looked at.
CREATE OR REPLACE FUNCTION core_resembling(p_table regclass, p_words text[], p_limit int)
RETURNS SETOF uuid LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 100 AS $$
DECLARE
  v_sum text := '0';
  v_word text;
BEGIN
  IF to_regproc('public.word_similarity') IS NULL THEN
    RETURN;
  END IF;
  PERFORM word_similarity('', '');  -- the parameter is known once the library is loaded
  PERFORM set_config('pg_trgm.word_similarity_threshold',
                     greatest(0.3, (length(p_words[1]) - 3.0) / (length(p_words[1]) + 5) - 0.02)::text, true);
  FOREACH v_word IN ARRAY p_words LOOP
    v_sum := v_sum || format(' + word_similarity(%L, search_text)', v_word);
  END LOOP;
  RETURN QUERY EXECUTE format('SELECT id FROM %s WHERE tenant_id = $1 AND search_text %%> $3 ORDER BY %s DESC LIMIT $2', p_table, v_sum)
    USING core_tenant(), p_limit, p_words[1];
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
