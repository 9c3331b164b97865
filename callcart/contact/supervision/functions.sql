-- Supervision: loans of queues. One round trip each on an autocommit connection; the tenant is named first.

-- An agent serves these queues until then; null: those of his group again, at once. What ran before ends. The history is the rows.
CREATE OR REPLACE FUNCTION supervision_lend(p_tenant int, p_staff uuid, p_queues uuid[], p_until timestamptz, p_by uuid) RETURNS acd_hit
LANGUAGE plpgsql AS $$
DECLARE
  v_hit acd_hit := acd_lend(p_tenant, p_staff, p_queues);   -- set-up goes one by one, so do loans
BEGIN
  UPDATE supervision_loan SET ended_at = clock_timestamp(), ended_by = p_by WHERE staff_id = p_staff AND ended_at IS NULL;
  IF p_queues IS NOT NULL THEN
    INSERT INTO supervision_loan (id, tenant_id, staff_id, queues, made_by, until)
      VALUES (acd_new_id(), p_tenant, p_staff, p_queues, p_by, p_until);
  END IF;
  RETURN v_hit;
END $$;

-- Its time is up. A late or double timer does no harm: what was prolonged, or ended, meanwhile stays as it is.
CREATE OR REPLACE FUNCTION supervision_loan_over(p_tenant int, p_staff uuid) RETURNS acd_hit LANGUAGE plpgsql AS $$
BEGIN
  PERFORM acd_enter(p_tenant);
  PERFORM pg_advisory_xact_lock(7101, p_tenant);
  IF NOT EXISTS (SELECT 1 FROM supervision_loan WHERE staff_id = p_staff AND ended_at IS NULL AND until <= clock_timestamp()) THEN
    RETURN NULL;
  END IF;
  RETURN supervision_lend(p_tenant, p_staff, NULL, NULL, NULL);
END $$;
