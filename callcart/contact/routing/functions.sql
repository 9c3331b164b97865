-- Routing inside PostgreSQL. One call = one transaction = one round trip. Rules (docs/contact.md tells them at length):
--   * Each entry function names its tenant first, so row-level security holds in everything below it.
--   * Lock order: ticket, conversation, agent; of two agents the lower id first. Whoever holds an agent takes a ticket only by SKIP LOCKED, so blocking
--     waits only ever go ticket -> agent, and there is no cycle.
--   * A transaction that leaves an agent free or a conversation waiting says so in its answer (`free`, `waiting`); the
--     caller must probe once more after the commit (acd_recheck_*), because two such commits may not see each other.
--   * Find without lock, lock the one row, test again; on a miss add it to `tried` and look again.
--   * READ COMMITTED only: each statement must see what was committed before it.
-- This file drops and makes again all functions that are its own, in one transaction.

DO $$
DECLARE
  item record;
BEGIN
  FOR item IN SELECT p.oid::regprocedure AS name FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
               WHERE n.nspname = 'public' AND p.proname LIKE 'acd\_%' LOOP
    EXECUTE format('DROP FUNCTION IF EXISTS %s CASCADE', item.name);
  END LOOP;
  IF to_regtype('acd_hit') IS NULL THEN   -- functions of channels answer it too: a change of its fields is a migration
    CREATE TYPE acd_hit AS (conversation_id uuid, staff_id uuid, offer_id uuid, waiting uuid[], free int[]);
  END IF;
END $$;

-- Names the tenant; bounds every wait for a lock; refuses a transaction in which matching would be wrong.
CREATE FUNCTION acd_enter(p_tenant int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('callcart.tenant', p_tenant::text, true), set_config('lock_timeout', '4s', true);
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'routing needs READ COMMITTED' USING ERRCODE = 'invalid_transaction_state';
  END IF;
END $$;

-- A queue in use. CC404: there is none.
CREATE FUNCTION acd_queue(p_queue uuid) RETURNS routing_queue LANGUAGE plpgsql STABLE AS $$
DECLARE
  q routing_queue;
BEGIN
  SELECT * INTO q FROM routing_queue WHERE id = p_queue AND is_active;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no such queue' USING ERRCODE = 'CC404';
  END IF;
  RETURN q;
END $$;

-- A UUID version 7 (RFC 9562).
CREATE FUNCTION acd_new_id() RETURNS uuid LANGUAGE sql VOLATILE AS $$
  SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
           PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
           52, 1), 53, 1), 'hex')::uuid
$$;

-- Any change of what an agent is doing: the stretch before it goes to history, the board is told.
CREATE FUNCTION acd_agent_shown() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  v_shown text := CASE
    WHEN NEW.ringing > 0 THEN 'ringing'
    WHEN NEW.load_voice > 0 THEN 'talking'
    WHEN NEW.wrap_until IS NOT NULL THEN 'wrap_up'
    ELSE NEW.state END;
  t timestamptz;
BEGIN
  IF v_shown = OLD.shown AND NEW.reason = OLD.reason THEN
    RETURN NEW;
  END IF;
  t := clock_timestamp();
  NEW.shown := v_shown;
  NEW.shown_since := t;
  INSERT INTO routing_agenthistory (tenant_id, staff_id, state, reason, started_at, ended_at)
    VALUES (NEW.tenant_id, NEW.staff_id, OLD.shown,
            CASE WHEN OLD.shown IN ('paused', 'offline') THEN OLD.reason ELSE '' END, OLD.shown_since, t);
  INSERT INTO core_event (tenant_id, kind, subject_kind, subject_id, staff_id, audience, data)
    VALUES (NEW.tenant_id, 'agent.state', 'staff', NEW.staff_id, NEW.staff_id, 'board',
            jsonb_build_object('staff_id', NEW.staff_id, 'state', v_shown, 'reason', NEW.reason, 'since', t,
                               'wrap_until', NEW.wrap_until, 'conversation_id', NEW.wrap_conversation_id));
  RETURN NEW;
END $$;
CREATE TRIGGER acd_agent_shown BEFORE UPDATE ON routing_agent FOR EACH ROW EXECUTE FUNCTION acd_agent_shown();

-- ---------------------------------------------------------------------------------------------------------------- finding

-- The channels an agent has room on.
CREATE FUNCTION acd_room(a routing_agent) RETURNS smallint[] LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN a.takes_voice THEN '{0}'::smallint[] ELSE '{}' END || CASE WHEN a.takes_chat THEN '{1}'::smallint[] ELSE '{}' END
      || CASE WHEN a.takes_mail THEN '{2}'::smallint[] ELSE '{}' END || CASE WHEN a.takes_sms THEN '{3}'::smallint[] ELSE '{}' END
$$;

CREATE FUNCTION acd_has_room(p_agent int) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT acd_room(a) <> '{}' FROM routing_agent a WHERE a.id = p_agent
$$;

-- The best waiting conversation of an agent: one index head for each lane he serves. Read only.
CREATE FUNCTION acd_peek_agent(p_agent int, p_tried uuid[] DEFAULT '{}') RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  v_crew int;
  v_room smallint[];
  v_found uuid;
BEGIN
  SELECT a.crew_id, acd_room(a) INTO v_crew, v_room FROM routing_agent a WHERE a.id = p_agent;
  IF v_room IS NULL OR v_room = '{}' THEN
    RETURN NULL;
  END IF;
  SELECT x.conversation_id INTO v_found
    FROM (SELECT lc.lane_id FROM routing_lanecrew lc WHERE lc.crew_id = v_crew AND lc.channel = ANY (v_room)
          UNION ALL
          SELECT -(p_agent::bigint * 4 + ch) FROM unnest(v_room) ch) l
   CROSS JOIN LATERAL (
          SELECT w.conversation_id, w.position FROM routing_ticket w
           WHERE w.lane_id = l.lane_id AND w.state = 'waiting' AND w.conversation_id <> ALL (p_tried)
           ORDER BY w.position, w.conversation_id LIMIT 1) x
   ORDER BY x.position, x.conversation_id LIMIT 1;
  RETURN v_found;
END $$;

