-- Waiting, taken into functions.sql: how the search widens with time, how much ahead a customer is, where he stands and how long it takes,
-- what is done with one who cannot wait any longer, and moving one who waits.

-- The priority of a customer in a queue: the queue's, and what his tier adds to it there.
CREATE FUNCTION acd_priority(q routing_queue, p_conversation uuid) RETURNS int LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF q.tier_boost = '{}' THEN
    RETURN q.priority;
  END IF;
  RETURN q.priority + coalesce((SELECT (q.tier_boost ->> c.tier)::int FROM conversations_conversation v
    JOIN customers_customer c ON c.id = v.customer_id WHERE v.id = p_conversation), 0);
END $$;

-- The seconds after which one who waits goes before everything that is not as old; NULL: never. Written ones that nobody waits for at
-- the other end have a time of their own, or a day-old mail would come before every call.
CREATE FUNCTION acd_urgent_after(q routing_queue, p_channel smallint) RETURNS int LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN p_channel IN (0, 1) THEN q.urgent_s ELSE q.urgent_written_s END
$$;

-- The lane of one who has waited t seconds: needs are waived, further groups and the agents of another queue are asked, each at its own
-- time; what was widened stays wide.
CREATE FUNCTION acd_lane_after(p_tenant int, q routing_queue, p_channel smallint, p_need text[], t int) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_level int := CASE WHEN q.level_s IS NULL THEN 9 ELSE least(9, 1 + t / q.level_s) END;
BEGIN
  RETURN acd_lane(p_tenant, q.id, p_channel, CASE WHEN t >= q.relax_s THEN '{}' ELSE p_need END, v_level::smallint,
    CASE WHEN t >= q.overflow_s AND EXISTS (SELECT 1 FROM routing_queue o WHERE o.id = q.overflow_queue_id AND o.is_active)
         THEN q.overflow_queue_id END);
END $$;

-- How a queue widens the search with time: the steps [{after, lane}] of a conversation that begins to wait in it now; `urgent`: from then
-- on it goes before everything that is not as old.
CREATE FUNCTION acd_widening(p_tenant int, q routing_queue, p_channel smallint, p_need text[]) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  v_urgent int := acd_urgent_after(q, p_channel);
  v_levels int := CASE WHEN q.level_s IS NOT NULL THEN (SELECT max(level) FROM routing_profilequeue WHERE queue_id = q.id) END;
  v_steps jsonb := '[]';
  t int;
BEGIN
  FOR t IN SELECT DISTINCT x FROM (
             SELECT CASE WHEN p_need <> '{}' THEN q.relax_s END
             UNION ALL SELECT CASE WHEN EXISTS (SELECT 1 FROM routing_queue o WHERE o.id = q.overflow_queue_id AND o.is_active) THEN q.overflow_s END
             UNION ALL SELECT q.level_s * n FROM generate_series(1, v_levels - 1) n
             UNION ALL SELECT v_urgent) times(x) WHERE x IS NOT NULL ORDER BY x LOOP
    v_steps := v_steps || jsonb_build_array(jsonb_build_object('after', t, 'lane', acd_lane_after(p_tenant, q, p_channel, p_need, t))
                 || CASE WHEN t = v_urgent THEN '{"urgent": true}' ELSE '{}' END::jsonb);
  END LOOP;
  RETURN v_steps;
END $$;

-- Steps that begin now, of one who has waited before: each from now on but the urgent one, which counts from the arrival.
CREATE FUNCTION acd_steps_from_now(p_steps jsonb, p_since timestamptz) RETURNS jsonb LANGUAGE sql VOLATILE AS $$
  SELECT jsonb_agg(s || jsonb_build_object('after', a) ORDER BY a) FROM (
    SELECT s, (s ->> 'after')::float + CASE WHEN s ? 'urgent' THEN 0 ELSE extract(epoch FROM clock_timestamp() - p_since) END AS a
      FROM jsonb_array_elements(p_steps) s) x
$$;

