-- Numbers with gaps, documents that are not the sum of their parts, credit that is not what the credit notes say.
WITH parts AS (
  SELECT d.id, d.tenant_id, (p->>'position')::int AS position, (p->>'quantity')::bigint AS quantity,
         (p->>'net')::bigint AS net, (p->>'tax')::bigint AS tax, d.refers_to_id, d.kind
    FROM invoicing_document d CROSS JOIN LATERAL jsonb_array_elements(d.content->'parts') AS p
), sums AS (
  SELECT id, sum(net) AS net, sum(tax) AS tax FROM parts GROUP BY id
), credited AS (
  SELECT refers_to_id AS id, sum(total_minor) AS total FROM invoicing_document WHERE kind = 'credit_note' GROUP BY refers_to_id
), credited_parts AS (
  SELECT refers_to_id AS id, position, sum(net + tax) AS total, sum(quantity) AS quantity
    FROM parts WHERE kind = 'credit_note' GROUP BY refers_to_id, position
), used AS (
  SELECT series_id, count(*) AS units, max(position) AS last FROM invoicing_document GROUP BY series_id
)
SELECT s.tenant_id, 'numbers of a series against the documents that have them', s.id,
       coalesce(u.units, 0)::text || ' up to ' || coalesce(u.last, 0)::text, s.last::text || ' up to ' || s.last::text
  FROM invoicing_series s LEFT JOIN used u ON u.series_id = s.id
 WHERE s.last <> coalesce(u.units, 0) OR s.last <> coalesce(u.last, 0)
UNION ALL
SELECT d.tenant_id, 'net and tax of a document against its lines', d.id, d.net_minor::text || ' + ' || d.tax_minor::text,
       coalesce(x.net, 0)::text || ' + ' || coalesce(x.tax, 0)::text
  FROM invoicing_document d LEFT JOIN sums x ON x.id = d.id
 WHERE d.net_minor <> coalesce(x.net, 0) OR d.tax_minor <> coalesce(x.tax, 0)
UNION ALL
SELECT d.tenant_id, 'totals by tax rate of a document against its total', d.id, t.total::text, d.total_minor::text
  FROM invoicing_document d CROSS JOIN LATERAL (
       SELECT coalesce(sum((r->>'net')::bigint + (r->>'tax')::bigint), 0) AS total FROM jsonb_array_elements(d.content->'taxes') AS r) t
 WHERE t.total <> d.total_minor
UNION ALL
SELECT d.tenant_id, 'credit of an invoice against its credit notes', d.id, d.credited_minor::text, coalesce(c.total, 0)::text
  FROM invoicing_document d LEFT JOIN credited c ON c.id = d.id
 WHERE d.kind = 'invoice' AND d.credited_minor <> coalesce(c.total, 0)
UNION ALL
SELECT p.tenant_id, 'a line credited beyond what was invoiced', p.id, c.total::text || ' for ' || c.quantity::text,
       (p.net + p.tax)::text || ' for ' || p.quantity::text
  FROM parts p JOIN credited_parts c ON c.id = p.id AND c.position = p.position
 WHERE p.kind = 'invoice' AND (c.total > p.net + p.tax OR c.quantity > p.quantity)
