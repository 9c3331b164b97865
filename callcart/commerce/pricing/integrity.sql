-- Promotions, coupons and persons whose count is not what their uses say.
WITH uses AS (
  SELECT tenant_id, promotion_id, coupon_id, person FROM pricing_promotionuse WHERE state = 'used'
)
SELECT p.tenant_id, 'uses counted for a promotion', p.id, p.used_count::text, count(u.promotion_id)::text
  FROM pricing_promotion p LEFT JOIN uses u ON u.promotion_id = p.id
 WHERE p.limit_total IS NOT NULL GROUP BY p.tenant_id, p.id, p.used_count HAVING p.used_count <> count(u.promotion_id)
UNION ALL
SELECT c.tenant_id, 'uses counted for a coupon', c.id, c.used_count::text, count(u.coupon_id)::text
  FROM pricing_coupon c LEFT JOIN uses u ON u.coupon_id = c.id
 GROUP BY c.tenant_id, c.id, c.used_count HAVING c.used_count <> count(u.coupon_id)
UNION ALL
SELECT k.tenant_id, 'uses counted for a person', k.promotion_id, k.used_count::text, count(u.person)::text
  FROM pricing_customeruse k LEFT JOIN uses u ON u.promotion_id = k.promotion_id AND u.person = k.person
 GROUP BY k.tenant_id, k.id, k.promotion_id, k.used_count HAVING k.used_count <> count(u.person)
