-- Counts one request of a key and says how many there were in this minute. A statement of its own on the autocommit pool: two
-- requests at once are counted one after the other, and a crash may forget the last few counts, which harms nobody.
CREATE OR REPLACE FUNCTION keys_use(tenant int, key uuid, moment timestamptz, address text) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
  total int;
BEGIN
  PERFORM set_config('callcart.tenant', tenant::text, true), set_config('synchronous_commit', 'off', true);
  INSERT INTO keys_keyuse AS u (key_id, tenant_id, minute, used, last_at, last_from)
  VALUES (key, tenant, date_trunc('minute', moment), 1, moment, address)
  ON CONFLICT (key_id) DO UPDATE SET
    used = CASE WHEN u.minute = excluded.minute THEN u.used + 1 ELSE 1 END,
    minute = excluded.minute, last_at = excluded.last_at, last_from = excluded.last_from
  RETURNING u.used INTO total;
  RETURN total;
END $$;
