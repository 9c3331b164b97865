-- Transfers, taken into functions.sql. A talk moves to a second agent by way of a *consult*: he is offered it while the first one still has
-- it, his load counts from the offer on, and he takes it over or is let go. So a talk always has an agent, whatever dies in between.
-- Whoever holds a talk here holds its ticket, then its agents, the lower id first.

-- How often a conversation has been passed on; a chain of transfers has an end.
CREATE FUNCTION acd_transfers(p_conversation uuid) RETURNS int LANGUAGE sql STABLE AS $$
  SELECT count(*)::int FROM conversations_step
   WHERE conversation_id = p_conversation AND kind IN ('transfer.completed', 'transfer.queue', 'transfer.menu')
$$;

-- Lock a talk by telephone, its agents and one more; all empty where nobody talks.
CREATE FUNCTION acd_hold_talk(p_conversation uuid, p_other int DEFAULT NULL) RETURNS routing_ticket LANGUAGE plpgsql AS $$
DECLARE
  c routing_ticket;
BEGIN
  SELECT * INTO c FROM routing_ticket WHERE conversation_id = p_conversation AND state = 'active' AND channel = 0 FOR UPDATE;
  IF FOUND THEN
    PERFORM 1 FROM routing_agent WHERE id IN (c.agent_id, c.helper_id, p_other) ORDER BY id FOR NO KEY UPDATE;
  END IF;
  RETURN c;
END $$;

CREATE FUNCTION acd_is_with(c routing_ticket, p_staff uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM routing_agent WHERE id = c.agent_id AND staff_id = p_staff)
$$;

-- Why this agent may not pass on a talk that the caller holds: gone (it is not his), limit; empty where he may.
CREATE FUNCTION acd_not_passed(c routing_ticket, p_staff uuid, p_most int) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN c.conversation_id IS NULL OR NOT acd_is_with(c, p_staff) THEN 'gone'
              WHEN acd_transfers(c.conversation_id) >= p_most THEN 'limit' ELSE '' END
$$;