-- Whether nobody at work could serve any of these lanes. A page that is reloaded leaves its agent at work.
CREATE FUNCTION acd_nobody(p_lanes bigint[]) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT NOT EXISTS (SELECT 1 FROM routing_lanecrew lc JOIN routing_agent a ON a.crew_id = lc.crew_id
    WHERE lc.lane_id = ANY (p_lanes) AND a.state <> 'offline'
      AND CASE lc.channel WHEN 0 THEN a.cap_voice WHEN 1 THEN a.cap_chat WHEN 2 THEN a.cap_mail ELSE a.cap_sms END > 0)
$$;

-- What a queue does with one who cannot wait in it, or not any longer; where it says nothing: whoever is out of hours, too many or too
-- late is told, and where nobody is there one waits.
CREATE FUNCTION acd_rule(p_queue uuid, p_occasion text, OUT action text, OUT to_queue uuid) LANGUAGE plpgsql STABLE AS $$
BEGIN
  SELECT r.action, r.to_queue_id INTO action, to_queue FROM routing_queuerule r WHERE r.queue_id = p_queue AND r.occasion = p_occasion;
  IF action = 'queue' AND NOT EXISTS (SELECT 1 FROM routing_queue q WHERE q.id = to_queue AND q.is_active) THEN
    action := NULL;   -- switched off, or gone
  END IF;
  action := coalesce(action, CASE p_occasion WHEN 'nobody' THEN 'wait' ELSE 'message' END);
END $$;

-- How many callers and chats wait in a queue, up to so many.
CREATE FUNCTION acd_length(p_queue uuid, p_most int) RETURNS int LANGUAGE sql STABLE AS $$
  SELECT count(*)::int FROM (
    SELECT 1 FROM routing_lane l JOIN routing_ticket t ON t.lane_id = l.id AND t.state = 'waiting'
     WHERE l.queue_id = p_queue AND l.channel IN (0, 1) LIMIT p_most) x
$$;

-- Where one who waits stands. `place`: 1 is next, counted up to 1,000. `seconds`: a guess of what is left, NULL where nothing honest can be
-- said. `occasion`, with what is done: late (a caller who has waited as long as one may), nobody (no agent at work could ever serve him), or
-- empty. `left_s`: seconds until a caller is late.
--
-- The guess is the place times the median time between two answers while somebody waited (the last 20 within the hour): the measured
-- 1/(s mu) of Whitt, Predicting Queueing Delays, Management Science 45 (1999), whose delay with n ahead is (n + 1)/(s mu). Where fewer are
-- at work now than gave those answers it is longer by as much; more at work do not shorten it. Nothing is said with fewer than three such
-- times, with nobody ready, or past the thousandth place.
CREATE FUNCTION acd_place(p_tenant int, p_conversation uuid, OUT place int, OUT seconds float, OUT occasion text, OUT action text,
                          OUT to_queue uuid, OUT left_s float) LANGUAGE plpgsql AS $$
DECLARE
  c routing_ticket;
  v_gap float;
  v_then int;
  v_now int;
  v_longest int;
