-- Payments whose sums are not what came in, went back, or was planned.
WITH taken AS (
  SELECT payment_id, sum(amount_minor) AS captured FROM payments_receipt WHERE voided_at IS NULL GROUP BY payment_id
), charged AS (
  SELECT attempt_id, sum(amount_minor) AS captured FROM payments_receipt
   WHERE attempt_id IS NOT NULL AND voided_at IS NULL GROUP BY attempt_id
), back AS (
  SELECT payment_id, sum(amount_minor) AS amount FROM payments_refund
   WHERE state IN ('due', 'in_flight', 'done') GROUP BY payment_id
), back_of AS (
  SELECT receipt_id, sum(amount_minor) AS amount FROM payments_refund
   WHERE state IN ('due', 'in_flight', 'done') AND receipt_id IS NOT NULL GROUP BY receipt_id
), entered AS (
  SELECT receipt_id, sum(amount_minor) AS amount FROM payments_tillentry WHERE receipt_id IS NOT NULL GROUP BY receipt_id
), left_till AS (
  SELECT refund_id, sum(amount_minor) AS amount FROM payments_tillentry WHERE refund_id IS NOT NULL GROUP BY refund_id
), plan AS (
  SELECT payment_id, sum(amount_minor) AS amount FROM payments_instalment GROUP BY payment_id
), books AS (
  SELECT tenant_id, till_kind, holder, day, currency, sum(amount_minor) AS amount
    FROM payments_tillentry GROUP BY tenant_id, till_kind, holder, day, currency
), explained AS (
  SELECT till_day_id, sum(amount_minor) AS amount FROM payments_tilldifference GROUP BY till_day_id
)
SELECT p.tenant_id, 'money captured against its receipts', p.id, p.captured_minor::text, coalesce(t.captured, 0)::text
  FROM payments_payment p LEFT JOIN taken t ON t.payment_id = p.id
 WHERE p.captured_minor <> coalesce(t.captured, 0)
UNION ALL
SELECT a.tenant_id, 'receipts of gateways against their attempts', a.id, coalesce(c.captured, 0)::text,
       (CASE WHEN a.state = 'captured' THEN a.captured_minor ELSE 0 END)::text
  FROM payments_attempt a LEFT JOIN charged c ON c.attempt_id = a.id
 WHERE coalesce(c.captured, 0) <> CASE WHEN a.state = 'captured' THEN a.captured_minor ELSE 0 END
UNION ALL
SELECT p.tenant_id, 'money given back against money captured', p.id, b.amount::text, 'at most ' || p.captured_minor
  FROM payments_payment p JOIN back b ON b.payment_id = p.id WHERE b.amount > p.captured_minor
UNION ALL
SELECT r.tenant_id, 'money given back of a receipt against its amount', r.id, b.amount::text,
       'at most ' || CASE WHEN r.voided_at IS NULL THEN r.amount_minor ELSE 0 END
  FROM payments_receipt r JOIN back_of b ON b.receipt_id = r.id
 WHERE b.amount > CASE WHEN r.voided_at IS NULL THEN r.amount_minor ELSE 0 END
UNION ALL
SELECT r.tenant_id, 'a receipt in another currency than its order', r.id, r.currency, p.currency
  FROM payments_receipt r JOIN payments_payment p ON p.id = r.payment_id WHERE r.currency <> p.currency
UNION ALL
SELECT r.tenant_id, 'a receipt against the till it lies in', r.id, coalesce(e.amount, 0)::text,
       (CASE WHEN r.voided_at IS NULL THEN r.amount_minor ELSE 0 END)::text
  FROM payments_receipt r LEFT JOIN entered e ON e.receipt_id = r.id
 WHERE coalesce(e.amount, 0) <> CASE WHEN r.voided_at IS NULL THEN r.amount_minor ELSE 0 END
UNION ALL
SELECT f.tenant_id, 'a refund against the till it left', f.id, coalesce(l.amount, 0)::text,
       (CASE WHEN f.state = 'done' THEN -f.amount_minor ELSE 0 END)::text
  FROM payments_refund f LEFT JOIN left_till l ON l.refund_id = f.id
 WHERE coalesce(l.amount, 0) <> CASE WHEN f.state = 'done' THEN -f.amount_minor ELSE 0 END
UNION ALL
SELECT d.tenant_id, 'a closed day against its entries', d.id, d.expected_minor::text, coalesce(b.amount, 0)::text
  FROM payments_tillday d LEFT JOIN books b ON b.tenant_id = d.tenant_id AND b.till_kind = d.till_kind
       AND b.holder = d.holder AND b.day = d.day AND b.currency = d.currency
 WHERE d.closed_at IS NOT NULL AND d.expected_minor <> coalesce(b.amount, 0)
UNION ALL
SELECT d.tenant_id, 'differences of a closed day against what was counted', d.id, coalesce(x.amount, 0)::text,
       (d.counted_minor - d.expected_minor)::text
  FROM payments_tillday d LEFT JOIN explained x ON x.till_day_id = d.id
 WHERE d.closed_at IS NOT NULL AND coalesce(x.amount, 0) <> d.counted_minor - d.expected_minor
UNION ALL
SELECT p.tenant_id, 'instalments against the amount owed', p.id, n.amount::text, 'at least ' || p.amount_minor
  FROM payments_payment p JOIN plan n ON n.payment_id = p.id
 WHERE p.state <> 'cancelled' AND n.amount < p.amount_minor
UNION ALL
SELECT a.tenant_id, 'a gift card or store credit against its entries', a.id, a.balance_minor::text,
       coalesce(e.amount, 0)::text
  FROM payments_storedaccount a
  LEFT JOIN (SELECT account_id, sum(amount_minor) AS amount FROM payments_storedentry GROUP BY account_id) e
         ON e.account_id = a.id
 WHERE a.balance_minor <> coalesce(e.amount, 0)
UNION ALL
SELECT r.tenant_id, 'a receipt of stored value against what was spent', r.id, r.amount_minor::text,
       coalesce(-e.amount, 0)::text
  FROM payments_receipt r
  LEFT JOIN (SELECT receipt_id, sum(amount_minor) AS amount FROM payments_storedentry
              WHERE kind = 'spent' GROUP BY receipt_id) e ON e.receipt_id = r.id
 WHERE r.method IN ('gift_card', 'store_credit') AND r.voided_at IS NULL AND r.amount_minor <> coalesce(-e.amount, 0)
UNION ALL
SELECT f.tenant_id, 'a refund to stored value against what was given back', f.id, f.amount_minor::text,
       coalesce(e.amount_minor, 0)::text
  FROM payments_refund f LEFT JOIN payments_storedentry e ON e.refund_id = f.id
 WHERE f.way IN ('gift_card', 'store_credit') AND f.state = 'done' AND f.amount_minor <> coalesce(e.amount_minor, 0)
