-- Supervisors on talks, taken into functions.sql.

-- One does something else from now on (p_mode), or is gone (empty); p_staff null: all of them are gone. The board is told, and the talk's
-- own agent where the shop's settings say so (by default they do). Said twice is said once.
CREATE OR REPLACE FUNCTION voice_watched(p_tenant int, p_conversation uuid, p_staff uuid, p_mode text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  v_agent uuid;
  v_staff uuid;
BEGIN
  PERFORM set_config('callcart.tenant', p_tenant::text, true);
  IF EXISTS (SELECT 1 FROM voice_watching WHERE conversation_id = p_conversation AND staff_id = p_staff AND mode = p_mode
               AND ended_at IS NULL) THEN
    RETURN;
  END IF;
  SELECT agent_staff_id INTO v_agent FROM voice_call WHERE conversation_id = p_conversation;
  FOR v_staff IN UPDATE voice_watching SET ended_at = clock_timestamp()
                  WHERE conversation_id = p_conversation AND ended_at IS NULL AND (p_staff IS NULL OR staff_id = p_staff)
                 RETURNING staff_id LOOP
    IF p_mode = '' THEN
      PERFORM voice_tell_watched(p_tenant, p_conversation, v_agent, v_staff, '');
    END IF;
  END LOOP;
  IF p_mode <> '' THEN
    INSERT INTO voice_watching (id, tenant_id, conversation_id, staff_id, agent_id, mode)
      VALUES (gen_random_uuid(), p_tenant, p_conversation, p_staff, v_agent, p_mode);
    PERFORM voice_tell_watched(p_tenant, p_conversation, v_agent, p_staff, p_mode);
  END IF;
END $$;

-- The supervisor hears of it himself (his page shows what he does), and the talk's own agent where he is to know.
CREATE OR REPLACE FUNCTION voice_tell_watched(p_tenant int, p_conversation uuid, p_agent uuid, p_staff uuid, p_mode text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM core_emit(p_tenant, 'call.watching', 'conversation', p_conversation, p_staff, 'one',
                    jsonb_build_object('conversation_id', p_conversation, 'mode', p_mode));
  IF p_agent IS NOT NULL AND voice_tells_watched(p_tenant) THEN
    PERFORM core_emit(p_tenant, 'call.watched', 'conversation', p_conversation, p_agent, 'one',
                      jsonb_build_object('conversation_id', p_conversation, 'staff_id', p_agent, 'mode', p_mode));
  END IF;
END $$;

CREATE OR REPLACE FUNCTION voice_tells_watched(p_tenant int) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT (SELECT settings -> 'tell_watched' FROM tenants_tenant WHERE id = p_tenant) IS DISTINCT FROM 'false'::jsonb
$$;
