-- Calls with a customer's page, taken into functions.sql.

-- Begin a call of an agent with a page: both are rung by the voice process, which is told. Nothing is kept where the agent cannot (CC409 with
-- the reason as its message).
CREATE OR REPLACE FUNCTION voice_dial_page(p_tenant int, p_id uuid, p_number text, p_staff uuid, p_guest uuid, p_name text, p_language text,
    p_customer uuid, p_recording text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_problem text;
  v_node text;
BEGIN
  PERFORM acd_enter(p_tenant);
  PERFORM conversations_open(p_tenant, p_id, p_number, 'voice', '', p_name, '', p_language, p_customer);
  UPDATE conversations_conversation SET direction = 'outbound' WHERE id = p_id;
  v_problem := acd_begin(p_tenant, p_id, p_staff);
  IF v_problem <> '' THEN
    RAISE EXCEPTION '%', v_problem USING ERRCODE = 'CC409';
  END IF;
  UPDATE conversations_conversation SET answered_at = NULL WHERE id = p_id;   -- nobody has answered yet
  v_node := coalesce((SELECT a.node FROM voice_softphoneaccount a WHERE a.id = voice_account(p_tenant, p_staff)), 'main');
  INSERT INTO voice_guestaccount (id, tenant_id, conversation_id, serial, ticket, node) VALUES (p_guest, p_tenant, p_id, 0, '', v_node);
  INSERT INTO voice_call (conversation_id, tenant_id, state, customer_channel, agent_channel, agent_staff_id, legs_dialled, flow_state, recording, node,
                          guest_id)
    VALUES (p_id, p_tenant, 'dialling', 'agent-' || p_id || '-0', 'agent-' || p_id || '-1', p_staff, 1, '{}', p_recording, v_node, p_guest);
  PERFORM core_emit(p_tenant, 'call.dial', 'conversation', p_id, p_staff, 'process', jsonb_build_object('conversation_id', p_id));
END $$;

-- The call is over: nobody registers with its page's account any more. Part of voice_finish, which has named the tenant.
CREATE OR REPLACE FUNCTION voice_end_guest(p_tenant int, p_conversation uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_guest uuid;
BEGIN
  UPDATE voice_guestaccount SET removed_at = clock_timestamp(), ticket = '', ticket_until = NULL
    WHERE conversation_id = p_conversation AND removed_at IS NULL RETURNING id INTO v_guest;
  IF v_guest IS NOT NULL THEN
    PERFORM core_emit(p_tenant, 'guest.ended', 'conversation', p_conversation, NULL, 'process', jsonb_build_object('account_id', v_guest));
  END IF;
END $$;