BEGIN
  PERFORM acd_enter(p_tenant);
  SELECT * INTO c FROM routing_ticket WHERE conversation_id = p_conversation AND state = 'waiting';
  IF NOT FOUND THEN
    RETURN;
  END IF;
  SELECT 1 + count(*) INTO place FROM (
    SELECT 1 FROM routing_lane l JOIN routing_ticket t ON t.lane_id = l.id AND t.state = 'waiting' AND t.position < c.position
     WHERE l.queue_id = c.queue_id
    UNION ALL
    SELECT 1 FROM routing_ticket t WHERE t.lane_id < 0 AND t.state = 'waiting' AND t.queue_id = c.queue_id
       AND t.position < c.position LIMIT 999) ahead;
  SELECT max_wait_s INTO v_longest FROM routing_queue WHERE id = c.queue_id;
  IF c.channel = 0 AND v_longest IS NOT NULL THEN
    left_s := v_longest - extract(epoch FROM clock_timestamp() - c.enqueued_at);
  END IF;
  occasion := CASE
    WHEN left_s <= 0 THEN 'late'
    WHEN acd_nobody(c.lane_id || ARRAY(SELECT (s ->> 'lane')::bigint FROM jsonb_array_elements(coalesce(c.steps, '[]')) s)) THEN 'nobody'
    ELSE '' END;
  IF occasion <> '' THEN
    SELECT r.action, r.to_queue INTO action, to_queue FROM acd_rule(c.queue_id, occasion) r;
    IF action = 'queue' AND EXISTS (SELECT 1 FROM conversations_step WHERE conversation_id = p_conversation AND kind = 'queue.moved'
         AND data ->> 'from' = to_queue::text) THEN
      action := 'message';   -- he has waited there already: queues that send on to one another have an end
    END IF;
  END IF;
  SELECT CASE WHEN count(gap) >= 3 THEN percentile_cont(0.5) WITHIN GROUP (ORDER BY gap) END, count(DISTINCT staff_id) INTO v_gap, v_then FROM (
    SELECT staff_id, CASE WHEN enqueued_at < before THEN extract(epoch FROM ended_at - before)::float END AS gap FROM (
      SELECT staff_id, ended_at, enqueued_at, lag(ended_at) OVER (ORDER BY ended_at) AS before FROM (
        SELECT staff_id, ended_at, enqueued_at FROM routing_offer
         WHERE queue_id = c.queue_id AND state = 'accepted' AND purpose = 'serve' AND ended_at > clock_timestamp() - interval '1 hour'
         ORDER BY ended_at DESC LIMIT 21) recent) pairs) answers;
  IF v_gap IS NULL OR place >= 1000 THEN
    RETURN;
  END IF;
  SELECT count(*) INTO v_now FROM routing_profilequeue pq JOIN routing_crew w ON w.profile_id = pq.profile_id
    JOIN routing_agent a ON a.crew_id = w.id AND a.state <> 'offline' AND a.state = 'ready' WHERE pq.queue_id = c.queue_id;
  seconds := place * v_gap * greatest(1, v_then::float / nullif(v_now, 0)) + CASE WHEN v_now = 0 THEN NULL ELSE 0 END;
END $$;

-- One who waits goes to another queue: with the age and the needs he has, and that queue's times from now on. CC409: he does not wait.
CREATE FUNCTION acd_move_waiting(p_tenant int, p_conversation uuid, p_queue uuid, p_why text, p_staff uuid) RETURNS acd_hit LANGUAGE plpgsql AS $$
DECLARE
  c routing_ticket;
  q routing_queue;
  v_need text[];
  v_steps jsonb;
  v_lane bigint;
BEGIN
  PERFORM acd_enter(p_tenant);
  q := acd_queue(p_queue);
  -- Lanes first: making one waits for the set-up, which may wait for an agent.
  SELECT * INTO c FROM routing_ticket WHERE conversation_id = p_conversation AND state = 'waiting';
  IF FOUND THEN
    v_need := acd_need(c);
    v_lane := acd_lane_after(p_tenant, q, c.channel, v_need, 0);
    v_steps := acd_widening(p_tenant, q, c.channel, v_need);
    SELECT * INTO c FROM routing_ticket WHERE conversation_id = p_conversation AND state = 'waiting' FOR NO KEY UPDATE;
  END IF;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'this conversation does not wait' USING ERRCODE = 'CC409';
  END IF;
  IF c.queue_id = p_queue THEN
    RETURN NULL;
  END IF;
  v_steps := acd_steps_from_now(v_steps, c.enqueued_at);
  UPDATE routing_ticket SET queue_id = p_queue, lane_id = v_lane, steps = v_steps,
      position = acd_position(acd_priority(q, p_conversation), c.enqueued_at),
      next_at = c.enqueued_at + make_interval(secs => (v_steps -> 0 ->> 'after')::float)
    WHERE conversation_id = p_conversation;
  PERFORM conversations_in_queue(p_tenant, p_conversation, p_queue, 'queue.moved', p_staff,
            jsonb_build_object('queue_id', p_queue, 'from', c.queue_id, 'why', p_why));
  PERFORM core_emit(p_tenant, 'queue.changed', 'queue', each, NULL, 'board', jsonb_build_object('queue_id', each))
     FROM unnest(ARRAY[c.queue_id, p_queue]) each;
  RETURN acd_match_ticket(p_tenant, p_conversation, v_lane, c.channel);
