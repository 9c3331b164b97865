-- Transfers, taken into functions.sql: routing's verb and the call's row change in one transaction, so a process that dies between two of
-- them finds both the same.

-- Tell the agent's desk that something changed about whom he has asked. The caller has named the tenant.
CREATE OR REPLACE FUNCTION voice_tell_consult(p_tenant int, p_conversation uuid, p_staff uuid, p_state text, p_why text) RETURNS void
LANGUAGE sql AS $$
  SELECT core_emit(p_tenant, 'call.consult', 'conversation', p_conversation, p_staff, 'one',
                   jsonb_build_object('conversation_id', p_conversation, 'staff_id', p_staff, 'state', p_state, 'why', p_why))
$$;

-- Ask a colleague: offered in routing, kept as being dialled; `account` is his page's.
CREATE OR REPLACE FUNCTION voice_ask(p_tenant int, p_conversation uuid, p_staff uuid, p_to uuid, p_most int, p_legs int, p_consult jsonb,
    OUT offer_id uuid, OUT account uuid, OUT problem text) LANGUAGE plpgsql AS $$
DECLARE
  found_one record;
BEGIN
  found_one := acd_consult(p_tenant, p_conversation, p_staff, p_to, p_most);
  problem := found_one.problem;
  IF problem = '' THEN
    account := voice_account(p_tenant, p_to);
    IF account IS NULL THEN
      PERFORM acd_consult_end(p_tenant, p_conversation, 'unreachable');
      problem := 'unreachable';
    ELSE
      offer_id := found_one.offer_id;
      UPDATE voice_call SET consult = p_consult || jsonb_build_object('offer_id', found_one.offer_id), legs_dialled = p_legs
        WHERE conversation_id = p_conversation AND ended_at IS NULL;
    END IF;
  END IF;
  PERFORM voice_tell_consult(p_tenant, p_conversation, p_staff, CASE WHEN problem = '' THEN 'calling' ELSE 'ended' END, problem);
END $$;