-- The best free agent of a lane: by level, then longest idle (voice) or least loaded (others). One copy for each channel:
-- a partial index needs a constant predicate. Read only.
CREATE FUNCTION acd_peek_lane(p_lane bigint, p_channel smallint, p_tried int[] DEFAULT '{}') RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  v_found int;
BEGIN
  IF p_lane < 0 THEN
    SELECT a.id INTO v_found FROM routing_agent a
     WHERE a.id = ((-p_lane) / 4)::int AND p_channel = ANY (acd_room(a)) AND a.id <> ALL (p_tried);
    RETURN v_found;
  END IF;
  CASE p_channel
    WHEN 0 THEN
      SELECT x.id INTO v_found FROM routing_lanecrew lc CROSS JOIN LATERAL (
          SELECT a.id, a.free_since FROM routing_agent a
           WHERE a.crew_id = lc.crew_id AND a.takes_voice AND a.id <> ALL (p_tried)
           ORDER BY a.free_since, a.id LIMIT 1) x
       WHERE lc.lane_id = p_lane ORDER BY lc.level, x.free_since, x.id LIMIT 1;
    WHEN 1 THEN
      SELECT x.id INTO v_found FROM routing_lanecrew lc CROSS JOIN LATERAL (
          SELECT a.id, a.load_chat, a.free_since FROM routing_agent a
           WHERE a.crew_id = lc.crew_id AND a.takes_chat AND a.id <> ALL (p_tried)
           ORDER BY a.load_chat, a.free_since, a.id LIMIT 1) x
       WHERE lc.lane_id = p_lane ORDER BY lc.level, x.load_chat, x.free_since, x.id LIMIT 1;
    WHEN 2 THEN
      SELECT x.id INTO v_found FROM routing_lanecrew lc CROSS JOIN LATERAL (
          SELECT a.id, a.load_mail, a.free_since FROM routing_agent a
           WHERE a.crew_id = lc.crew_id AND a.takes_mail AND a.id <> ALL (p_tried)
           ORDER BY a.load_mail, a.free_since, a.id LIMIT 1) x
       WHERE lc.lane_id = p_lane ORDER BY lc.level, x.load_mail, x.free_since, x.id LIMIT 1;
    ELSE
      SELECT x.id INTO v_found FROM routing_lanecrew lc CROSS JOIN LATERAL (
          SELECT a.id, a.load_sms, a.free_since FROM routing_agent a
           WHERE a.crew_id = lc.crew_id AND a.takes_sms AND a.id <> ALL (p_tried)
           ORDER BY a.load_sms, a.free_since, a.id LIMIT 1) x
       WHERE lc.lane_id = p_lane ORDER BY lc.level, x.load_sms, x.free_since, x.id LIMIT 1;
  END CASE;
  RETURN v_found;
END $$;

-- ---------------------------------------------------------------------------------------------------------------- matching

-- Offer an agent his best waiting conversation. The caller holds the agent's row. Never waits for a ticket.
CREATE FUNCTION acd_match_agent(p_tenant int, p_agent int) RETURNS acd_hit LANGUAGE plpgsql AS $$
DECLARE
  r acd_hit;
  c routing_ticket;
  v_id uuid;
  v_tried uuid[] := '{}';
  v_staff uuid;
  v_ring int;
  v_expires timestamptz;
BEGIN
  SELECT staff_id INTO v_staff FROM routing_agent WHERE id = p_agent;
  LOOP
    v_id := acd_peek_agent(p_agent, v_tried);
    IF v_id IS NULL THEN
      RETURN r;
    END IF;
    SELECT * INTO c FROM routing_ticket WHERE conversation_id = v_id AND state = 'waiting' FOR NO KEY UPDATE SKIP LOCKED;
    IF FOUND AND (c.lane_id / -4 = p_agent OR EXISTS (   -- it may have changed lanes between the look and the lock
         SELECT 1 FROM routing_lanecrew lc JOIN routing_agent a ON a.crew_id = lc.crew_id
          WHERE lc.lane_id = c.lane_id AND a.id = p_agent)) THEN
      r.offer_id := acd_new_id();
      EXIT WHEN conversations_move(p_tenant, v_id, 'offered', 'offer.made', v_staff, c.queue_id, '',
                                   jsonb_build_object('offer_id', r.offer_id));
      DELETE FROM routing_ticket WHERE conversation_id = v_id;   -- the conversation was ended elsewhere: a dead ticket
      r.offer_id := NULL;
    ELSE
      v_tried := v_tried || v_id;
    END IF;
  END LOOP;
  SELECT ring_s INTO v_ring FROM routing_queue WHERE id = c.queue_id;
  v_expires := clock_timestamp() + make_interval(secs => v_ring);
  UPDATE routing_ticket SET state = 'offered', agent_id = p_agent, offers = offers + 1 WHERE conversation_id = v_id;
  UPDATE routing_agent SET ringing = ringing + 1,
      load_voice = load_voice + (c.channel = 0)::int, load_chat = load_chat + (c.channel = 1)::int,
      load_mail = load_mail + (c.channel = 2)::int, load_sms = load_sms + (c.channel = 3)::int
    WHERE id = p_agent;
  INSERT INTO routing_offer (id, tenant_id, conversation_id, agent_id, staff_id, queue_id, channel, enqueued_at, expires_at)
    VALUES (r.offer_id, p_tenant, v_id, p_agent, v_staff, c.queue_id, c.channel, c.enqueued_at, v_expires);
  INSERT INTO core_event (tenant_id, kind, subject_kind, subject_id, staff_id, audience, data) VALUES
    (p_tenant, 'offer.made', 'conversation', v_id, v_staff, 'one', jsonb_build_object('conversation_id', v_id,
       'staff_id', v_staff, 'offer_id', r.offer_id, 'queue_id', c.queue_id, 'expires_at', v_expires)),
    (p_tenant, 'queue.changed', 'queue', c.queue_id, NULL, 'board', jsonb_build_object('queue_id', c.queue_id));
  r.conversation_id := v_id;
  r.staff_id := v_staff;
  RETURN r;
END $$;

-- Find an agent for a waiting conversation whose ticket the caller holds. The agent found takes his own best one: usually
-- this, else an older one, and we look on; so nobody is overtaken. Agents only by SKIP LOCKED.
CREATE FUNCTION acd_match_ticket(p_tenant int, p_conversation uuid, p_lane bigint, p_channel smallint)
RETURNS acd_hit LANGUAGE plpgsql AS $$
DECLARE
  r acd_hit;
  v_agent int;
  v_tried int[] := '{}';