END $$;

-- The skills that one who waits needs: of his lane, or where he waits for his own agent, of the one after it.
CREATE FUNCTION acd_need(c routing_ticket) RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT coalesce((SELECT need FROM routing_lane WHERE id = CASE WHEN c.lane_id < 0 THEN (c.steps -> 0 ->> 'lane')::bigint ELSE c.lane_id END), '{}')
$$;

-- A caller stops waiting and hears the menu again: told, sent to voicemail, called back. False: he does not wait any more, an agent is
-- about to answer.
CREATE FUNCTION acd_leave(p_tenant int, p_conversation uuid, p_occasion text, p_action text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  v_queue uuid;
BEGIN
  PERFORM acd_enter(p_tenant);
  PERFORM 1 FROM routing_ticket WHERE conversation_id = p_conversation AND state = 'waiting' AND channel = 0 FOR UPDATE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  DELETE FROM routing_ticket WHERE conversation_id = p_conversation RETURNING queue_id INTO v_queue;
  PERFORM conversations_move(p_tenant, p_conversation, 'ivr', 'queue.left', NULL, NULL, '',
                             jsonb_build_object('queue_id', v_queue, 'why', p_occasion, 'action', p_action));
  PERFORM core_emit(p_tenant, 'queue.changed', 'queue', v_queue, NULL, 'board', jsonb_build_object('queue_id', v_queue));
  RETURN true;
END $$;

-- Whether nobody at work could ever serve somebody with these needs in a queue: not after its needs are waived, nor with the other queue's
-- agents.
CREATE FUNCTION acd_nobody_for(p_queue uuid, p_channel smallint, p_need text[]) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT NOT EXISTS (
    SELECT 1 FROM routing_queue q
      JOIN routing_profilequeue pq ON pq.queue_id = q.id OR (q.overflow_s IS NOT NULL AND pq.queue_id = q.overflow_queue_id)
      JOIN routing_crew c ON c.profile_id = pq.profile_id AND (q.relax_s IS NOT NULL OR p_need <@ c.skills)
      JOIN routing_agent a ON a.crew_id = c.id AND a.state <> 'offline'
     WHERE q.id = p_queue AND CASE p_channel WHEN 0 THEN a.cap_voice WHEN 1 THEN a.cap_chat WHEN 2 THEN a.cap_mail ELSE a.cap_sms END > 0)
$$;

-- Whether nothing at all is in the way of waiting in a queue: it is always open, as many may wait as like, and somebody is at work. One
-- quick look; where it says false the calendar is asked (`admission.py`).
CREATE FUNCTION acd_is_plain(p_queue uuid, p_channel smallint, p_need text[]) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT q.max_waiting IS NULL
     AND (SELECT t.settings -> 'business_hours' IS NULL OR t.settings -> 'business_hours' = jsonb_build_array(w, w, w, w, w, w, w)
            FROM tenants_tenant t, (SELECT '[["00:00", "24:00"]]'::jsonb AS w) always WHERE t.id = q.tenant_id)
     AND NOT EXISTS (SELECT 1 FROM hours_queuehours h WHERE h.queue_id = q.id)
     AND NOT EXISTS (SELECT 1 FROM hours_specialday d WHERE d.tenant_id = q.tenant_id AND d.day BETWEEN current_date - 2 AND current_date + 2)
     AND NOT EXISTS (SELECT 1 FROM hours_override o WHERE o.tenant_id = q.tenant_id AND o.ends_at > clock_timestamp())
     AND NOT acd_nobody_for(q.id, p_channel, p_need)
    FROM routing_queue q WHERE q.id = p_queue
$$;
