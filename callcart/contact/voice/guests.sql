-- Calls with a customer's page, taken into functions.sql.

-- Begin a call of an agent with a page: both are rung by the voice process. As voice_begin_own.
CREATE OR REPLACE FUNCTION voice_dial_page(p_tenant int, p_id uuid, p_number text, p_staff uuid, p_guest uuid, p_name text, p_language text,
    p_customer uuid, p_recording text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO voice_guestaccount (id, tenant_id, conversation_id, serial, ticket, node) VALUES (p_guest, p_tenant, p_id, 0, '',
    voice_begin_own(p_tenant, p_id, p_number, p_staff, '', p_name, '', p_language, p_customer, p_recording, '{}', p_guest));
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