-- Keep whom the agent has asked and where everybody is.
CREATE OR REPLACE FUNCTION voice_keep_consult(p_tenant int, p_conversation uuid, p_staff uuid, p_state text, p_legs int, p_consult jsonb,
    p_step text, p_data jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('callcart.tenant', p_tenant::text, true);
  UPDATE voice_call SET state = p_state, consult = p_consult, legs_dialled = p_legs WHERE conversation_id = p_conversation AND ended_at IS NULL;
  IF FOUND AND p_step <> '' THEN
    PERFORM conversations_add_step(p_tenant, p_conversation, p_step, p_staff, p_data);
  END IF;
  IF p_step = 'consult.answered' THEN   -- of a number outside: it costs from now on
    UPDATE voice_outboundcall SET answered_at = clock_timestamp()
      WHERE conversation_id = p_conversation AND answered_at IS NULL AND ended_at IS NULL;
  END IF;
  PERFORM voice_tell_consult(p_tenant, p_conversation, p_staff, coalesce(p_consult ->> 'side', 'ended'), coalesce(p_data ->> 'reason', ''));
END $$;

CREATE OR REPLACE FUNCTION voice_asked_answers(p_tenant int, p_conversation uuid, p_staff uuid, p_to uuid, p_state text, p_consult jsonb)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF NOT acd_consult_answered(p_tenant, p_conversation, p_to) THEN
    RETURN false;
  END IF;
  UPDATE voice_call SET state = p_state, consult = p_consult WHERE conversation_id = p_conversation AND ended_at IS NULL;
  PERFORM voice_tell_consult(p_tenant, p_conversation, p_staff, p_consult ->> 'side', '');
  RETURN true;
END $$;

-- Nobody is asked any more. Of a number outside routing knows nothing: the step is written here.
CREATE OR REPLACE FUNCTION voice_end_consult(p_tenant int, p_conversation uuid, p_staff uuid, p_state text, p_why text, p_outside text)
RETURNS acd_hit LANGUAGE plpgsql AS $$
DECLARE
  hit acd_hit;
BEGIN
  hit := acd_consult_end(p_tenant, p_conversation, CASE WHEN p_why = 'ended' THEN 'withdrawn' ELSE p_why END);
  UPDATE voice_call SET state = p_state, consult = NULL WHERE conversation_id = p_conversation AND ended_at IS NULL;
  IF p_outside <> '' THEN
    PERFORM conversations_add_step(p_tenant, p_conversation, 'consult.ended', NULL, jsonb_build_object('reason', p_why));
    UPDATE voice_outboundcall SET ended_at = clock_timestamp() WHERE conversation_id = p_conversation AND ended_at IS NULL;
  END IF;
  PERFORM voice_tell_consult(p_tenant, p_conversation, p_staff, 'ended', p_why);
  RETURN hit;
END $$;

-- The colleague has the talk.
CREATE OR REPLACE FUNCTION voice_hand_over(p_tenant int, p_conversation uuid, p_former uuid, p_staff uuid, p_channel text,
    OUT conversation_id uuid, OUT staff_id uuid, OUT offer_id uuid, OUT waiting uuid[], OUT free int[], OUT done boolean)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  got record;
BEGIN
  got := acd_consult_complete(p_tenant, p_conversation);
  conversation_id := got.conversation_id; staff_id := got.staff_id; offer_id := got.offer_id;
  waiting := got.waiting; free := got.free; done := got.done;
  IF done THEN
    UPDATE voice_call v SET state = 'talking', agent_channel = p_channel, agent_staff_id = p_staff, consult = NULL, lost_at = NULL
      WHERE v.conversation_id = p_conversation AND v.ended_at IS NULL;
    PERFORM voice_media(p_tenant, p_conversation, 'talk', p_staff);
    PERFORM voice_tell_consult(p_tenant, p_conversation, p_former, 'completed', '');
  END IF;
END $$;

-- The customer talks to somebody outside: for us the talk is over, its agent has wrap-up, the call goes on.
CREATE OR REPLACE FUNCTION voice_hand_outside(p_tenant int, p_conversation uuid, p_former uuid, p_channel text, p_number text)
RETURNS acd_hit LANGUAGE plpgsql AS $$
DECLARE
  hit acd_hit;
BEGIN
  PERFORM acd_enter(p_tenant);
  PERFORM conversations_add_step(p_tenant, p_conversation, 'transfer.outside', p_former, jsonb_build_object('number', p_number));
  hit := acd_finish(p_tenant, p_conversation, 'completed');
  UPDATE voice_call SET state = 'outside', agent_channel = p_channel, agent_staff_id = NULL, consult = NULL, offer_id = NULL, lost_at = NULL
    WHERE conversation_id = p_conversation AND ended_at IS NULL;
  PERFORM voice_tell_consult(p_tenant, p_conversation, p_former, 'completed', '');
  RETURN hit;
END $$;

-- The agent has done, and the caller hears the flow once more: for us the talk is over, its agent has wrap-up, the call goes on.
CREATE OR REPLACE FUNCTION voice_leave_to_flow(p_tenant int, p_conversation uuid, p_former uuid, p_to text) RETURNS acd_hit LANGUAGE plpgsql AS $$
DECLARE
  hit acd_hit;
BEGIN
  PERFORM acd_enter(p_tenant);
  PERFORM conversations_add_step(p_tenant, p_conversation, 'transfer.flow', p_former, jsonb_build_object('to', p_to));
  hit := acd_finish(p_tenant, p_conversation, 'completed');
  UPDATE voice_call SET state = 'after', agent_channel = '', agent_staff_id = NULL, consult = NULL, offer_id = NULL, lost_at = NULL,
      flow_state = '{}' WHERE conversation_id = p_conversation AND ended_at IS NULL;
  RETURN hit;
END $$;

CREATE OR REPLACE FUNCTION voice_to_queue(p_tenant int, p_conversation uuid, p_staff uuid, p_queue uuid, p_most int, OUT conversation_id uuid,
    OUT staff_id uuid, OUT offer_id uuid, OUT waiting uuid[], OUT free int[], OUT problem text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  got record;
BEGIN
  got := acd_to_queue(p_tenant, p_conversation, p_staff, p_queue, p_most);
  conversation_id := got.conversation_id; staff_id := got.staff_id; offer_id := got.offer_id;
  waiting := got.waiting; free := got.free; problem := got.problem;
  PERFORM voice_leave_agent(p_tenant, p_conversation, p_staff, 'waiting', problem);
END $$;

CREATE OR REPLACE FUNCTION voice_to_menu(p_tenant int, p_conversation uuid, p_staff uuid, p_most int, OUT conversation_id uuid,
    OUT staff_id uuid, OUT offer_id uuid, OUT waiting uuid[], OUT free int[], OUT problem text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  got record;
BEGIN
  got := acd_to_menu(p_tenant, p_conversation, p_staff, p_most);
  conversation_id := got.conversation_id; staff_id := got.staff_id; offer_id := got.offer_id;
  waiting := got.waiting; free := got.free; problem := got.problem;
  PERFORM voice_leave_agent(p_tenant, p_conversation, p_staff, 'menu', problem);
END $$;

-- Keep why the recording is paused (none: it runs), and tell the desk.
CREATE OR REPLACE FUNCTION voice_keep_pause(p_tenant int, p_conversation uuid, p_staff uuid, p_reasons jsonb, p_step text, p_why text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('callcart.tenant', p_tenant::text, true);
  UPDATE voice_call SET paused_for = p_reasons WHERE conversation_id = p_conversation AND ended_at IS NULL;
  IF FOUND AND p_step <> '' THEN
    PERFORM conversations_add_step(p_tenant, p_conversation, p_step, p_staff, jsonb_build_object('why', p_why));
  END IF;
  PERFORM core_emit(p_tenant, 'call.recording', 'conversation', p_conversation, p_staff, 'board',
                    jsonb_build_object('conversation_id', p_conversation, 'staff_id', p_staff, 'paused', p_reasons <> '[]'::jsonb));
END $$;

-- Nobody has the call any more, unless there was a problem; the desk is told either way.
CREATE OR REPLACE FUNCTION voice_leave_agent(p_tenant int, p_conversation uuid, p_staff uuid, p_state text, p_problem text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF p_problem = '' THEN
    UPDATE voice_call SET state = p_state, agent_channel = '', agent_staff_id = NULL, offer_id = NULL, consult = NULL, lost_at = NULL,
        flow_state = CASE WHEN p_state = 'menu' THEN '{}'::jsonb ELSE flow_state END
      WHERE conversation_id = p_conversation AND ended_at IS NULL;
  END IF;
  PERFORM voice_tell_consult(p_tenant, p_conversation, p_staff, CASE WHEN p_problem = '' THEN 'completed' ELSE 'ended' END, p_problem);
END $$;

-- How the line of a talk stands: whose sound does not come, whether its agent is muted, whether it is parked; with a step on the path.
CREATE OR REPLACE FUNCTION voice_keep_line(p_tenant int, p_conversation uuid, p_staff uuid, p_silent text, p_muted boolean, p_orbit int,
    p_until timestamptz, p_step text, p_data jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('callcart.tenant', p_tenant::text, true);
  UPDATE voice_call SET silent = p_silent, muted = p_muted, orbit = p_orbit, parked_until = p_until
    WHERE conversation_id = p_conversation AND ended_at IS NULL;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  PERFORM conversations_add_step(p_tenant, p_conversation, p_step, p_staff, p_data);
  PERFORM core_emit(p_tenant, 'call.line', 'conversation', p_conversation, p_staff, 'board', jsonb_build_object(
    'conversation_id', p_conversation, 'staff_id', p_staff, 'silent', p_silent, 'muted', p_muted, 'orbit', p_orbit));
  IF p_step IN ('park.over', 'park.taken') THEN
    PERFORM core_emit(p_tenant, 'call.parked', 'conversation', p_conversation, p_staff, 'staff', jsonb_build_object('orbit', NULL));
  END IF;
END $$;

-- Park a talk by the lowest number that is free, one shop's after the other; null where all are taken. Asked again, the same.
CREATE OR REPLACE FUNCTION voice_park(p_tenant int, p_conversation uuid, p_staff uuid, p_until timestamptz) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  v_orbit int;
BEGIN
  PERFORM set_config('callcart.tenant', p_tenant::text, true);
  PERFORM pg_advisory_xact_lock(7110, p_tenant);
  SELECT n INTO v_orbit FROM generate_series(701, 799) AS n
   WHERE NOT EXISTS (SELECT 1 FROM voice_call c WHERE c.tenant_id = p_tenant AND c.orbit = n AND c.ended_at IS NULL
                       AND c.conversation_id <> p_conversation)
   ORDER BY n LIMIT 1;
  IF v_orbit IS NULL THEN
    RETURN NULL;
  END IF;
  UPDATE voice_call SET orbit = v_orbit, parked_until = p_until WHERE conversation_id = p_conversation AND ended_at IS NULL;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  PERFORM conversations_add_step(p_tenant, p_conversation, 'call.parked', p_staff, jsonb_build_object('orbit', v_orbit));
  PERFORM core_emit(p_tenant, 'call.line', 'conversation', p_conversation, p_staff, 'board',
    jsonb_build_object('conversation_id', p_conversation, 'staff_id', p_staff, 'orbit', v_orbit));
  PERFORM core_emit(p_tenant, 'call.parked', 'conversation', p_conversation, p_staff, 'staff', jsonb_build_object('orbit', v_orbit));
  RETURN v_orbit;
END $$;