BEGIN
  LOOP
    v_agent := acd_peek_lane(p_lane, p_channel, v_tried);
    EXIT WHEN v_agent IS NULL;
    PERFORM 1 FROM routing_agent a WHERE a.id = v_agent AND p_channel = ANY (acd_room(a)) FOR NO KEY UPDATE SKIP LOCKED;
    IF FOUND THEN
      r := acd_match_agent(p_tenant, v_agent);
      IF r.conversation_id = p_conversation THEN
        RETURN r;
      END IF;
      IF r.conversation_id IS NULL THEN
        v_tried := v_tried || v_agent;   -- lanes changed in between
      END IF;
    ELSE
      v_tried := v_tried || v_agent;
    END IF;
  END LOOP;
  r := NULL;
  r.waiting := ARRAY[p_conversation];
  RETURN r;
END $$;

-- After a change to an agent whose row the caller holds: offer him something, and say whether he is free for (something more).
CREATE FUNCTION acd_use_agent(p_tenant int, p_agent int) RETURNS acd_hit LANGUAGE plpgsql AS $$
DECLARE
  r acd_hit;
BEGIN
  IF acd_has_room(p_agent) THEN
    r := acd_match_agent(p_tenant, p_agent);
    IF r.conversation_id IS NULL OR acd_has_room(p_agent) THEN
      r.free := ARRAY[p_agent];
    END IF;
  END IF;
  RETURN r;
END $$;

