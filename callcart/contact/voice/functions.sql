-- Voice: the writes and looks of a call that happen with every call, one round trip each on an autocommit connection. Each
-- function names its tenant first, so row-level security holds in everything below it.

-- Keep how far a call is, with a step on its path. An ended call stays as it ended.
CREATE OR REPLACE FUNCTION voice_save(p_tenant int, p_conversation uuid, p_state text, p_agent_channel text, p_staff uuid,
    p_offer uuid, p_legs int, p_flow jsonb, p_lost_at timestamptz, p_step text, p_data jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('callcart.tenant', p_tenant::text, true);
  UPDATE voice_call SET state = p_state, agent_channel = p_agent_channel, agent_staff_id = p_staff, offer_id = p_offer,
      legs_dialled = p_legs, flow_state = p_flow, lost_at = p_lost_at
    WHERE conversation_id = p_conversation AND ended_at IS NULL;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  IF p_state = 'menu' AND EXISTS (SELECT 1 FROM conversations_conversation WHERE id = p_conversation AND state = 'new') THEN
    PERFORM conversations_move(p_tenant, p_conversation, 'ivr', 'menu.entered', NULL, NULL, '', NULL);
  END IF;
  IF p_step <> '' THEN
    PERFORM conversations_add_step(p_tenant, p_conversation, p_step, p_staff, p_data);
  END IF;
  RETURN true;
END $$;

-- A step alone.
CREATE OR REPLACE FUNCTION voice_note(p_tenant int, p_conversation uuid, p_step text, p_data jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('callcart.tenant', p_tenant::text, true);
  PERFORM conversations_add_step(p_tenant, p_conversation, p_step, NULL, p_data);
END $$;

-- Where a call waits: the queue of the number dialled, else one named like the language, else the most general; the skill
-- its language needs, where the shop knows such a skill; and the customer's own agent: who answered last, within 30 days.
CREATE OR REPLACE FUNCTION voice_way(p_tenant int, p_conversation uuid, p_queue uuid, p_language text,
    OUT queue_id uuid, OUT skill text, OUT own_agent uuid) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('callcart.tenant', p_tenant::text, true);
  SELECT q.id INTO queue_id FROM routing_queue q WHERE q.is_active
    ORDER BY (q.id = p_queue) DESC NULLS LAST, (q.code = p_language) DESC, q.priority, q.code LIMIT 1;
  SELECT s.code INTO skill FROM routing_skill s WHERE s.code = 'lang:' || p_language;
  SELECT last.agent_id INTO own_agent FROM conversations_conversation now
    JOIN conversations_conversation last ON last.customer_id = now.customer_id
   WHERE now.id = p_conversation AND last.id <> now.id AND last.agent_id IS NOT NULL AND last.answered_at IS NOT NULL
     AND last.started_at > clock_timestamp() - interval '30 days'
   ORDER BY last.started_at DESC LIMIT 1;
END $$;

-- The account of the page in which somebody works: the one asked for last.
CREATE OR REPLACE FUNCTION voice_account(p_tenant int, p_staff uuid) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  v_id uuid;
BEGIN
  PERFORM set_config('callcart.tenant', p_tenant::text, true);
  SELECT id INTO v_id FROM voice_softphoneaccount WHERE staff_id = p_staff AND removed_at IS NULL
    ORDER BY wanted_at DESC, id DESC LIMIT 1;
  RETURN v_id;
END $$;

-- Rows are updated in place several times a call.
ALTER TABLE voice_call SET (fillfactor = 70);
