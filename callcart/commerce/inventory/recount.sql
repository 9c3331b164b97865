-- Stock rows whose counts differ from the sums of their movements, or from the units their reservations hold.
SELECT s.id, s.on_hand, coalesce(m.on_hand, 0), s.allocated, coalesce(m.allocated, 0), coalesce(r.held, 0)
  FROM inventory_stock s
  LEFT JOIN (SELECT stock_id, sum(on_hand_change)::int AS on_hand, sum(allocated_change)::int AS allocated
               FROM inventory_movement GROUP BY stock_id) m ON m.stock_id = s.id
  LEFT JOIN (SELECT stock_id, sum(quantity)::int AS held
               FROM inventory_reservation WHERE state = 'held' GROUP BY stock_id) r ON r.stock_id = s.id
 WHERE s.on_hand <> coalesce(m.on_hand, 0)
    OR s.allocated <> coalesce(m.allocated, 0)
    OR s.allocated <> coalesce(r.held, 0)