-- Take a conversation off an agent (locks him): wrap-up for p_wrap seconds, or pause with a reason.
CREATE FUNCTION acd_release(p_agent int, p_channel smallint, p_rang boolean, p_wrap int, p_conversation uuid, p_pause text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE routing_agent SET
      load_voice = load_voice - (p_channel = 0)::int, load_chat = load_chat - (p_channel = 1)::int,
      load_mail = load_mail - (p_channel = 2)::int, load_sms = load_sms - (p_channel = 3)::int,
      ringing = ringing - p_rang::int,
      wrap_until = CASE WHEN p_wrap > 0 THEN clock_timestamp() + make_interval(secs => p_wrap) ELSE wrap_until END,
      wrap_conversation_id = CASE WHEN p_wrap > 0 THEN p_conversation ELSE wrap_conversation_id END,
      state = CASE WHEN p_pause <> '' AND state = 'ready' THEN 'paused' ELSE state END,
      reason = CASE WHEN p_pause <> '' AND state = 'ready' THEN p_pause ELSE reason END,
      free_since = CASE WHEN p_rang THEN free_since ELSE clock_timestamp() END   -- who only rang keeps his turn
    WHERE id = p_agent;
END $$;

-- End a live offer of a ticket the caller holds.
CREATE FUNCTION acd_end_offer(p_tenant int, p_conversation uuid, p_state text) RETURNS routing_offer LANGUAGE plpgsql AS $$
DECLARE
  o routing_offer;
BEGIN
  UPDATE routing_offer SET state = p_state, ended_at = clock_timestamp()
    WHERE conversation_id = p_conversation AND state = 'live' RETURNING * INTO o;
  IF FOUND THEN
    INSERT INTO core_event (tenant_id, kind, subject_kind, subject_id, staff_id, audience, data)
      VALUES (p_tenant, 'offer.ended', 'conversation', p_conversation, o.staff_id, 'one', jsonb_build_object(
              'conversation_id', p_conversation, 'staff_id', o.staff_id, 'offer_id', o.id, 'queue_id', o.queue_id,
              'state', p_state));
  END IF;
  RETURN o;
END $$;

-- ---------------------------------------------------------------------------------------------------------- conversations

-- The place in a queue: priority (0 to 900) first, then who came first. It changes once at most, to the front with age (acd_relax).
CREATE FUNCTION acd_position(p_priority int, p_since timestamptz) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT (900 - least(900, greatest(0, p_priority)))::bigint * 10000000000000000 + (extract(epoch FROM p_since) * 1000000)::bigint
$$;

-- A conversation begins to wait. p_sticky: wait p_sticky_s seconds for this agent alone first, where he is at work. p_since: it has a place
-- from an earlier wait.
CREATE FUNCTION acd_enqueue(p_tenant int, p_conversation uuid, p_queue uuid, p_channel smallint, p_need text[],
                            p_priority int, p_sticky uuid, p_sticky_s int, p_since timestamptz DEFAULT NULL) RETURNS acd_hit LANGUAGE plpgsql AS $$
DECLARE
  r acd_hit;
  q routing_queue;
  t timestamptz := coalesce(p_since, clock_timestamp());
  v_base bigint;
  v_lane bigint;
  v_steps jsonb;
  v_position bigint;
  v_own int;
BEGIN
  PERFORM acd_enter(p_tenant);
  q := acd_queue(p_queue);
  IF EXISTS (SELECT 1 FROM routing_ticket WHERE conversation_id = p_conversation) THEN
    RETURN r;   -- said twice
  END IF;
  v_base := acd_lane_after(p_tenant, q, p_channel, p_need, 0);
  v_lane := v_base;
  v_steps := acd_widening(p_tenant, q, p_channel, p_need);
  IF p_sticky IS NOT NULL THEN
    SELECT id INTO v_own FROM routing_agent WHERE staff_id = p_sticky AND state = 'ready';
    IF FOUND THEN
      v_lane := -(v_own::bigint * 4 + p_channel);
      v_steps := jsonb_build_array(jsonb_build_object('lane', v_base,
                   'after', coalesce(p_sticky_s, q.sticky_s) + extract(epoch FROM clock_timestamp() - t)::int)) || v_steps;
    END IF;
  END IF;
  IF NOT conversations_move(p_tenant, p_conversation, 'waiting', 'queue.entered', NULL, p_queue, '',
                            jsonb_build_object('queue_id', p_queue, 'need', p_need, 'sticky', v_lane < 0)) THEN
    IF EXISTS (SELECT 1 FROM routing_ticket WHERE conversation_id = p_conversation) THEN
      RETURN r;   -- said twice at one moment
    END IF;
    RAISE EXCEPTION 'this conversation cannot wait' USING ERRCODE = 'CC409';
  END IF;
  v_position := acd_position(acd_priority(q, p_conversation) + p_priority, t);
  INSERT INTO routing_ticket (conversation_id, tenant_id, queue_id, channel, state, lane_id, position, enqueued_at, next_at, steps)
    VALUES (p_conversation, p_tenant, p_queue, p_channel, 'waiting', v_lane, v_position, t,
            CASE WHEN v_steps <> '[]' THEN t + make_interval(secs => (v_steps -> 0 ->> 'after')::float) END,
            nullif(v_steps, '[]'));
  r := acd_match_ticket(p_tenant, p_conversation, v_lane, p_channel);
  IF r.conversation_id IS DISTINCT FROM p_conversation THEN   -- else the offer has told it
    INSERT INTO core_event (tenant_id, kind, subject_kind, subject_id, audience, data)
      VALUES (p_tenant, 'queue.changed', 'queue', p_queue, 'board', jsonb_build_object('queue_id', p_queue));
  END IF;
  RETURN r;
END $$;

-- The agent answers. False: the offer is not his any more.
CREATE FUNCTION acd_accept(p_tenant int, p_conversation uuid, p_staff uuid) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  c routing_ticket;
BEGIN
  PERFORM acd_enter(p_tenant);
  SELECT * INTO c FROM routing_ticket WHERE conversation_id = p_conversation AND state = 'offered' FOR NO KEY UPDATE;
  IF NOT FOUND OR NOT EXISTS (SELECT 1 FROM routing_agent WHERE id = c.agent_id AND staff_id = p_staff) THEN
    RETURN false;
  END IF;
  IF NOT conversations_move(p_tenant, p_conversation, 'active', 'answered', p_staff, NULL, '', NULL) THEN
    RETURN false;
  END IF;
  UPDATE routing_ticket SET state = 'active' WHERE conversation_id = p_conversation;
  UPDATE routing_agent SET ringing = ringing - 1 WHERE id = c.agent_id;
  PERFORM acd_end_offer(p_tenant, p_conversation, 'accepted');
  RETURN true;
END $$;

-- An agent takes a written conversation that waits, out of its turn. False: it does not wait any more. CC429: he has all he can have.
CREATE FUNCTION acd_take(p_tenant int, p_conversation uuid, p_staff uuid) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  c routing_ticket;
  a routing_agent;
BEGIN
  PERFORM acd_enter(p_tenant);
  SELECT * INTO c FROM routing_ticket WHERE conversation_id = p_conversation AND state = 'waiting' AND channel <> 0 FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  a := acd_lock_agent(p_staff);
  IF (CASE c.channel WHEN 1 THEN a.load_chat >= a.cap_chat WHEN 2 THEN a.load_mail >= a.cap_mail ELSE a.load_sms >= a.cap_sms END) THEN
    RAISE EXCEPTION 'no room' USING ERRCODE = 'CC429';
  END IF;
  UPDATE routing_agent SET load_chat = load_chat + (c.channel = 1)::int, load_mail = load_mail + (c.channel = 2)::int,
      load_sms = load_sms + (c.channel = 3)::int WHERE id = a.id;
  UPDATE routing_ticket SET state = 'active', agent_id = a.id, next_at = NULL, steps = NULL WHERE conversation_id = p_conversation;
  IF NOT (conversations_move(p_tenant, p_conversation, 'offered', 'taken', p_staff, NULL, '', NULL)
          AND conversations_move(p_tenant, p_conversation, 'active', 'answered', p_staff, NULL, '', NULL)) THEN
    RAISE EXCEPTION 'this conversation cannot be taken' USING ERRCODE = 'CC409';
  END IF;
  PERFORM core_emit(p_tenant, 'queue.changed', 'queue', c.queue_id, NULL, 'board', jsonb_build_object('queue_id', c.queue_id));
  RETURN true;
END $$;

-- The end, at any moment: in the menu, waiting, offered, talking. Wrap-up only after a talk. Twice does no harm.
CREATE FUNCTION acd_finish(p_tenant int, p_conversation uuid, p_reason text, p_wrap int DEFAULT NULL)
RETURNS acd_hit LANGUAGE plpgsql AS $$
DECLARE
  c routing_ticket;
  r acd_hit;
  v_wrap int := 0;
  v_staff uuid;
BEGIN
  PERFORM acd_enter(p_tenant);
  SELECT * INTO c FROM routing_ticket WHERE conversation_id = p_conversation FOR UPDATE;
  IF NOT FOUND THEN
    PERFORM 1 FROM conversations_conversation WHERE id = p_conversation FOR NO KEY UPDATE;   -- who lets it wait at this moment holds it
    IF EXISTS (SELECT 1 FROM routing_ticket WHERE conversation_id = p_conversation) THEN
      RAISE EXCEPTION 'it has begun to wait' USING ERRCODE = 'lock_not_available';   -- asked again, from the ticket on
    END IF;
    PERFORM conversations_move(p_tenant, p_conversation, 'closed', 'closed', NULL, NULL, coalesce(p_reason, 'completed'), NULL)
       FROM conversations_conversation WHERE id = p_conversation AND state NOT IN ('wrap_up', 'closed');
    RETURN NULL;
  END IF;
  IF c.helper_id IS NOT NULL THEN
    PERFORM 1 FROM routing_agent WHERE id IN (c.agent_id, c.helper_id) ORDER BY id FOR NO KEY UPDATE;
    PERFORM acd_drop_helper(p_tenant, c, 'withdrawn');
  END IF;
  DELETE FROM routing_ticket WHERE conversation_id = p_conversation;
  IF c.state = 'active' AND c.channel = 0 THEN
    v_wrap := coalesce(p_wrap, (SELECT wrap_s FROM routing_queue WHERE id = c.queue_id));
  END IF;
  IF c.agent_id IS NOT NULL THEN   -- locked before any event: ids of events then follow the commits of an agent
    SELECT staff_id INTO v_staff FROM routing_agent WHERE id = c.agent_id FOR NO KEY UPDATE;
  END IF;
  PERFORM conversations_move(p_tenant, p_conversation, CASE WHEN v_wrap > 0 THEN 'wrap_up' ELSE 'closed' END, 'ended',
            v_staff, NULL, coalesce(p_reason, CASE c.state WHEN 'active' THEN 'completed' ELSE 'abandoned' END),
            jsonb_build_object('was', c.state));
  IF c.state = 'waiting' THEN
    INSERT INTO core_event (tenant_id, kind, subject_kind, subject_id, audience, data)
      VALUES (p_tenant, 'queue.changed', 'queue', c.queue_id, 'board', jsonb_build_object('queue_id', c.queue_id));
    RETURN NULL;
  END IF;
  IF c.state = 'offered' THEN
    PERFORM acd_end_offer(p_tenant, p_conversation, 'withdrawn');
  END IF;
  PERFORM acd_release(c.agent_id, c.channel, c.state = 'offered', v_wrap, p_conversation, '');
  r := acd_use_agent(p_tenant, c.agent_id);
  IF c.helper_id IS NOT NULL THEN
    r.free := r.free || c.helper_id;   -- looked at after the commit
  END IF;
  RETURN r;
END $$;

-- Back to the same place in the queue. The caller holds the ticket. One's own agent is not waited for a second time.
CREATE FUNCTION acd_put_back(p_tenant int, c routing_ticket, p_kind text, p_reason text, p_staff uuid)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_lane bigint := c.lane_id;
  v_steps jsonb := c.steps;
BEGIN
  IF v_lane < 0 THEN
    v_lane := coalesce((v_steps -> 0 ->> 'lane')::bigint, acd_lane(p_tenant, c.queue_id, c.channel, '{}', 9::smallint));
    v_steps := nullif(v_steps - 0, '[]');
  END IF;
  UPDATE routing_ticket SET state = 'waiting', agent_id = NULL, lane_id = v_lane, steps = v_steps,
      next_at = CASE WHEN v_steps IS NOT NULL THEN enqueued_at + make_interval(secs => (v_steps -> 0 ->> 'after')::float) END
    WHERE conversation_id = c.conversation_id;
  PERFORM conversations_move(p_tenant, c.conversation_id, 'waiting', p_kind, NULL, NULL, p_reason,
                             jsonb_build_object('staff_id', p_staff, 'reason', p_reason));
  INSERT INTO core_event (tenant_id, kind, subject_kind, subject_id, audience, data)
    VALUES (p_tenant, 'queue.changed', 'queue', c.queue_id, 'board', jsonb_build_object('queue_id', c.queue_id));
  RETURN v_lane;
END $$;

-- An offer comes to nothing: the customer keeps his place, the agent is paused, somebody else is looked for.
CREATE FUNCTION acd_unoffer(p_tenant int, p_offer uuid, p_state text, p_only_expired boolean DEFAULT false)
RETURNS acd_hit LANGUAGE plpgsql AS $$
DECLARE
  c routing_ticket;
  o routing_offer;
  v_lane bigint;
BEGIN
  PERFORM acd_enter(p_tenant);
  SELECT * INTO o FROM routing_offer WHERE id = p_offer AND state = 'live';
  IF NOT FOUND OR (p_only_expired AND o.expires_at > clock_timestamp()) THEN
    RETURN NULL;
  END IF;
  IF o.purpose = 'consult' THEN
    RETURN acd_consult_end(p_tenant, o.conversation_id, p_state, p_offer);
  END IF;
  SELECT * INTO c FROM routing_ticket WHERE conversation_id = o.conversation_id AND state = 'offered' FOR NO KEY UPDATE;
  IF NOT FOUND OR NOT EXISTS (SELECT 1 FROM routing_offer WHERE id = p_offer AND state = 'live') THEN
    RETURN NULL;   -- answered, or gone, while we came
  END IF;
  v_lane := acd_put_back(p_tenant, c, 'offer.' || p_state, p_state, o.staff_id);
  PERFORM acd_end_offer(p_tenant, c.conversation_id, p_state);
  PERFORM acd_release(c.agent_id, c.channel, true, 0, NULL, CASE p_state WHEN 'timed_out' THEN 'no_answer' ELSE p_state END);
  RETURN acd_match_ticket(p_tenant, c.conversation_id, v_lane, c.channel);
END $$;

-- A talk whose agent was lost goes back to its place in the queue (or to another queue's); the agent is paused.
CREATE FUNCTION acd_requeue(p_tenant int, p_conversation uuid, p_reason text) RETURNS acd_hit LANGUAGE plpgsql AS $$
DECLARE
  c routing_ticket;
  r acd_hit;
  v_lane bigint;
  v_staff uuid;
BEGIN
  PERFORM acd_enter(p_tenant);
  SELECT * INTO c FROM routing_ticket WHERE conversation_id = p_conversation AND state = 'active' FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  PERFORM 1 FROM routing_agent WHERE id IN (c.agent_id, c.helper_id) ORDER BY id FOR NO KEY UPDATE;
  PERFORM acd_drop_helper(p_tenant, c, 'withdrawn');
  SELECT staff_id INTO v_staff FROM routing_agent WHERE id = c.agent_id;
  v_lane := acd_put_back(p_tenant, c, 'requeued', p_reason, v_staff);
  PERFORM acd_release(c.agent_id, c.channel, false, 0, NULL, p_reason);
  r := acd_match_ticket(p_tenant, p_conversation, v_lane, c.channel);
  IF c.helper_id IS NOT NULL THEN
    r.free := r.free || c.helper_id;
  END IF;
  RETURN r;
END $$;

-- A written talk is set aside: the customer is to answer, or it sleeps. Its agent has room again, nobody has it. CC409: it is not this agent's.
CREATE FUNCTION acd_set_aside(p_tenant int, p_conversation uuid, p_staff uuid, p_kind text, p_data jsonb) RETURNS acd_hit LANGUAGE plpgsql AS $$
DECLARE
  c routing_ticket;
BEGIN
  PERFORM acd_enter(p_tenant);
  SELECT * INTO c FROM routing_ticket WHERE conversation_id = p_conversation AND state = 'active' AND channel <> 0 FOR UPDATE;
  IF NOT FOUND OR NOT EXISTS (SELECT 1 FROM routing_agent WHERE id = c.agent_id AND staff_id = p_staff) THEN
    RAISE EXCEPTION 'not with this agent' USING ERRCODE = 'CC409';
  END IF;
  DELETE FROM routing_ticket WHERE conversation_id = p_conversation;
  PERFORM 1 FROM routing_agent WHERE id = c.agent_id FOR NO KEY UPDATE;
  PERFORM conversations_move(p_tenant, p_conversation, 'pending', p_kind, p_staff, NULL, '', p_data);
  PERFORM acd_release(c.agent_id, c.channel, false, 0, NULL, '');
  RETURN acd_use_agent(p_tenant, c.agent_id);
END $$;

-- Time to be less particular: to the next lane, place kept; or (`urgent`) before everything that is not as old.
CREATE FUNCTION acd_relax(p_tenant int, p_conversation uuid) RETURNS acd_hit LANGUAGE plpgsql AS $$
DECLARE
  c routing_ticket;
  v_lane bigint;
  v_rest jsonb;
  v_urgent boolean;
BEGIN
  PERFORM acd_enter(p_tenant);
  SELECT * INTO c FROM routing_ticket
    WHERE conversation_id = p_conversation AND state = 'waiting' AND next_at <= clock_timestamp() FOR NO KEY UPDATE SKIP LOCKED;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  v_lane := (c.steps -> 0 ->> 'lane')::bigint;
  v_rest := nullif(c.steps - 0, '[]');
  v_urgent := c.steps -> 0 ? 'urgent';
  UPDATE routing_ticket SET lane_id = v_lane, steps = v_rest,
      position = CASE WHEN v_urgent THEN acd_position(900, c.enqueued_at) ELSE position END,
      next_at = CASE WHEN v_rest IS NOT NULL THEN enqueued_at + make_interval(secs => (v_rest -> 0 ->> 'after')::float) END
    WHERE conversation_id = p_conversation;
  INSERT INTO conversations_step (tenant_id, conversation_id, kind, data)
    VALUES (p_tenant, p_conversation, CASE WHEN v_urgent THEN 'queue.urgent' ELSE 'queue.widened' END, jsonb_build_object('sticky', c.lane_id < 0));
  RETURN acd_match_ticket(p_tenant, p_conversation, v_lane, c.channel);
END $$;

-- --------------------------------------------------------------------------------------------------------------- transfers

-- take transfers

-- ------------------------------------------------------------------------------------------------------------------ agents

CREATE FUNCTION acd_lock_agent(p_staff uuid) RETURNS routing_agent LANGUAGE plpgsql AS $$
DECLARE
  a routing_agent;
BEGIN
  SELECT * INTO a FROM routing_agent WHERE staff_id = p_staff FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'not an agent' USING ERRCODE = 'CC404';
  END IF;
  RETURN a;
END $$;

-- Ready: ends wrap-up; who was ready before keeps his turn.
CREATE FUNCTION acd_agent_ready(p_tenant int, p_staff uuid) RETURNS acd_hit LANGUAGE plpgsql AS $$
DECLARE
  a routing_agent;
BEGIN
  PERFORM acd_enter(p_tenant);
  a := acd_lock_agent(p_staff);
  UPDATE routing_agent SET state = 'ready', reason = '', wrap_until = NULL, wrap_conversation_id = NULL,
      free_since = CASE WHEN a.state = 'ready' AND a.wrap_until IS NULL THEN free_since ELSE clock_timestamp() END
    WHERE id = a.id;
  IF a.wrap_conversation_id IS NOT NULL THEN
    PERFORM acd_end_wrap(p_tenant, a.wrap_conversation_id, 'wrap_up.ended', p_staff);
  END IF;
  RETURN acd_use_agent(p_tenant, a.id);
END $$;

-- Paused: no further offers. What rings or is talked goes on; wrap-up too.
CREATE FUNCTION acd_agent_pause(p_tenant int, p_staff uuid, p_reason text) RETURNS acd_hit LANGUAGE plpgsql AS $$
DECLARE
  a routing_agent;
BEGIN
  PERFORM acd_enter(p_tenant);
  a := acd_lock_agent(p_staff);
  UPDATE routing_agent SET state = 'paused', reason = p_reason WHERE id = a.id;
  RETURN NULL;
END $$;

-- Offline: what is offered to him goes back to its place; a talk goes on. p_gone: his desk was not seen for so many
-- seconds; then a talk or wrap-up is left alone altogether, and a desk seen since then changes nothing.
CREATE FUNCTION acd_agent_offline(p_tenant int, p_staff uuid, p_reason text, p_gone int DEFAULT NULL)
RETURNS acd_hit LANGUAGE plpgsql AS $$
DECLARE
  a routing_agent;
  c routing_ticket;
  r acd_hit;
  v_hit acd_hit;
  v_lane bigint;
BEGIN
  PERFORM acd_enter(p_tenant);
  a := acd_lock_agent(p_staff);
  IF p_gone IS NOT NULL THEN
    IF a.state = 'offline' OR a.shown = 'talking' OR NOT EXISTS (SELECT 1 FROM routing_presence
         WHERE agent_id = a.id AND seen_at < clock_timestamp() - make_interval(secs => p_gone)) THEN
      RETURN NULL;
    END IF;
  ELSIF a.wrap_conversation_id IS NOT NULL THEN
    PERFORM acd_end_wrap(p_tenant, a.wrap_conversation_id, 'wrap_up.ended', p_staff);
  END IF;
  UPDATE routing_agent SET state = 'offline', reason = p_reason,
      wrap_until = CASE WHEN p_gone IS NOT NULL THEN wrap_until END,
      wrap_conversation_id = CASE WHEN p_gone IS NOT NULL THEN wrap_conversation_id END
    WHERE id = a.id;
  DELETE FROM routing_presence WHERE agent_id = a.id;
  FOR c IN SELECT t.* FROM routing_ticket t WHERE t.helper_id = a.id AND EXISTS (
             SELECT 1 FROM routing_offer o WHERE o.conversation_id = t.conversation_id AND o.agent_id = a.id AND o.state = 'live')
             FOR NO KEY UPDATE OF t SKIP LOCKED LOOP   -- asked by a colleague, and not answered yet
    PERFORM acd_drop_helper(p_tenant, c, 'returned');
  END LOOP;
  FOR c IN SELECT * FROM routing_ticket WHERE agent_id = a.id AND state = 'offered'
            ORDER BY position FOR NO KEY UPDATE SKIP LOCKED LOOP   -- one in other hands is being answered or ended there
    v_lane := acd_put_back(p_tenant, c, 'offer.returned', 'returned', p_staff);
    PERFORM acd_end_offer(p_tenant, c.conversation_id, 'returned');
    PERFORM acd_release(a.id, c.channel, true, 0, NULL, '');
    v_hit := acd_match_ticket(p_tenant, c.conversation_id, v_lane, c.channel);
    r.waiting := r.waiting || v_hit.waiting;
    IF v_hit.conversation_id IS NOT NULL THEN
      r.conversation_id := v_hit.conversation_id;
      r.staff_id := v_hit.staff_id;
      r.offer_id := v_hit.offer_id;
    END IF;
  END LOOP;
  RETURN r;
END $$;

-- Wrap-up is over: the agent said so (of p_conversation, where named), or (p_only_due) its time is up.
CREATE FUNCTION acd_agent_wrap_done(p_tenant int, p_staff uuid, p_conversation uuid DEFAULT NULL, p_only_due boolean DEFAULT false)
RETURNS acd_hit LANGUAGE plpgsql AS $$
DECLARE
  a routing_agent;
BEGIN
  PERFORM acd_enter(p_tenant);
  a := acd_lock_agent(p_staff);
  IF a.wrap_until IS NULL OR (p_only_due AND a.wrap_until > clock_timestamp()) OR p_conversation <> a.wrap_conversation_id THEN
    RETURN NULL;
  END IF;
  UPDATE routing_agent SET wrap_until = NULL, wrap_conversation_id = NULL, free_since = clock_timestamp() WHERE id = a.id;
  PERFORM acd_end_wrap(p_tenant, a.wrap_conversation_id,
            CASE WHEN p_only_due THEN 'wrap_up.timed_out' ELSE 'wrap_up.ended' END, p_staff);
  RETURN acd_use_agent(p_tenant, a.id);
END $$;

-- Desks seen just now. One statement for many; agents only.
CREATE FUNCTION acd_seen(p_tenant int, p_staff uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM acd_enter(p_tenant);
  INSERT INTO routing_presence AS p (agent_id, tenant_id, seen_at)
    SELECT id, p_tenant, clock_timestamp() FROM routing_agent WHERE staff_id = ANY (p_staff) AND state <> 'offline' ORDER BY id
    ON CONFLICT (agent_id) DO UPDATE SET seen_at = excluded.seen_at;
END $$;

-- ---------------------------------------------------------------------------------------------- second looks, after commit

-- Free agent: probe without a lock, lock only on a hit. `free` again: saw one, but it was in other hands, or there is room for more; ask
-- once more.
CREATE FUNCTION acd_recheck_agent(p_tenant int, p_agent int) RETURNS acd_hit LANGUAGE plpgsql AS $$
DECLARE
  r acd_hit;
BEGIN
  PERFORM acd_enter(p_tenant);
  IF acd_peek_agent(p_agent) IS NULL THEN
    RETURN NULL;
  END IF;
  PERFORM 1 FROM routing_agent WHERE id = p_agent FOR NO KEY UPDATE SKIP LOCKED;
  IF FOUND THEN
    r := acd_match_agent(p_tenant, p_agent);
  END IF;
  IF r.conversation_id IS NULL OR acd_has_room(p_agent) THEN
    r.free := ARRAY[p_agent];
  END IF;
  RETURN r;
END $$;

-- Waiting conversation, likewise; `waiting` again: ask once more.
CREATE FUNCTION acd_recheck_ticket(p_tenant int, p_conversation uuid) RETURNS acd_hit LANGUAGE plpgsql AS $$
DECLARE
  c routing_ticket;
  r acd_hit;
BEGIN
  PERFORM acd_enter(p_tenant);
  SELECT * INTO c FROM routing_ticket WHERE conversation_id = p_conversation AND state = 'waiting';
  IF NOT FOUND OR acd_peek_lane(c.lane_id, c.channel) IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT * INTO c FROM routing_ticket WHERE conversation_id = p_conversation AND state = 'waiting' FOR NO KEY UPDATE SKIP LOCKED;
  IF FOUND THEN
    RETURN acd_match_ticket(p_tenant, p_conversation, c.lane_id, c.channel);
  END IF;
  r.waiting := ARRAY[p_conversation];
  RETURN r;
END $$;

-- Heads of lanes that could be served now: what a dead process left behind.
CREATE FUNCTION acd_open_pairs() RETURNS TABLE (conversation_id uuid, lane_id bigint, "position" bigint) LANGUAGE sql AS $$
  SELECT w.conversation_id, w.lane_id, w.position
    FROM (SELECT l.id FROM routing_lane l
          UNION SELECT t.lane_id FROM routing_ticket t WHERE t.lane_id < 0 AND t.state = 'waiting') lanes
   CROSS JOIN LATERAL (SELECT t.conversation_id, t.lane_id, t.position, t.channel FROM routing_ticket t
                        WHERE t.lane_id = lanes.id AND t.state = 'waiting' ORDER BY t.position, t.conversation_id LIMIT 1) w
   WHERE acd_peek_lane(w.lane_id, w.channel) IS NOT NULL ORDER BY w.position
$$;

-- The sweeper: match whatever is open. The number of offers made.
CREATE FUNCTION acd_sweep(p_tenant int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  n int := 0;
  x record;
  c routing_ticket;
  v_next uuid;
  v_hit acd_hit;
BEGIN
  PERFORM acd_enter(p_tenant);
  FOR x IN SELECT * FROM acd_open_pairs() LOOP
    v_next := x.conversation_id;
    LOOP
      SELECT * INTO c FROM routing_ticket WHERE conversation_id = v_next AND state = 'waiting' FOR NO KEY UPDATE SKIP LOCKED;
      EXIT WHEN NOT FOUND;
      v_hit := acd_match_ticket(p_tenant, c.conversation_id, c.lane_id, c.channel);
      EXIT WHEN v_hit.conversation_id IS NULL;
      n := n + 1;
      SELECT w.conversation_id INTO v_next FROM routing_ticket w
        WHERE w.lane_id = x.lane_id AND w.state = 'waiting' ORDER BY w.position, w.conversation_id LIMIT 1;
      EXIT WHEN NOT FOUND;
    END LOOP;
  END LOOP;
  RETURN n;
END $$;

-- ------------------------------------------------------------------------------------------------------------------ set-up

-- Who may serve what, brought up to date for one lane, one crew, or all. Concurrent changes of a tenant go one by one.
CREATE FUNCTION acd_rebuild(p_tenant int, p_lane bigint DEFAULT NULL, p_crew int DEFAULT NULL) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(7101, p_tenant);
  DELETE FROM routing_lanecrew x
    WHERE (p_lane IS NULL OR x.lane_id = p_lane) AND (p_crew IS NULL OR x.crew_id = p_crew) AND NOT EXISTS (
      SELECT 1 FROM routing_lane l
        JOIN routing_profilequeue pq ON (pq.queue_id = l.queue_id AND pq.level <= l.max_level) OR pq.queue_id = l.also_queue_id
        JOIN routing_crew c ON c.profile_id = pq.profile_id AND l.need <@ c.skills
       WHERE l.id = x.lane_id AND c.id = x.crew_id);
  INSERT INTO routing_lanecrew AS x (tenant_id, lane_id, crew_id, channel, level)
    SELECT p_tenant, l.id, c.id, l.channel, min(CASE WHEN pq.queue_id = l.queue_id THEN pq.level ELSE pq.level + 10 END)
      FROM routing_lane l
      JOIN routing_profilequeue pq ON (pq.queue_id = l.queue_id AND pq.level <= l.max_level) OR pq.queue_id = l.also_queue_id
      JOIN routing_crew c ON c.profile_id = pq.profile_id AND l.need <@ c.skills
     WHERE (p_lane IS NULL OR l.id = p_lane) AND (p_crew IS NULL OR c.id = p_crew)
     GROUP BY l.id, c.id
    ON CONFLICT (lane_id, crew_id) DO UPDATE SET level = excluded.level WHERE x.level <> excluded.level;
END $$;

-- The lane of a queue, channel and set of needed skills; made when there is none yet. p_also: the queue whose agents are asked too, after
-- all of the queue's own. The caller has named the tenant.
CREATE FUNCTION acd_lane(p_tenant int, p_queue uuid, p_channel smallint, p_need text[], p_max_level smallint, p_also uuid DEFAULT NULL)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_id bigint;
  v_need text[];
BEGIN
  SELECT id INTO v_id FROM routing_lane WHERE queue_id = p_queue AND channel = p_channel AND need = p_need
     AND max_level = p_max_level AND also_queue_id IS NOT DISTINCT FROM p_also;
  IF FOUND THEN
    RETURN v_id;
  END IF;
  v_need := ARRAY(SELECT DISTINCT s FROM unnest(p_need) s ORDER BY s);
  PERFORM pg_advisory_xact_lock(7101, p_tenant);
  INSERT INTO routing_lane (tenant_id, queue_id, channel, need, max_level, also_queue_id)
    VALUES (p_tenant, p_queue, p_channel, v_need, p_max_level, p_also) ON CONFLICT DO NOTHING;
  SELECT id INTO STRICT v_id FROM routing_lane WHERE queue_id = p_queue AND channel = p_channel AND need = v_need
     AND max_level = p_max_level AND also_queue_id IS NOT DISTINCT FROM p_also;
  PERFORM acd_rebuild(p_tenant, p_lane => v_id);
  RETURN v_id;
END $$;

-- Put a staff member into a profile with skills, as an agent; his id. The caller has named the tenant, and after his commit
-- calls acd_recheck_agent: one who is at work is used for his new lanes at once.
CREATE FUNCTION acd_set_agent(p_tenant int, p_staff uuid, p_profile uuid, p_skills text[]) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  v_crew int;
  v_agent int;
  v_skills text[] := ARRAY(SELECT DISTINCT s FROM unnest(p_skills) s ORDER BY s);
BEGIN
  SELECT id INTO v_crew FROM routing_crew WHERE profile_id = p_profile AND skills = v_skills;
  IF NOT FOUND THEN
    PERFORM pg_advisory_xact_lock(7101, p_tenant);
    INSERT INTO routing_crew (tenant_id, profile_id, skills) VALUES (p_tenant, p_profile, v_skills) ON CONFLICT DO NOTHING;
    SELECT id INTO STRICT v_crew FROM routing_crew WHERE profile_id = p_profile AND skills = v_skills;
    PERFORM acd_rebuild(p_tenant, p_crew => v_crew);
  END IF;
  INSERT INTO routing_agent (tenant_id, staff_id, crew_id, cap_voice, cap_chat, cap_mail, cap_sms, blocks)
    SELECT p_tenant, p_staff, v_crew, cap_voice, cap_chat, cap_mail, cap_sms, blocks FROM routing_profile WHERE id = p_profile
    ON CONFLICT (staff_id) DO UPDATE SET crew_id = excluded.crew_id, cap_voice = excluded.cap_voice, cap_chat = excluded.cap_chat,
      cap_mail = excluded.cap_mail, cap_sms = excluded.cap_sms, blocks = excluded.blocks RETURNING id INTO v_agent;
  RETURN v_agent;
END $$;

-- take lending

-- A group's capacities hold for all its agents from now on; what they have already they keep. The caller has named the tenant.
CREATE FUNCTION acd_set_capacity(p_profile uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM a.id FROM routing_agent a JOIN routing_crew c ON c.id = a.crew_id WHERE c.profile_id = p_profile
    ORDER BY a.id FOR NO KEY UPDATE OF a;
  UPDATE routing_agent a SET cap_voice = p.cap_voice, cap_chat = p.cap_chat, cap_mail = p.cap_mail, cap_sms = p.cap_sms, blocks = p.blocks
    FROM routing_crew c, routing_profile p
   WHERE c.id = a.crew_id AND p.id = c.profile_id AND p.id = p_profile
     AND (a.cap_voice, a.cap_chat, a.cap_mail, a.cap_sms, a.blocks)
         IS DISTINCT FROM (p.cap_voice, p.cap_chat, p.cap_mail, p.cap_sms, p.blocks);
END $$;

-- ----------------------------------------------------------------------------------------------------------------- reading

-- take waiting

-- ----------------------------------------------------------------------------------------------------------------- storage
-- The heads of the hot indexes fill with dead entries: small pages' room and eager vacuum keep them short.
ALTER TABLE routing_agent SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500,
  autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 5000, autovacuum_vacuum_cost_delay = 0);
ALTER TABLE routing_ticket SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
  autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 20000, autovacuum_vacuum_cost_delay = 0);
ALTER TABLE routing_offer SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_cost_delay = 0);
ALTER TABLE routing_presence SET (fillfactor = 50);
