-- Callbacks: what moves one together with its conversation and its place in the queue, each in one transaction. Locks are taken in the
-- order callback, ticket, agent; whoever looks for what is owed to a number holds that number (callbacks_hold) or the rows it has.

-- Whoever makes or looks for callbacks of a number does so one after the other.
CREATE OR REPLACE FUNCTION callbacks_hold(p_tenant int, p_number text) RETURNS void LANGUAGE sql AS $$
  SELECT pg_advisory_xact_lock(7108, hashtext(p_tenant || ' ' || p_number))
$$;

-- The place somebody has who hangs up and is to be called back; the wait ends with it. `problem`: none (it does not wait), answered (somebody
-- has it, or is just being rung for it).
CREATE OR REPLACE FUNCTION callbacks_leave(p_tenant int, p_conversation uuid, OUT queue_id uuid, OUT since timestamptz, OUT problem text)
LANGUAGE plpgsql AS $$
DECLARE
  c routing_ticket;
BEGIN
  PERFORM acd_enter(p_tenant);
  SELECT * INTO c FROM routing_ticket WHERE conversation_id = p_conversation FOR UPDATE;
  IF NOT FOUND OR c.state <> 'waiting' THEN
    problem := CASE WHEN c.conversation_id IS NULL THEN 'none' ELSE 'answered' END;
    RETURN;
  END IF;
  queue_id := c.queue_id;
  since := c.enqueued_at;
  problem := '';
  PERFORM acd_finish(p_tenant, p_conversation, 'callback');
END $$;

CREATE OR REPLACE FUNCTION callbacks_tell(p_tenant int, p_callback uuid, p_owner uuid, p_queue uuid, p_state text) RETURNS void LANGUAGE sql AS $$
  SELECT core_emit(p_tenant, 'callback.changed', 'callback', p_callback, p_owner, 'staff',
                   jsonb_build_object('callback_id', p_callback, 'queue_id', p_queue, 'state', p_state))
$$;

-- The turn of a callback: an attempt begins to wait in its queue, from the first place on; for p_sticky alone first. Nothing where it is not
-- scheduled any more.
CREATE OR REPLACE FUNCTION callbacks_begin(p_tenant int, p_callback uuid, p_conversation uuid, p_number text, p_recording text, p_longest int,
    p_sticky uuid, p_sticky_s int) RETURNS acd_hit LANGUAGE plpgsql AS $$
DECLARE
  b callbacks_callback;
  way record;
BEGIN
  PERFORM acd_enter(p_tenant);
  SELECT * INTO b FROM callbacks_callback WHERE id = p_callback AND state = 'scheduled' FOR UPDATE;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  PERFORM conversations_open(p_tenant, p_conversation, p_number, 'voice', b.number, b.number, b.shown, b.language, b.customer_id);
  PERFORM conversations_add_step(p_tenant, p_conversation, 'callback.begun', NULL, jsonb_build_object('callback_id', b.id));
  PERFORM voice_owe(p_tenant, p_conversation, 'waiting', jsonb_build_object('calls_back', 'agent', 'longest', p_longest), p_recording);
  UPDATE callbacks_callback SET state = 'waiting', conversation_id = p_conversation, changed_at = clock_timestamp() WHERE id = b.id;
  PERFORM callbacks_tell(p_tenant, b.id, b.owner_id, b.queue_id, 'waiting');
  way := voice_way(p_tenant, p_conversation, b.language, b.queue_id);
  RETURN acd_enqueue(p_tenant, p_conversation, coalesce(way.queue_id, b.queue_id), 0::smallint, array_remove(ARRAY[way.skill], NULL), 0,
                     p_sticky, p_sticky_s, b.since);
END $$;

-- The turn of a callback whose customer is called first: the number is dialled, and who answers waits at the old place. False: not its turn, for
-- somebody waits longer, or as many are being called as agents are free.
CREATE OR REPLACE FUNCTION callbacks_call(p_tenant int, p_callback uuid, p_conversation uuid, p_number text, p_recording text, p_longest int)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  b callbacks_callback;
  v_free int;
