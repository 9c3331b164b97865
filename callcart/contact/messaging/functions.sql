-- Messaging: what leaves, in the order in which it may. Each function names its tenant first, so row-level security holds in
-- everything below it. Called on autocommit connections, a transaction and a round trip each.

-- Take up to p_most messages that may go now: of each conversation the first that is open, live replies before campaigns. Looked for line
-- by line at the head of an index, so that what waits on a line that has enough in hand is not walked through. p_full: those lines.
-- p_bound: channels that are sent by the process that listens; p_held: the lines it listens on. p_lowest: what is less urgent waits.
DROP FUNCTION IF EXISTS messaging_claim(int, int, uuid[], text[], uuid[], int);
CREATE OR REPLACE FUNCTION messaging_claim(p_tenant int, p_most int, p_full uuid[], p_bound text[], p_held uuid[], p_seconds int,
                                           p_lowest int)
RETURNS SETOF messaging_delivery LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('callcart.tenant', p_tenant::text, true);
  RETURN QUERY
    WITH due AS (
      SELECT x.id FROM messaging_line l CROSS JOIN LATERAL (
        SELECT d.id, d.priority, d.next_at FROM messaging_delivery d
         WHERE d.line_id = l.id AND d.state = 'waiting' AND d.priority <= p_lowest AND d.next_at <= clock_timestamp()
           AND (d.until IS NULL OR d.until > clock_timestamp())
           AND NOT EXISTS (SELECT 1 FROM messaging_delivery e WHERE e.conversation_id = d.conversation_id
                            AND e.state IN ('waiting', 'sending') AND e.id < d.id)
         ORDER BY d.priority, d.next_at, d.id LIMIT p_most FOR NO KEY UPDATE OF d SKIP LOCKED) x
       WHERE l.tenant_id = p_tenant AND l.is_active AND l.id <> ALL (p_full) AND (l.kind <> ALL (p_bound) OR l.id = ANY (p_held))
       ORDER BY x.priority, x.next_at, x.id LIMIT p_most)
    UPDATE messaging_delivery d SET state = 'sending', tries = d.tries + 1,
           claimed_until = clock_timestamp() + make_interval(secs => p_seconds)
      FROM due WHERE d.id = due.id RETURNING d.*;
END $$;

-- How one attempt ended. An attempt that was given up meanwhile (p_try is not the last) changes nothing. What its provider has told of it
-- before we knew the reference holds at once. True: it was this attempt's to say.
CREATE OR REPLACE FUNCTION messaging_ended(p_tenant int, p_delivery bigint, p_try int, p_state text, p_reference text, p_words text,
                                           p_again int) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  d messaging_delivery;
  e messaging_earlyreceipt;
  t timestamptz := clock_timestamp();
BEGIN
  PERFORM set_config('callcart.tenant', p_tenant::text, true);
  IF p_state = 'sent' AND p_reference <> '' THEN   -- its receipt may be coming in at this moment: one after the other
    PERFORM pg_advisory_xact_lock(7105, hashtext(p_reference));
  END IF;
  UPDATE messaging_delivery SET state = p_state, reference = p_reference, words = p_words, claimed_until = NULL,
      next_at = CASE WHEN p_state = 'waiting' THEN t + make_interval(secs => p_again) ELSE next_at END,
      sent_at = CASE WHEN p_state = 'sent' THEN t ELSE sent_at END,
      ended_at = CASE WHEN p_state = 'failed' THEN t END
    WHERE id = p_delivery AND tries = p_try AND state IN ('sending', 'in_doubt') RETURNING * INTO d;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  IF p_state = 'sent' AND p_reference <> '' THEN
    UPDATE messaging_message SET external_id = p_reference WHERE id = d.message_id AND external_id = '';
    DELETE FROM messaging_earlyreceipt WHERE line_id = d.line_id AND reference = p_reference RETURNING * INTO e;
    IF FOUND THEN
      PERFORM messaging_received(p_tenant, d.line_id, p_reference, e.delivered, e.words);
    END IF;
  END IF;
  PERFORM messaging_tell(p_tenant, d.id);
  RETURN true;
END $$;

