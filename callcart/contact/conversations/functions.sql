-- Conversations: the one place where a conversation changes its state. Called by this domain's verbs and, in the same
-- transaction as its own rows, by routing. The caller has named the tenant (callcart.tenant).

-- The same table as states.TRANSITIONS.
CREATE OR REPLACE FUNCTION conversations_may_move(p_before text, p_after text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE p_before
    WHEN 'new'     THEN p_after IN ('ivr', 'waiting', 'active', 'pending', 'closed')
    WHEN 'ivr'     THEN p_after IN ('waiting', 'active', 'closed')
    WHEN 'waiting' THEN p_after IN ('ivr', 'offered', 'closed')
    WHEN 'offered' THEN p_after IN ('waiting', 'active', 'closed')
    WHEN 'active'  THEN p_after IN ('ivr', 'waiting', 'pending', 'wrap_up', 'closed')
    WHEN 'pending' THEN p_after IN ('waiting', 'closed')
    WHEN 'wrap_up' THEN p_after = 'closed'
    ELSE false END
$$;

-- Move a conversation, write the step, tell the world. False: no such conversation, or it may not go there.
CREATE OR REPLACE FUNCTION conversations_move(p_tenant int, p_conversation uuid, p_after text, p_kind text, p_staff uuid,
                                              p_queue uuid, p_reason text, p_data jsonb)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  t timestamptz := clock_timestamp();
  v_agent uuid;
  v_queue uuid;
BEGIN
  UPDATE conversations_conversation SET
      state = p_after,
      queue_id = coalesce(p_queue, queue_id),
      agent_id = CASE WHEN p_after = 'waiting' THEN NULL ELSE coalesce(p_staff, agent_id) END,
      queued_at = CASE WHEN p_after = 'waiting' THEN coalesce(queued_at, t) ELSE queued_at END,
      answered_at = CASE WHEN p_after = 'active' THEN coalesce(answered_at, t) ELSE answered_at END,
      ended_at = CASE WHEN p_after IN ('wrap_up', 'closed') THEN coalesce(ended_at, t) ELSE ended_at END,
      closed_at = CASE WHEN p_after = 'closed' THEN t ELSE closed_at END,
      end_reason = CASE WHEN p_after IN ('wrap_up', 'closed') AND end_reason = '' THEN coalesce(p_reason, '') ELSE end_reason END
    WHERE id = p_conversation AND conversations_may_move(state, p_after)
    RETURNING agent_id, queue_id INTO v_agent, v_queue;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  INSERT INTO conversations_step (tenant_id, conversation_id, at, kind, staff_id, data)
    VALUES (p_tenant, p_conversation, t, p_kind, p_staff, coalesce(p_data, '{}'::jsonb));
  INSERT INTO core_event (tenant_id, kind, subject_kind, subject_id, staff_id, audience, data)
    VALUES (p_tenant, 'conversation.state', 'conversation', p_conversation, v_agent, 'staff',
            jsonb_build_object('conversation_id', p_conversation, 'state', p_after, 'staff_id', v_agent,
                               'queue_id', v_queue, 'reason', coalesce(p_reason, '')));
  RETURN true;
END $$;

-- One who waits waits in another queue from now on: the same wait, on its path.
CREATE OR REPLACE FUNCTION conversations_in_queue(p_tenant int, p_conversation uuid, p_queue uuid, p_kind text, p_staff uuid, p_data jsonb)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE conversations_conversation SET queue_id = p_queue WHERE id = p_conversation;
  PERFORM conversations_add_step(p_tenant, p_conversation, p_kind, p_staff, p_data);
  PERFORM core_emit(p_tenant, 'conversation.state', 'conversation', p_conversation, NULL, 'staff', jsonb_build_object(
            'conversation_id', p_conversation, 'state', 'waiting', 'staff_id', NULL, 'queue_id', p_queue, 'reason', ''));
END $$;

-- A step on the path, from inside a database function.
CREATE OR REPLACE FUNCTION conversations_add_step(p_tenant int, p_conversation uuid, p_kind text, p_staff uuid, p_data jsonb)
RETURNS void LANGUAGE sql AS $$
  INSERT INTO conversations_step (tenant_id, conversation_id, kind, staff_id, data)
    VALUES (p_tenant, p_conversation, p_kind, p_staff, coalesce(p_data, '{}'::jsonb))
$$;

-- What somebody had begun to write for the wrap-up when the talk went on elsewhere: a note of his from now on, read by the next one.
CREATE OR REPLACE FUNCTION conversations_keep_draft(p_tenant int, p_conversation uuid, p_staff uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_text text;
BEGIN
  SELECT note INTO v_text FROM conversations_wrapup
   WHERE conversation_id = p_conversation AND submitted_at IS NULL AND note <> '' FOR UPDATE;
  IF FOUND THEN
    INSERT INTO conversations_note (id, tenant_id, conversation_id, staff_id, text)
      VALUES (gen_random_uuid(), p_tenant, p_conversation, p_staff, v_text);
    UPDATE conversations_wrapup SET note = '' WHERE conversation_id = p_conversation;
  END IF;
END $$;

-- A talk goes on with another agent: the same conversation, answered when it was. False: nobody talks in it.
CREATE OR REPLACE FUNCTION conversations_hand_over(p_tenant int, p_conversation uuid, p_from uuid, p_to uuid, p_kind text)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  v_queue uuid;
BEGIN
  UPDATE conversations_conversation SET agent_id = p_to WHERE id = p_conversation AND state = 'active' RETURNING queue_id INTO v_queue;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM conversations_keep_draft(p_tenant, p_conversation, p_from);
  PERFORM conversations_add_step(p_tenant, p_conversation, p_kind, p_to, jsonb_build_object('from', p_from));
  PERFORM core_emit(p_tenant, 'conversation.state', 'conversation', p_conversation, p_to, 'staff', jsonb_build_object(
            'conversation_id', p_conversation, 'state', 'active', 'staff_id', p_to, 'queue_id', v_queue, 'reason', ''));
  RETURN true;
END $$;

-- Somebody is to look at a written conversation, though the customer has not written (a message of ours did not arrive).
CREATE OR REPLACE FUNCTION conversations_call_in(p_conversation uuid) RETURNS void LANGUAGE sql AS $$
  UPDATE conversations_conversation SET heard_at = coalesce(heard_at, clock_timestamp()), wake_at = NULL, forget_at = NULL
    WHERE id = p_conversation AND state <> 'closed'
$$;

-- Begin a conversation, as open_conversation does, for callers that count in milliseconds. The caller has named the tenant.
CREATE OR REPLACE FUNCTION conversations_open(p_tenant int, p_id uuid, p_number text, p_channel text, p_caller_e164 text,
    p_caller_raw text, p_service_number text, p_language text, p_customer uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO conversations_conversation (id, tenant_id, number, channel, direction, state, customer_id, language, caller_e164,
                                          caller_raw, service_number, end_reason)
    VALUES (p_id, p_tenant, p_number, p_channel, 'inbound', 'new', p_customer, p_language, p_caller_e164, p_caller_raw,
            p_service_number, '');
  PERFORM conversations_add_step(p_tenant, p_id, 'opened', NULL, jsonb_build_object('channel', p_channel));
  PERFORM core_emit(p_tenant, 'conversation.state', 'conversation', p_id, NULL, 'staff',
                    jsonb_build_object('conversation_id', p_id, 'state', 'new'));
END $$;

-- The sound begins to be written, as start_recording does: one running recording at most.
CREATE OR REPLACE FUNCTION conversations_start_recording(p_tenant int, p_conversation uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_id uuid := gen_random_uuid();
BEGIN
  IF EXISTS (SELECT 1 FROM conversations_recording WHERE conversation_id = p_conversation AND state = 'running') THEN
    RETURN;
  END IF;
  INSERT INTO conversations_recording (id, tenant_id, conversation_id, state, file_key, duration_ms, peaks)
    VALUES (v_id, p_tenant, p_conversation, 'running', '', 0, '[]');
  PERFORM conversations_add_step(p_tenant, p_conversation, 'recording.started', NULL, jsonb_build_object('recording_id', v_id));
END $$;

-- Each move is an update in place.
ALTER TABLE conversations_conversation SET (fillfactor = 80);
