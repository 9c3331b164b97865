-- Everything the desk shows when a call rings, in one statement and one row of JSON: the conversation and its path, who it
-- is or may be and why, what is open with them, their last orders with money, parcels and stock. Row-level security keeps
-- to the tenant; the tenant is named again so that its indexes are used. Parameters: tenant, staff, conversation, customer
-- (null: whoever the number belongs to). Either conversation or customer may be null. Of orders, those within reach:
-- every_order, or those taken by orders_of or going to one of the regions (in capitals); of earlier talks, those of talks_of
-- (null: of all).
WITH talk AS MATERIALIZED (
  SELECT c.id, c.tenant_id, c.number, c.state, c.channel, c.direction, c.language, c.customer_id, c.queue_id, c.agent_id,
         c.caller_e164, c.caller_raw, c.service_number, c.started_at, c.queued_at, c.answered_at, c.ended_at, c.end_reason
    FROM conversations_conversation c
   WHERE c.id = %(conversation)s::uuid AND c.tenant_id = %(tenant)s::int
), named AS MATERIALIZED (
  SELECT coalesce(%(customer)s::uuid, (SELECT customer_id FROM talk)) AS id
), matches AS MATERIALIZED (
  SELECT DISTINCT ON (m.customer_id) m.customer_id, m.reason, m.label, m.rank
    FROM (
      SELECT p.customer_id, 'phone' AS reason, p.label, CASE WHEN p.is_primary THEN 1 ELSE 2 END AS rank
        FROM talk JOIN customers_phone p ON p.tenant_id = %(tenant)s::int AND p.e164 = talk.caller_e164
       WHERE talk.caller_e164 <> ''
      UNION ALL
      SELECT a.customer_id, 'address', a.name, 3
        FROM talk JOIN customers_address a ON a.tenant_id = %(tenant)s::int AND a.phone = talk.caller_e164 AND a.phone <> ''
       WHERE talk.caller_e164 <> ''
      UNION ALL
      (SELECT o.customer_id, 'order', o.number, 4
         FROM talk JOIN orders_order o ON o.tenant_id = %(tenant)s::int AND o.ship_phone = talk.caller_e164
        WHERE talk.caller_e164 <> '' AND o.customer_id IS NOT NULL
        ORDER BY o.placed_at DESC LIMIT 20)
    ) m
   ORDER BY m.customer_id, m.rank
), best AS MATERIALIZED (
  SELECT coalesce(
    (SELECT id FROM named),
    (SELECT CASE WHEN count(*) = 1 THEN (array_agg(customer_id))[1] END FROM matches WHERE rank <= 2)
  ) AS id
), reachable AS NOT MATERIALIZED (  -- only a name for the condition: planned anew wherever it stands
  SELECT o.* FROM orders_order o
   WHERE o.tenant_id = %(tenant)s::int
     AND (%(every_order)s::boolean OR o.agent_id = %(orders_of)s::uuid OR upper(o.ship_province) = ANY (%(regions)s::text[]))
), orders AS MATERIALIZED (
  SELECT o.id, o.number, o.state, o.payment_state, o.fulfilment_state, o.currency, o.total_minor, o.channel, o.placed_at,
         o.payment_method, o.delivery_name, o.delivery_name_zh
    FROM best JOIN reachable o ON o.customer_id = best.id AND o.state <> 'draft'
   ORDER BY o.placed_at DESC LIMIT 5
)
SELECT json_build_object(
  'talk', (SELECT row_to_json(talk) FROM talk),
  'queue', (SELECT json_build_object('name', q.name, 'name_zh', q.name_zh) FROM talk JOIN routing_queue q ON q.id = talk.queue_id),
  'offer', (SELECT json_build_object('id', f.id, 'staff_id', f.staff_id, 'expires_at', f.expires_at)
              FROM talk JOIN routing_offer f ON f.conversation_id = talk.id AND f.state = 'live'),
  'consult', (SELECT json_build_object('side', v.consult ->> 'side', 'staff_id', v.consult ->> 'staff_id', 'number', v.consult ->> 'number',
                                       'passing', v.consult -> 'passing', 'name', t.name, 'name_zh', t.name_zh,
                                       'asker', a.name, 'asker_zh', a.name_zh)
                FROM talk JOIN voice_call v ON v.conversation_id = talk.id AND v.ended_at IS NULL AND v.consult IS NOT NULL
                LEFT JOIN staff_staff t ON t.id = (v.consult ->> 'staff_id')::uuid LEFT JOIN staff_staff a ON a.id = talk.agent_id),
  'sound', (SELECT json_build_object('kept', v.recording = 'pending', 'paused', v.paused_for <> '[]'::jsonb)
              FROM talk JOIN voice_call v ON v.conversation_id = talk.id AND v.ended_at IS NULL),
  'line', (SELECT json_build_object('silent', v.silent, 'muted', v.muted, 'orbit', v.orbit, 'until', v.parked_until)
             FROM talk JOIN voice_call v ON v.conversation_id = talk.id AND v.ended_at IS NULL),
  'wrap_until', (SELECT g.wrap_until FROM talk JOIN routing_agent g ON g.staff_id = %(staff)s::uuid
                  WHERE g.wrap_conversation_id = talk.id),
  'path', (SELECT json_agg(s ORDER BY s.at, s.id) FROM (
             SELECT s.id, s.at, s.kind, s.data, coalesce(t.name, '') AS who, coalesce(t.name_zh, '') AS who_zh
               FROM talk JOIN conversations_step s ON s.conversation_id = talk.id LEFT JOIN staff_staff t ON t.id = s.staff_id
              ORDER BY s.id DESC LIMIT 200) s),
  'notes', (SELECT json_agg(json_build_object('at', n.at, 'text', n.text, 'who', coalesce(t.name, ''), 'who_zh', coalesce(t.name_zh, '')) ORDER BY n.at)
              FROM talk JOIN conversations_note n ON n.conversation_id = talk.id LEFT JOIN staff_staff t ON t.id = n.staff_id),
  'wrap_up', (SELECT json_build_object('note', w.note, 'disposition_id', d.id, 'parent_id', d.parent_id, 'name', d.name, 'name_zh', d.name_zh,
                                       'saved_at', w.saved_at, 'submitted_at', w.submitted_at)
                FROM talk JOIN conversations_wrapup w ON w.conversation_id = talk.id LEFT JOIN conversations_disposition d ON d.id = w.disposition_id),
  'matched', (SELECT row_to_json(m) FROM best JOIN matches m ON m.customer_id = best.id),
  'candidates', CASE WHEN (SELECT id FROM best) IS NULL THEN (
     SELECT json_agg(x ORDER BY x.rank, x.last_at DESC NULLS LAST) FROM (
       SELECT c.id, c.name, c.number, c.tier, m.reason, m.label, m.rank, l.number AS last_number, l.placed_at AS last_at
         FROM matches m JOIN customers_customer c ON c.id = m.customer_id
         LEFT JOIN LATERAL (SELECT o.number, o.placed_at FROM reachable o WHERE o.customer_id = c.id
                             ORDER BY o.placed_at DESC LIMIT 1) l ON true
        ORDER BY m.rank LIMIT 12) x) END,
  'customer', (
     SELECT json_build_object(
       'id', c.id, 'number', c.number, 'name', c.name, 'tier', c.tier, 'language', c.language, 'blocked', c.blocked,
       'blocked_because', c.blocked_because, 'note', c.note, 'custom', c.custom, 'created_at', c.created_at,
       'category', g.name, 'category_zh', g.name_zh,
       'phones', (SELECT json_agg(json_build_object('id', p.id, 'e164', p.e164, 'label', p.label) ORDER BY p.is_primary DESC, p.created_at)
                    FROM customers_phone p WHERE p.customer_id = c.id),
       'emails', (SELECT json_agg(e.address ORDER BY e.is_primary DESC, e.created_at) FROM customers_email e WHERE e.customer_id = c.id),
       'address', (SELECT row_to_json(a) FROM (
                     SELECT a.country, a.province, a.city, a.district, a.street, a.postcode FROM customers_address a
                      WHERE a.customer_id = c.id ORDER BY a.is_default DESC, a.created_at DESC LIMIT 1) a))
       FROM best JOIN customers_customer c ON c.id = best.id LEFT JOIN customers_category g ON g.id = c.category_id),
  'orders', (SELECT json_agg(x ORDER BY x.placed_at DESC) FROM (
     SELECT o.*,
       (SELECT json_agg(json_build_object('name', coalesce(s.name, l.name), 'name_zh', coalesce(s.name_zh, l.name_zh),
                                          'quantity', coalesce(s.quantity, l.quantity)) ORDER BY l.position)
          FROM orders_line l LEFT JOIN orders_soldset s ON s.id = l.sold_set_id
         WHERE l.order_id = o.id AND (l.sold_set_id IS NULL OR NOT EXISTS (
                SELECT 1 FROM orders_line b WHERE b.sold_set_id = l.sold_set_id AND b.position < l.position))) AS lines,
       (SELECT json_build_object('state', p.state, 'method', p.method, 'amount', p.amount_minor, 'captured', p.captured_minor)
          FROM payments_payment p WHERE p.order_id = o.id) AS payment,
       (SELECT json_agg(json_build_object('state', b.state, 'at', b.state_at, 'place', b.place, 'carrier', b.carrier, 'tracking', b.tracking,
                                          'known', k.name, 'known_zh', k.name_zh) ORDER BY b.state_at DESC)
          FROM shipping_parcel b LEFT JOIN shipping_carrier k ON k.id = b.carried_by_id
         WHERE b.tenant_id = %(tenant)s::int AND b.order_id = o.id) AS parcels,
       (SELECT json_agg(DISTINCT jsonb_build_object('name', w.name, 'name_zh', w.name_zh))
          FROM inventory_reservation r JOIN inventory_warehouse w ON w.id = r.warehouse_id
         WHERE r.tenant_id = %(tenant)s::int AND r.order_id = o.id AND r.state = 'held') AS held
       FROM orders o) x),
  'due', (SELECT json_agg(x) FROM (
     SELECT o.currency, sum(p.amount_minor - p.captured_minor) AS minor, count(*) AS orders, min(o.number) AS number
       FROM best JOIN reachable o ON o.customer_id = best.id
                                 AND o.payment_state IN ('due', 'part_paid') AND o.state NOT IN ('draft', 'cancelled')
       JOIN payments_payment p ON p.order_id = o.id AND p.state IN ('due', 'part_paid')
      GROUP BY o.currency HAVING sum(p.amount_minor - p.captured_minor) > 0) x),
  'returns', (SELECT json_agg(x ORDER BY x.is_open DESC, x.id DESC) FROM (
     SELECT c.id, c.number, c.kind, c.state, c.state_at, o.number AS order_number,
            c.state NOT IN ('closed', 'refused', 'cancelled') AS is_open,
            (SELECT json_agg(json_build_object('name', l.name, 'name_zh', l.name_zh, 'quantity', l.quantity) ORDER BY l.id)
               FROM aftersales_caseline l WHERE l.case_id = c.id) AS lines
       FROM best JOIN aftersales_case c ON c.tenant_id = %(tenant)s::int AND c.customer_id = best.id
       JOIN reachable o ON o.id = c.order_id
      ORDER BY is_open DESC, c.id DESC LIMIT 4) x),
  'history', (SELECT json_agg(x ORDER BY x.started_at DESC) FROM (
     SELECT h.id, h.number, h.channel, h.direction, h.state, h.started_at, h.end_reason, d.name AS about, d.name_zh AS about_zh, w.note
       FROM best JOIN conversations_conversation h ON h.customer_id = best.id AND h.tenant_id = %(tenant)s::int
       LEFT JOIN conversations_wrapup w ON w.conversation_id = h.id AND w.submitted_at IS NOT NULL
       LEFT JOIN conversations_disposition d ON d.id = w.disposition_id
      WHERE h.id IS DISTINCT FROM %(conversation)s::uuid AND (%(talks_of)s::uuid[] IS NULL OR h.agent_id = ANY(%(talks_of)s::uuid[]))
      ORDER BY h.started_at DESC LIMIT 8) x)
)