-- A provider tells what became of one: delivered is the last word, failed may be corrected. One it tells before we know the reference is
-- kept. Twice does no harm.
CREATE OR REPLACE FUNCTION messaging_received(p_tenant int, p_line uuid, p_reference text, p_delivered boolean, p_words text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_id bigint;
BEGIN
  PERFORM set_config('callcart.tenant', p_tenant::text, true);
  PERFORM pg_advisory_xact_lock(7105, hashtext(p_reference));   -- as messaging_ended does
  UPDATE messaging_delivery SET state = CASE WHEN p_delivered THEN 'delivered' ELSE 'failed' END, words = p_words, claimed_until = NULL,
      ended_at = clock_timestamp()
    WHERE line_id = p_line AND reference = p_reference AND state IN ('sent', 'in_doubt', 'failed')
      AND (p_delivered OR state <> 'failed') RETURNING id INTO v_id;
  IF FOUND THEN
    PERFORM messaging_tell(p_tenant, v_id);
  ELSIF NOT EXISTS (SELECT 1 FROM messaging_delivery WHERE line_id = p_line AND reference = p_reference) THEN
    INSERT INTO messaging_earlyreceipt (tenant_id, line_id, reference, delivered, words)
      VALUES (p_tenant, p_line, p_reference, p_delivered, p_words)
      ON CONFLICT (line_id, reference) DO UPDATE SET delivered = messaging_earlyreceipt.delivered OR excluded.delivered;
  END IF;
END $$;

-- Screens are told; what will not arrive calls somebody in. Of what is said outside of a conversation there is no screen: its words are
-- forgotten as soon as it has gone.
CREATE OR REPLACE FUNCTION messaging_tell(p_tenant int, p_delivery bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  d messaging_delivery;
BEGIN
  SELECT * INTO d FROM messaging_delivery WHERE id = p_delivery;
  IF d.conversation_id = d.message_id THEN
    UPDATE messaging_message SET text = '' WHERE id = d.message_id AND text <> '' AND d.state NOT IN ('waiting', 'sending');
    RETURN;
  END IF;
  IF d.state IN ('failed', 'in_doubt') THEN
    PERFORM conversations_call_in(d.conversation_id);
    PERFORM conversations_add_step(p_tenant, d.conversation_id, 'message.' || d.state, NULL,
                                   jsonb_build_object('message_id', d.message_id, 'words', d.words));
  END IF;
  PERFORM core_emit(p_tenant, 'message.delivery', 'conversation', d.conversation_id, NULL, 'staff',
                    jsonb_build_object('conversation_id', d.conversation_id, 'message_id', d.message_id, 'state', d.state));
END $$;

-- Attempts whose process died: nobody knows whether the provider has them.
CREATE OR REPLACE FUNCTION messaging_give_up(p_tenant int, p_delivery bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('callcart.tenant', p_tenant::text, true);
  UPDATE messaging_delivery SET state = 'in_doubt', claimed_until = NULL
    WHERE id = p_delivery AND state = 'sending' AND claimed_until <= clock_timestamp();
  IF FOUND THEN
    PERFORM messaging_tell(p_tenant, p_delivery);
  END IF;
END $$;

-- What is of no use any more does not go.
CREATE OR REPLACE FUNCTION messaging_too_late(p_tenant int, p_delivery bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('callcart.tenant', p_tenant::text, true);
  UPDATE messaging_delivery SET state = 'failed', words = 'too_late', ended_at = clock_timestamp()
    WHERE id = p_delivery AND state = 'waiting' AND until <= clock_timestamp();
  IF FOUND THEN
    PERFORM messaging_tell(p_tenant, p_delivery);
  END IF;
END $$;

-- A conversation that slept wakes: somebody is to look at it.
CREATE OR REPLACE FUNCTION messaging_wake(p_tenant int, p_conversation uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('callcart.tenant', p_tenant::text, true);
  IF EXISTS (SELECT 1 FROM conversations_conversation
              WHERE id = p_conversation AND state = 'pending' AND wake_at <= clock_timestamp() FOR NO KEY UPDATE) THEN
    PERFORM conversations_call_in(p_conversation);
    PERFORM conversations_add_step(p_tenant, p_conversation, 'woken', NULL, NULL);
  END IF;
END $$;

-- A message at the next place of a conversation whose row the caller holds, with its step on the path. p_delivery: how the delivery of one of
-- ours begins; NULL for what came in. p_message: the row, without its place. Gives the place.
CREATE OR REPLACE FUNCTION messaging_add(p_message jsonb, p_delivery text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  m messaging_message := jsonb_populate_record(NULL::messaging_message, p_message);
BEGIN
  SELECT coalesce(max(place), 0) + 1 INTO m.place FROM messaging_message WHERE conversation_id = m.conversation_id;
  INSERT INTO messaging_message SELECT m.*;
  IF p_delivery IS NOT NULL THEN
    INSERT INTO messaging_delivery (tenant_id, message_id, conversation_id, line_id, state, priority, tries, reference, words, sent_at)
      VALUES (m.tenant_id, m.id, m.conversation_id, m.line_id, p_delivery, 0, 0, '', '', CASE WHEN p_delivery = 'sent' THEN m.at END);
    PERFORM conversations_add_step(m.tenant_id, m.conversation_id, 'message.sent', m.staff_id, jsonb_build_object('message_id', m.id));
  ELSE
    PERFORM conversations_add_step(m.tenant_id, m.conversation_id, 'message.received', NULL,
                                   jsonb_build_object('message_id', m.id, 'kind', m.kind));
  END IF;
  RETURN m.place;
END $$;

-- The newest conversation that is open with an address on a line, locked. Of two that come in at one moment the second looks once the first
-- is written; one that ended while we waited for it is given as it is then.
CREATE OR REPLACE FUNCTION messaging_open_with(p_line uuid, p_channel text, p_peer text) RETURNS SETOF conversations_conversation
LANGUAGE plpgsql AS $$
DECLARE
  v_id uuid;
BEGIN
  PERFORM pg_advisory_xact_lock(7106, hashtext(p_line || '/' || p_peer));
  SELECT id INTO v_id FROM conversations_conversation WHERE channel = p_channel AND peer = p_peer AND closed_at IS NULL
   ORDER BY started_at DESC LIMIT 1;
  RETURN QUERY SELECT * FROM conversations_conversation WHERE id = v_id FOR NO KEY UPDATE;
END $$;