-- Offer a talk to a second agent beside the first. `problem`: gone (not this agent's talk, or one is asked already), limit, busy.
CREATE FUNCTION acd_consult(p_tenant int, p_conversation uuid, p_staff uuid, p_to uuid, p_most int,
                            OUT offer_id uuid, OUT problem text) LANGUAGE plpgsql AS $$
DECLARE
  c routing_ticket;
  v_to int;
  v_expires timestamptz;
BEGIN
  PERFORM acd_enter(p_tenant);
  SELECT id INTO v_to FROM routing_agent WHERE staff_id = p_to;
  c := acd_hold_talk(p_conversation, v_to);
  problem := CASE WHEN c.helper_id IS NOT NULL THEN 'gone' ELSE acd_not_passed(c, p_staff, p_most) END;
  IF problem = '' AND (v_to IS NULL OR v_to = c.agent_id OR NOT (SELECT takes_voice FROM routing_agent WHERE id = v_to)) THEN
    problem := 'busy';
  END IF;
  IF problem <> '' THEN
    RETURN;
  END IF;
  offer_id := acd_new_id();
  v_expires := clock_timestamp() + make_interval(secs => (SELECT ring_s FROM routing_queue WHERE id = c.queue_id));
  UPDATE routing_ticket SET helper_id = v_to WHERE conversation_id = p_conversation;
  UPDATE routing_agent SET ringing = ringing + 1, load_voice = load_voice + 1 WHERE id = v_to;
  INSERT INTO routing_offer (id, tenant_id, conversation_id, agent_id, staff_id, queue_id, channel, enqueued_at, expires_at, purpose)
    VALUES (offer_id, p_tenant, p_conversation, v_to, p_to, c.queue_id, 0, clock_timestamp(), v_expires, 'consult');
  PERFORM conversations_add_step(p_tenant, p_conversation, 'consult.offered', p_to,
                                 jsonb_build_object('offer_id', offer_id, 'from', p_staff));
  PERFORM core_emit(p_tenant, 'offer.made', 'conversation', p_conversation, p_to, 'one', jsonb_build_object(
            'conversation_id', p_conversation, 'staff_id', p_to, 'offer_id', offer_id, 'queue_id', c.queue_id,
            'expires_at', v_expires, 'purpose', 'consult'));
END $$;

-- The second agent answers. False: he is not asked any more.
CREATE FUNCTION acd_consult_answered(p_tenant int, p_conversation uuid, p_to uuid) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  c routing_ticket;
  o routing_offer;
BEGIN
  PERFORM acd_enter(p_tenant);
  c := acd_hold_talk(p_conversation);
  IF c.helper_id IS NULL OR NOT EXISTS (SELECT 1 FROM routing_agent WHERE id = c.helper_id AND staff_id = p_to) THEN
    RETURN false;
  END IF;
  o := acd_end_offer(p_tenant, p_conversation, 'accepted');
  IF o.id IS NULL THEN
    RETURN false;
  END IF;
  UPDATE routing_agent SET ringing = ringing - 1 WHERE id = c.helper_id;
  PERFORM conversations_add_step(p_tenant, p_conversation, 'consult.answered', p_to, NULL);
  RETURN true;
END $$;

-- Let the second agent of a talk go; the caller holds the ticket, and this agent. One who was asked and did not answer is paused.
CREATE FUNCTION acd_drop_helper(p_tenant int, c routing_ticket, p_state text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  o routing_offer;
BEGIN
  IF c.helper_id IS NULL THEN
    RETURN;
  END IF;
  UPDATE routing_ticket SET helper_id = NULL WHERE conversation_id = c.conversation_id;
  o := acd_end_offer(p_tenant, c.conversation_id, p_state);
  PERFORM acd_release(c.helper_id, 0::smallint, o.id IS NOT NULL, 0, NULL, CASE
            WHEN o.id IS NULL OR p_state IN ('withdrawn', 'returned') THEN ''
            WHEN p_state = 'timed_out' THEN 'no_answer' ELSE p_state END);
  PERFORM conversations_add_step(p_tenant, c.conversation_id, 'consult.ended',
            (SELECT staff_id FROM routing_agent WHERE id = c.helper_id),
            jsonb_build_object('reason', CASE WHEN o.id IS NULL THEN '' ELSE p_state END));
END $$;

-- The consult is over: given up (withdrawn), or not answered (timed_out, rejected, unreachable). p_offer: of this offer only, while it rings.
CREATE FUNCTION acd_consult_end(p_tenant int, p_conversation uuid, p_state text, p_offer uuid DEFAULT NULL) RETURNS acd_hit
LANGUAGE plpgsql AS $$
DECLARE
  c routing_ticket;
BEGIN
  PERFORM acd_enter(p_tenant);
  c := acd_hold_talk(p_conversation);
  IF c.helper_id IS NULL OR (p_offer IS NOT NULL AND NOT EXISTS (
       SELECT 1 FROM routing_offer WHERE id = p_offer AND conversation_id = p_conversation AND state = 'live')) THEN
    RETURN NULL;
  END IF;
  PERFORM acd_drop_helper(p_tenant, c, p_state);
  RETURN acd_use_agent(p_tenant, c.helper_id);
END $$;

-- The second agent has the talk from now on; the first has wrap-up. `done` false: nobody has answered there (any more).
CREATE FUNCTION acd_consult_complete(p_tenant int, p_conversation uuid, OUT conversation_id uuid, OUT staff_id uuid, OUT offer_id uuid,
    OUT waiting uuid[], OUT free int[], OUT done boolean) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  c routing_ticket;
  r acd_hit;
  v_from uuid;
  v_to uuid;
BEGIN
  PERFORM acd_enter(p_tenant);
  done := false;
  c := acd_hold_talk(p_conversation);
  IF c.helper_id IS NULL OR EXISTS (SELECT 1 FROM routing_offer o WHERE o.conversation_id = p_conversation AND o.state = 'live') THEN
    RETURN;
  END IF;
  SELECT a.staff_id INTO v_from FROM routing_agent a WHERE a.id = c.agent_id;
  SELECT a.staff_id INTO v_to FROM routing_agent a WHERE a.id = c.helper_id;
  done := conversations_hand_over(p_tenant, p_conversation, v_from, v_to, 'transfer.completed');
  IF NOT done THEN
    RETURN;
  END IF;
  UPDATE routing_ticket t SET agent_id = c.helper_id, helper_id = NULL WHERE t.conversation_id = p_conversation;
  PERFORM acd_release(c.agent_id, 0::smallint, false, (SELECT wrap_s FROM routing_queue WHERE id = c.queue_id), p_conversation, '');
  r := acd_use_agent(p_tenant, c.agent_id);
  conversation_id := r.conversation_id; staff_id := r.staff_id; offer_id := r.offer_id; waiting := r.waiting; free := r.free;
END $$;

-- A talk goes to a queue: its customer keeps the time of arrival, so nobody who came later is served before. `problem`: gone, limit.
CREATE FUNCTION acd_to_queue(p_tenant int, p_conversation uuid, p_staff uuid, p_queue uuid, p_most int, OUT conversation_id uuid,
    OUT staff_id uuid, OUT offer_id uuid, OUT waiting uuid[], OUT free int[], OUT problem text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  c routing_ticket;
  q routing_queue;
  r acd_hit;
  v_need text[];
  v_lane bigint;
  v_helper int;
  v_steps jsonb;
  v_wrap int;
BEGIN
  PERFORM acd_enter(p_tenant);
  q := acd_queue(p_queue);
  -- Lanes first: making one waits for the set-up, which may wait for an agent.
  SELECT l.need INTO v_need FROM routing_ticket t JOIN routing_lane l ON l.id = t.lane_id WHERE t.conversation_id = p_conversation;
  v_need := coalesce(v_need, '{}');
  v_lane := acd_lane_after(p_tenant, q, 0::smallint, v_need, 0);
  v_steps := acd_widening(p_tenant, q, 0::smallint, v_need);
  c := acd_hold_talk(p_conversation);
  problem := acd_not_passed(c, p_staff, p_most);
  IF problem <> '' THEN
    RETURN;
  END IF;
  v_helper := c.helper_id;
  PERFORM acd_drop_helper(p_tenant, c, 'withdrawn');
  v_steps := acd_steps_from_now(v_steps, c.enqueued_at);
  UPDATE routing_ticket t SET state = 'waiting', agent_id = NULL, queue_id = p_queue, lane_id = v_lane, steps = v_steps,
      position = acd_position(acd_priority(q, p_conversation), c.enqueued_at),
      next_at = c.enqueued_at + make_interval(secs => (v_steps -> 0 ->> 'after')::float)
    WHERE t.conversation_id = p_conversation;
  PERFORM conversations_keep_draft(p_tenant, p_conversation, p_staff);
  PERFORM conversations_move(p_tenant, p_conversation, 'waiting', 'transfer.queue', p_staff, p_queue, '',
                             jsonb_build_object('queue_id', p_queue));
  SELECT wrap_s INTO v_wrap FROM routing_queue WHERE id = c.queue_id;
  PERFORM acd_release(c.agent_id, 0::smallint, false, v_wrap, p_conversation, '');
  PERFORM core_emit(p_tenant, 'queue.changed', 'queue', p_queue, NULL, 'board', jsonb_build_object('queue_id', p_queue));
  r := acd_match_ticket(p_tenant, p_conversation, v_lane, 0::smallint);
  conversation_id := r.conversation_id; staff_id := r.staff_id; offer_id := r.offer_id; waiting := r.waiting;
  free := r.free || v_helper || CASE WHEN v_wrap = 0 THEN c.agent_id END;
  free := array_remove(free, NULL);
END $$;

-- A talk goes back to the menu: nobody has it, and it will wait anew where the caller asks for a person again.
CREATE FUNCTION acd_to_menu(p_tenant int, p_conversation uuid, p_staff uuid, p_most int, OUT conversation_id uuid,
    OUT staff_id uuid, OUT offer_id uuid, OUT waiting uuid[], OUT free int[], OUT problem text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  c routing_ticket;
  v_wrap int;
BEGIN
  PERFORM acd_enter(p_tenant);
  c := acd_hold_talk(p_conversation);
  problem := acd_not_passed(c, p_staff, p_most);
  IF problem <> '' THEN
    RETURN;
  END IF;
  PERFORM acd_drop_helper(p_tenant, c, 'withdrawn');
  DELETE FROM routing_ticket t WHERE t.conversation_id = p_conversation;
  PERFORM conversations_keep_draft(p_tenant, p_conversation, p_staff);
  PERFORM conversations_move(p_tenant, p_conversation, 'ivr', 'transfer.menu', p_staff, NULL, '', NULL);
  SELECT wrap_s INTO v_wrap FROM routing_queue WHERE id = c.queue_id;
  PERFORM acd_release(c.agent_id, 0::smallint, false, v_wrap, p_conversation, '');
  free := array_remove(ARRAY[c.helper_id, CASE WHEN v_wrap = 0 THEN c.agent_id END], NULL);
END $$;

-- A talk that an agent begins himself, by calling out: his from the first moment. `problem`: not_agent, offline, busy, no_queue.
CREATE FUNCTION acd_begin(p_tenant int, p_conversation uuid, p_staff uuid, OUT problem text) LANGUAGE plpgsql AS $$
DECLARE
  a routing_agent;
  t timestamptz := clock_timestamp();
  v_queue uuid;
  v_lane bigint;
BEGIN
  PERFORM acd_enter(p_tenant);
  SELECT q.id INTO v_queue FROM routing_agent g JOIN routing_crew c ON c.id = g.crew_id
    JOIN routing_profilequeue pq ON pq.profile_id = c.profile_id JOIN routing_queue q ON q.id = pq.queue_id AND q.is_active
   WHERE g.staff_id = p_staff ORDER BY pq.level, q.priority DESC, q.code LIMIT 1;
  IF v_queue IS NOT NULL THEN
    v_lane := acd_lane(p_tenant, v_queue, 0::smallint, '{}', 9::smallint);
  END IF;
  SELECT * INTO a FROM routing_agent WHERE staff_id = p_staff FOR NO KEY UPDATE;
  problem := CASE
    WHEN a.id IS NULL THEN 'not_agent'
    WHEN a.state = 'offline' THEN 'offline'
    WHEN a.load_voice >= a.cap_voice OR a.ringing > 0 OR a.wrap_until IS NOT NULL THEN 'busy'
    WHEN v_queue IS NULL THEN 'no_queue'
    ELSE '' END;
  IF problem <> '' THEN
    RETURN;
  END IF;
  INSERT INTO routing_ticket (conversation_id, tenant_id, queue_id, channel, state, lane_id, position, enqueued_at, agent_id)
    SELECT p_conversation, p_tenant, q.id, 0, 'active', v_lane, acd_position(q.priority, t), t, a.id
      FROM routing_queue q WHERE q.id = v_queue;
  UPDATE routing_agent SET load_voice = load_voice + 1 WHERE id = a.id;
  PERFORM conversations_move(p_tenant, p_conversation, 'active', 'dial.begun', p_staff, v_queue, '', NULL);
END $$;

-- The wrap-up of an agent is over: his conversation is closed with it, unless it goes on with somebody else.
CREATE FUNCTION acd_end_wrap(p_tenant int, p_conversation uuid, p_kind text, p_staff uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM conversations_conversation WHERE id = p_conversation AND state = 'wrap_up' AND agent_id = p_staff) THEN
    PERFORM conversations_move(p_tenant, p_conversation, 'closed', p_kind, p_staff, NULL, '', NULL);
  END IF;
END $$;
