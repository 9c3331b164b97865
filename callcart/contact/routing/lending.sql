-- Queues lent for a while, taken into functions.sql. Matching knows nothing of it: the agent is in a group of its own that copies his
-- (`lent_from`) with other queues. One such group for each set of queues; gone with the last agent in it.

-- An agent serves these queues instead of his group's, at once; NULL: his group's again. What he has he keeps. CC404: no agent, or one of
-- the queues is not in use. Empty where nothing was to give back: somebody has put him into another group meanwhile.
CREATE FUNCTION acd_lend(p_tenant int, p_staff uuid, p_queues uuid[]) RETURNS acd_hit LANGUAGE plpgsql AS $$
DECLARE
  c routing_crew;
  v_home uuid;
  v_was uuid;
  v_goal uuid;
  v_queues uuid[] := ARRAY(SELECT DISTINCT q FROM unnest(p_queues) q ORDER BY q);
BEGIN
  PERFORM acd_enter(p_tenant);
  PERFORM pg_advisory_xact_lock(7101, p_tenant);   -- set-up goes one by one, and before any agent is locked
  SELECT w.* INTO c FROM routing_agent g JOIN routing_crew w ON w.id = g.crew_id WHERE g.staff_id = p_staff;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'not an agent' USING ERRCODE = 'CC404';
  END IF;
  SELECT coalesce(lent_from_id, id), CASE WHEN lent_from_id IS NOT NULL THEN id END INTO v_home, v_was FROM routing_profile WHERE id = c.profile_id;
  IF p_queues IS NULL THEN
    IF v_was IS NULL THEN
      RETURN NULL;
    END IF;
    v_goal := v_home;
  ELSE
    IF v_queues = '{}' OR (SELECT count(*) FROM routing_queue WHERE id = ANY (v_queues) AND is_active) < cardinality(v_queues) THEN
      RAISE EXCEPTION 'no such queue' USING ERRCODE = 'CC404';
    END IF;
    v_goal := acd_lent_group(p_tenant, v_home, v_queues);
  END IF;
  PERFORM acd_set_agent(p_tenant, p_staff, v_goal, c.skills);
  IF v_was <> v_goal THEN
    PERFORM acd_forget_group(v_was);
  END IF;
  PERFORM core_emit(p_tenant, 'agent.queues', 'staff', p_staff, p_staff, 'board', jsonb_build_object('staff_id', p_staff));
  RETURN acd_use_agent(p_tenant, (SELECT id FROM routing_agent WHERE staff_id = p_staff));
END $$;

-- The group that copies another one with these queues; a queue of both keeps its level, a new one is asked first.
CREATE FUNCTION acd_lent_group(p_tenant int, p_home uuid, p_queues uuid[]) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  v_code text := 'lent:' || md5(p_home::text || array_to_string(p_queues, ','));
  v_id uuid;
BEGIN
  SELECT id INTO v_id FROM routing_profile WHERE code = v_code;
  IF NOT FOUND THEN
    v_id := acd_new_id();
    INSERT INTO routing_profile (id, tenant_id, code, name, name_zh, cap_voice, cap_chat, cap_mail, cap_sms, blocks, lent_from_id)
      SELECT v_id, p_tenant, v_code, name, name_zh, cap_voice, cap_chat, cap_mail, cap_sms, blocks, p_home FROM routing_profile WHERE id = p_home;
    INSERT INTO routing_profilequeue (id, tenant_id, profile_id, queue_id, level)
      SELECT acd_new_id(), p_tenant, v_id, q, coalesce((SELECT level FROM routing_profilequeue WHERE profile_id = p_home AND queue_id = q), 1)
        FROM unnest(p_queues) q;
  END IF;
  RETURN v_id;
END $$;

-- A lent group that nobody is in any more: matching would walk past it for ever. The caller holds the set-up.
CREATE FUNCTION acd_forget_group(p_profile uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM routing_agent g JOIN routing_crew w ON w.id = g.crew_id WHERE w.profile_id = p_profile) THEN
    RETURN;
  END IF;
  DELETE FROM routing_lanecrew WHERE crew_id IN (SELECT id FROM routing_crew WHERE profile_id = p_profile);
  DELETE FROM routing_crew WHERE profile_id = p_profile;
  DELETE FROM routing_profilequeue WHERE profile_id = p_profile;
  DELETE FROM routing_profile WHERE id = p_profile;
END $$;
