-- Voice: the writes and looks of a call that happen with every call, one round trip each on an autocommit connection. Each
-- function names its tenant first, so row-level security holds in everything below it.

-- Begin a call for a caller's leg, or give the one begun for it. The customer is who has the number, where it is one alone;
-- the language his, where the shop offers it. The node whose leg it is owns the call.
DROP FUNCTION IF EXISTS voice_open(int, text, uuid, text, text, text, text, text, text[], text);
CREATE OR REPLACE FUNCTION voice_open(p_tenant int, p_channel text, p_id uuid, p_number text, p_caller_e164 text, p_caller_raw text,
    p_service_number text, p_language text, p_languages text[], p_recording text, p_node text DEFAULT 'main')
RETURNS TABLE (conversation_id uuid, language text, caller_e164 text, state text, customer_channel text, agent_channel text,
               agent_staff_id uuid, offer_id uuid, legs_dialled int, flow_state jsonb, lost_at timestamptz, recording text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_customer uuid;
  v_spoken text;
BEGIN
  PERFORM set_config('callcart.tenant', p_tenant::text, true);
  IF NOT EXISTS (SELECT 1 FROM voice_call WHERE customer_channel = p_channel) THEN
    IF p_caller_e164 <> '' THEN
      SELECT min(c.id::text)::uuid, min(c.language) INTO v_customer, v_spoken
        FROM customers_phone p JOIN customers_customer c ON c.id = p.customer_id
       WHERE p.tenant_id = p_tenant AND p.e164 = p_caller_e164 HAVING count(DISTINCT c.id) = 1;
    END IF;
    PERFORM conversations_open(p_tenant, p_id, p_number, 'voice', p_caller_e164, p_caller_raw, p_service_number,
                               CASE WHEN v_spoken = ANY (p_languages) THEN v_spoken ELSE p_language END, v_customer);
    INSERT INTO voice_call (conversation_id, tenant_id, state, customer_channel, agent_channel, legs_dialled, flow_state, recording, node)
      VALUES (p_id, p_tenant, 'new', p_channel, '', 0, '{}', p_recording, p_node);
  END IF;
  RETURN QUERY
    SELECT c.conversation_id, v.language, v.caller_e164, c.state, c.customer_channel, c.agent_channel, c.agent_staff_id,
           c.offer_id, c.legs_dialled, c.flow_state, c.lost_at, c.recording::text
      FROM voice_call c JOIN conversations_conversation v ON v.id = c.conversation_id WHERE c.customer_channel = p_channel;
END $$;

-- Tell the agent's desk and the board what the caller hears; with the first talk the recording begins, for the sound is written from the
-- bridge on. Part of voice_save, which has named the tenant.
CREATE OR REPLACE FUNCTION voice_media(p_tenant int, p_conversation uuid, p_media text, p_staff uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM core_emit(p_tenant, 'call.media', 'conversation', p_conversation, p_staff, 'board',
                    jsonb_build_object('conversation_id', p_conversation, 'state', p_media));
  IF p_media = 'talk' AND EXISTS (SELECT 1 FROM voice_call
       WHERE conversation_id = p_conversation AND recording = 'pending' AND ended_at IS NULL) THEN
    PERFORM conversations_start_recording(p_tenant, p_conversation);
  END IF;
END $$;

-- Keep how far a call is, with a step on its path and, where it is said, what the caller hears now. An ended call stays as
-- it ended.
CREATE OR REPLACE FUNCTION voice_save(p_tenant int, p_conversation uuid, p_state text, p_agent_channel text, p_staff uuid,
    p_offer uuid, p_legs int, p_flow jsonb, p_lost_at timestamptz, p_step text, p_data jsonb,
    p_media text) RETURNS boolean LANGUAGE plpgsql AS $$
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
  IF p_media <> '' THEN
    PERFORM voice_media(p_tenant, p_conversation, p_media, p_staff);
  END IF;
  RETURN true;
END $$;

-- Keep that a new leg of this name is dialled to the page in which the agent works, and give that page's account; null, and
-- nothing kept, where he has no page open.
CREATE OR REPLACE FUNCTION voice_dial(p_tenant int, p_conversation uuid, p_state text, p_agent_channel text, p_staff uuid,
    p_offer uuid, p_legs int, p_flow jsonb, p_lost_at timestamptz) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  v_account uuid := voice_account(p_tenant, p_staff);
BEGIN
  IF v_account IS NOT NULL THEN
    PERFORM voice_save(p_tenant, p_conversation, p_state, p_agent_channel, p_staff, p_offer, p_legs, p_flow, p_lost_at, '', NULL, '');
  END IF;
  RETURN v_account;
END $$;

-- A step alone.
CREATE OR REPLACE FUNCTION voice_note(p_tenant int, p_conversation uuid, p_step text, p_data jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('callcart.tenant', p_tenant::text, true);
  PERFORM conversations_add_step(p_tenant, p_conversation, p_step, NULL, p_data);
END $$;

-- Where a call waits: the queue asked for, else that of the number dialled, else one named like the language, else the most
-- general; the skill its language needs, where the shop knows such a skill; and the customer's own agent: who answered last,
-- within 30 days.
DROP FUNCTION IF EXISTS voice_way(int, uuid, text);
CREATE OR REPLACE FUNCTION voice_way(p_tenant int, p_conversation uuid, p_language text, p_queue uuid,
    OUT queue_id uuid, OUT skill text, OUT own_agent uuid) LANGUAGE plpgsql AS $$
DECLARE
  v_customer uuid;
  v_queue uuid;
BEGIN
  PERFORM set_config('callcart.tenant', p_tenant::text, true);
  SELECT c.customer_id, n.queue_id INTO v_customer, v_queue FROM conversations_conversation c
    LEFT JOIN tenants_servicenumber n ON n.number = c.service_number AND n.tenant_id = p_tenant
   WHERE c.id = p_conversation;
  SELECT q.id INTO queue_id FROM routing_queue q WHERE q.is_active
    ORDER BY (q.id = p_queue) DESC NULLS LAST, (q.id = v_queue) DESC NULLS LAST, (q.code = p_language) DESC, q.priority, q.code LIMIT 1;
  SELECT s.code INTO skill FROM routing_skill s WHERE s.code = 'lang:' || p_language;
  IF v_customer IS NOT NULL THEN
    SELECT last.agent_id INTO own_agent FROM conversations_conversation last
     WHERE last.customer_id = v_customer AND last.id <> p_conversation AND last.agent_id IS NOT NULL AND last.answered_at IS NOT NULL
       AND last.started_at > clock_timestamp() - interval '30 days'
     ORDER BY last.started_at DESC LIMIT 1;
  END IF;
END $$;

-- The agent answers: where the offer is his still, the call is kept as it is from then on, and his desk told that they talk; or
-- (dialling) that the customer is called.
CREATE OR REPLACE FUNCTION voice_accept(p_tenant int, p_conversation uuid, p_state text, p_agent_channel text, p_staff uuid,
    p_offer uuid, p_legs int, p_flow jsonb, p_lost_at timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF NOT acd_accept(p_tenant, p_conversation, p_staff) THEN
    RETURN false;
  END IF;
  PERFORM voice_save(p_tenant, p_conversation, p_state, p_agent_channel, p_staff, p_offer, p_legs, p_flow, p_lost_at, '', NULL,
                     CASE WHEN p_state = 'dialling' THEN '' ELSE 'talk' END);
  IF p_state = 'dialling' THEN   -- the agent has; the customer is called now
    UPDATE conversations_conversation SET answered_at = NULL WHERE id = p_conversation;
  END IF;
  RETURN true;
END $$;

-- Begin to wait where `voice_way` says. An agent who is found at once is dialled to in the same breath, as by voice_dial, on
-- the leg of this name: `account` is his page's then.
DROP FUNCTION IF EXISTS voice_enqueue(int, uuid, text, text, int, jsonb);
CREATE OR REPLACE FUNCTION voice_enqueue(p_tenant int, p_conversation uuid, p_language text, p_agent_channel text,
    p_legs int, p_flow jsonb, p_queue uuid, OUT conversation_id uuid, OUT staff_id uuid, OUT offer_id uuid, OUT waiting uuid[], OUT free int[],
    OUT account uuid) LANGUAGE plpgsql AS $$
DECLARE
  way record;
  hit acd_hit;
BEGIN
  way := voice_way(p_tenant, p_conversation, p_language, p_queue);
  IF way.queue_id IS NULL THEN
    RAISE EXCEPTION 'no queue in use' USING ERRCODE = 'CC404';
  END IF;
  hit := acd_enqueue(p_tenant, p_conversation, way.queue_id, 0::smallint, array_remove(ARRAY[way.skill], NULL), 0, way.own_agent, NULL,
                     voice_since(p_tenant, p_conversation, way.queue_id));
  IF hit.conversation_id = p_conversation THEN
    account := voice_dial(p_tenant, p_conversation, 'ringing', p_agent_channel, hit.staff_id, hit.offer_id, p_legs, p_flow, NULL);
  END IF;
  conversation_id := hit.conversation_id; staff_id := hit.staff_id; offer_id := hit.offer_id;
  waiting := hit.waiting; free := hit.free;
END $$;

-- The end of a call, whatever it was doing: routing ends the conversation, the row is ended, and its recording is seen to
-- by a job, once, however often the end is told.
CREATE OR REPLACE FUNCTION voice_finish(p_tenant int, p_conversation uuid, p_reason text, p_seconds int, p_queue text, p_task text)
RETURNS acd_hit LANGUAGE plpgsql AS $$
DECLARE
  v_hit acd_hit := acd_finish(p_tenant, p_conversation, p_reason);
BEGIN
  UPDATE voice_call SET state = 'ended', ended_at = clock_timestamp(), agent_channel = '', offer_id = NULL
    WHERE conversation_id = p_conversation AND ended_at IS NULL;
  IF FOUND THEN
    PERFORM core_defer_in(p_tenant, p_seconds, p_queue, p_task, jsonb_build_object('conversation_id', p_conversation));
    PERFORM voice_end_guest(p_tenant, p_conversation);
  END IF;
  RETURN v_hit;
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

-- take transfers

-- take outbound

-- take watching

-- take guests

-- Rows are updated in place several times a call.
ALTER TABLE voice_call SET (fillfactor = 70);
