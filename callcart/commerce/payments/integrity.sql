-- Payments whose sums are not what came in, went back, or was planned.
WITH attempts AS (
  SELECT payment_id, sum(captured_minor) AS captured FROM payments_attempt WHERE state = 'captured' GROUP BY payment_id
), back AS (
  SELECT payment_id, sum(amount_minor) AS amount FROM payments_refund
   WHERE state IN ('due', 'in_flight', 'done') GROUP BY payment_id
), plan AS (
  SELECT payment_id, sum(amount_minor) AS amount FROM payments_instalment GROUP BY payment_id
)
SELECT p.tenant_id, 'money captured against its attempts', p.id, p.captured_minor::text, coalesce(a.captured, 0)::text
  FROM payments_payment p LEFT JOIN attempts a ON a.payment_id = p.id
 WHERE p.method <> 'cod' AND p.captured_minor <> coalesce(a.captured, 0)
UNION ALL
SELECT p.tenant_id, 'money given back against money captured', p.id, b.amount::text, 'at most ' || p.captured_minor
  FROM payments_payment p JOIN back b ON b.payment_id = p.id WHERE b.amount > p.captured_minor
UNION ALL
SELECT p.tenant_id, 'instalments against the amount owed', p.id, n.amount::text, 'at least ' || p.amount_minor
  FROM payments_payment p JOIN plan n ON n.payment_id = p.id
 WHERE p.state <> 'cancelled' AND n.amount < p.amount_minor
