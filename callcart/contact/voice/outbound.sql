-- Calls to the outside, taken into functions.sql.

-- Begin a conversation that an agent begins himself: its call waits to be dialled by the voice process of the node where he is, which is told.
-- p_guest: the account of the page that is its other side. Gives the node. Nothing is kept where the agent cannot (CC409 with the reason as its
-- message).
CREATE OR REPLACE FUNCTION voice_begin_own(p_tenant int, p_id uuid, p_number text, p_staff uuid, p_to text, p_raw text, p_shown text,
    p_language text, p_customer uuid, p_recording text, p_flow jsonb, p_guest uuid) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_problem text;
  v_node text;
BEGIN
  PERFORM acd_enter(p_tenant);
  PERFORM conversations_open(p_tenant, p_id, p_number, 'voice', p_to, p_raw, p_shown, p_language, p_customer);
  UPDATE conversations_conversation SET direction = 'outbound' WHERE id = p_id;
  v_problem := acd_begin(p_tenant, p_id, p_staff);
  IF v_problem <> '' THEN
    RAISE EXCEPTION '%', v_problem USING ERRCODE = 'CC409';
  END IF;
  UPDATE conversations_conversation SET answered_at = NULL WHERE id = p_id;   -- nobody has answered yet
  v_node := coalesce((SELECT a.node FROM voice_softphoneaccount a WHERE a.id = voice_account(p_tenant, p_staff)), 'main');
  INSERT INTO voice_call (conversation_id, tenant_id, state, customer_channel, agent_channel, agent_staff_id, legs_dialled, flow_state, recording, node,
                          guest_id)
    VALUES (p_id, p_tenant, 'dialling', 'agent-' || p_id || '-0', 'agent-' || p_id || '-1', p_staff, 1, p_flow, p_recording, v_node, p_guest);
  PERFORM core_emit(p_tenant, 'call.dial', 'conversation', p_id, p_staff, 'process', jsonb_build_object('conversation_id', p_id));
  RETURN v_node;
END $$;

-- With a number.
DROP FUNCTION IF EXISTS voice_dial_out(int, uuid, text, uuid, text, text, text, uuid, text);
CREATE OR REPLACE FUNCTION voice_dial_out(p_tenant int, p_id uuid, p_number text, p_staff uuid, p_to text, p_shown text, p_language text,
    p_customer uuid, p_recording text, p_longest int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM voice_begin_own(p_tenant, p_id, p_number, p_staff, p_to, p_to, p_shown, p_language, p_customer, p_recording,
                          jsonb_build_object('longest', p_longest), NULL);
END $$;

-- The other side answers: they talk from now on.
CREATE OR REPLACE FUNCTION voice_reached(p_tenant int, p_conversation uuid, p_staff uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('callcart.tenant', p_tenant::text, true);
  UPDATE voice_call SET state = 'talking', flow_state = '{}' WHERE conversation_id = p_conversation AND ended_at IS NULL;
  UPDATE conversations_conversation SET answered_at = clock_timestamp() WHERE id = p_conversation AND answered_at IS NULL;
  UPDATE voice_outboundcall SET answered_at = clock_timestamp() WHERE conversation_id = p_conversation AND answered_at IS NULL AND ended_at IS NULL;
  PERFORM conversations_add_step(p_tenant, p_conversation, 'dial.answered', p_staff, NULL);
  PERFORM voice_media(p_tenant, p_conversation, 'talk', p_staff);
END $$;

-- Nobody was reached; the end of the call follows.
CREATE OR REPLACE FUNCTION voice_not_reached(p_tenant int, p_conversation uuid, p_staff uuid, p_why text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('callcart.tenant', p_tenant::text, true);
  UPDATE voice_outboundcall SET ended_at = clock_timestamp() WHERE conversation_id = p_conversation AND ended_at IS NULL;
  PERFORM conversations_add_step(p_tenant, p_conversation, 'dial.failed', p_staff, jsonb_build_object('why', p_why));
  PERFORM core_emit(p_tenant, 'call.dialled', 'conversation', p_conversation, p_staff, 'one',
                    jsonb_build_object('conversation_id', p_conversation, 'staff_id', p_staff, 'why', p_why));
END $$;

-- A call that waits without anybody on the line, until an agent takes it and the number is dialled (`calls_back` in its flow state), or the
-- number first. The caller has begun its conversation. The voice process is told.
CREATE OR REPLACE FUNCTION voice_owe(p_tenant int, p_conversation uuid, p_state text, p_flow jsonb, p_recording text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE conversations_conversation SET direction = 'outbound' WHERE id = p_conversation;
  INSERT INTO voice_call (conversation_id, tenant_id, state, customer_channel, agent_channel, legs_dialled, flow_state, recording)
    VALUES (p_conversation, p_tenant, p_state, 'agent-' || p_conversation || '-0', '', 0, p_flow, p_recording);
  PERFORM core_emit(p_tenant, 'call.dial', 'conversation', p_conversation, NULL, 'process', jsonb_build_object('conversation_id', p_conversation));
END $$;

-- Such a call is not needed any more. False: an agent has taken it already, and it goes on.
CREATE OR REPLACE FUNCTION voice_let_go(p_tenant int, p_conversation uuid) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  v_state text;
BEGIN
  SELECT state INTO v_state FROM routing_ticket WHERE conversation_id = p_conversation FOR UPDATE;
  IF v_state = 'active' THEN
    RETURN false;
  END IF;
  PERFORM acd_finish(p_tenant, p_conversation, 'withdrawn');
  UPDATE voice_call SET state = 'ended', ended_at = clock_timestamp(), agent_channel = '', offer_id = NULL
    WHERE conversation_id = p_conversation AND ended_at IS NULL;
  PERFORM core_emit(p_tenant, 'call.request', 'conversation', p_conversation, NULL, 'process',
                    jsonb_build_object('conversation_id', p_conversation, 'request', 'hang_up'));
  RETURN true;
END $$;

-- Whom we called before anybody had the call has answered, and waits now.
CREATE OR REPLACE FUNCTION voice_picked_up(p_tenant int, p_conversation uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('callcart.tenant', p_tenant::text, true);
  UPDATE voice_outboundcall SET answered_at = clock_timestamp() WHERE conversation_id = p_conversation AND answered_at IS NULL AND ended_at IS NULL;
  PERFORM conversations_add_step(p_tenant, p_conversation, 'dial.answered', NULL, NULL);
END $$;

-- Since when one who comes to wait has a place in this queue already; nobody has one here. A higher domain that keeps places says it instead.
DO $$
BEGIN
  IF to_regprocedure('voice_since(int,uuid,uuid)') IS NULL THEN
    CREATE FUNCTION voice_since(p_tenant int, p_conversation uuid, p_queue uuid) RETURNS timestamptz LANGUAGE sql AS 'SELECT NULL::timestamptz';
  END IF;
END $$;