BEGIN
  PERFORM acd_enter(p_tenant);
  SELECT * INTO b FROM callbacks_callback WHERE id = p_callback AND state = 'scheduled' FOR UPDATE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM pg_advisory_xact_lock(7109, hashtext(b.queue_id::text));   -- the free ones are shared out one by one
  IF EXISTS (SELECT 1 FROM routing_lane l JOIN routing_ticket t ON t.lane_id = l.id AND t.state = 'waiting'
              WHERE l.queue_id = b.queue_id AND l.channel = 0 AND t.enqueued_at < b.since) THEN
    RETURN false;
  END IF;
  SELECT count(DISTINCT a.id) INTO v_free FROM routing_profilequeue pq JOIN routing_crew c ON c.profile_id = pq.profile_id
    JOIN routing_agent a ON a.crew_id = c.id AND a.takes_voice WHERE pq.queue_id = b.queue_id;
  IF v_free <= (SELECT count(*) FROM callbacks_callback x JOIN conversations_conversation v ON v.id = x.conversation_id
                 WHERE x.queue_id = b.queue_id AND x.state = 'calling' AND v.state = 'new') THEN
    RETURN false;
  END IF;
  PERFORM conversations_open(p_tenant, p_conversation, p_number, 'voice', b.number, b.number, b.shown, b.language, b.customer_id);
  PERFORM conversations_add_step(p_tenant, p_conversation, 'callback.begun', NULL, jsonb_build_object('callback_id', b.id));
  PERFORM voice_owe(p_tenant, p_conversation, 'dialling',
            jsonb_build_object('calls_back', 'customer', 'queue', b.queue_id, 'longest', p_longest), p_recording);
  UPDATE callbacks_callback SET state = 'calling', conversation_id = p_conversation, changed_at = clock_timestamp() WHERE id = b.id;
  PERFORM callbacks_tell(p_tenant, b.id, b.owner_id, b.queue_id, 'calling');
  RETURN true;
END $$;

-- Stop what waits for a callback that somebody else sees to now. False: an agent has it, and it goes on. The caller holds the callback.
CREATE OR REPLACE FUNCTION callbacks_stop(p_tenant int, p_callback uuid) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  v_attempt uuid;
BEGIN
  PERFORM acd_enter(p_tenant);
  SELECT conversation_id INTO v_attempt FROM callbacks_callback WHERE id = p_callback AND state = 'waiting';
  IF v_attempt IS NULL THEN
    RETURN true;
  END IF;
  IF NOT voice_let_go(p_tenant, v_attempt) THEN
    RETURN false;
  END IF;
  UPDATE callbacks_callback SET state = 'scheduled', conversation_id = NULL, changed_at = clock_timestamp() WHERE id = p_callback;
  RETURN true;
END $$;

-- The place kept for one who comes to wait (`voice_since` of voice): the first one of what is owed to the number in this queue. He is here himself
-- then: nobody calls him meanwhile, whatever the queue. Of an attempt that is his own call it is its place.
CREATE OR REPLACE FUNCTION voice_since(p_tenant int, p_conversation uuid, p_queue uuid) RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE
  b callbacks_callback;
  v_number text;
  v_since timestamptz;
BEGIN
  SELECT since INTO v_since FROM callbacks_callback WHERE conversation_id = p_conversation AND state = 'calling';
  IF FOUND THEN
    RETURN v_since;
  END IF;
  SELECT caller_e164 INTO v_number FROM conversations_conversation WHERE id = p_conversation AND direction = 'inbound' AND channel = 'voice';
  IF coalesce(v_number, '') = '' THEN
    RETURN NULL;
  END IF;
  FOR b IN SELECT * FROM callbacks_callback WHERE tenant_id = p_tenant AND number = v_number AND state IN ('scheduled', 'waiting', 'calling')
              AND (owner_id IS NULL OR state <> 'scheduled') ORDER BY id FOR UPDATE LOOP
    IF b.queue_id = p_queue THEN
      v_since := least(v_since, b.since);
    END IF;
    IF b.state <> 'calling' AND callbacks_stop(p_tenant, b.id) THEN
      UPDATE callbacks_callback SET state = 'here', came_id = p_conversation, conversation_id = NULL, changed_at = clock_timestamp() WHERE id = b.id;
      PERFORM callbacks_tell(p_tenant, b.id, b.owner_id, b.queue_id, 'here');
    ELSE   -- his own telephone rings, or will in a moment
      UPDATE callbacks_callback SET state = 'calling', came_id = p_conversation, changed_at = clock_timestamp() WHERE id = b.id;
    END IF;
    PERFORM conversations_add_step(p_tenant, p_conversation, 'callback.came', NULL, jsonb_build_object('callback_id', b.id));
  END LOOP;
  RETURN v_since;
END $$;
