-- What the statements of a session share: ids that follow from numbers, dice that fall the same way each time, numbers for people
-- with their check digit (Damm, the table row by row), and the words.
CREATE FUNCTION pg_temp.key(t int, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT (lpad(to_hex(t), 8, '0') || '-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid $$;
CREATE FUNCTION pg_temp.number_of(id uuid) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT ('x' || right(id::text, 12))::bit(48)::bigint $$;
CREATE FUNCTION pg_temp.dice(n bigint, salt bigint, sides bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT (hashint8extended(n, salt) & 2147483647) % sides $$;
CREATE FUNCTION pg_temp.digit(state int, n bigint) RETURNS int LANGUAGE sql IMMUTABLE AS $$
  SELECT substr('0317598642709215486342068713591750983426612304597836742095815869720134894536201794386172052581436790',
                1 + state * 10 + (n % 10)::int, 1)::int $$;
CREATE FUNCTION pg_temp.spoken(n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT n::text || pg_temp.digit(pg_temp.digit(pg_temp.digit(pg_temp.digit(pg_temp.digit(pg_temp.digit(pg_temp.digit(pg_temp.digit(0,
    n / 10000000), n / 1000000), n / 100000), n / 10000), n / 1000), n / 100), n / 10), n) $$;
CREATE FUNCTION pg_temp.beginnings(word text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT array_agg(left(word, i)) FROM generate_series(1, least(length(word), 10)) i $$;
-- A few goods are bought often, most seldom.
CREATE FUNCTION pg_temp.bought(n bigint, skus bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT 1 + floor(skus * power(pg_temp.dice(n, 7, 1000000) / 1000000.0, 3))::bigint $$;
CREATE FUNCTION pg_temp.price(v bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT 500 + pg_temp.dice(v, 8, 200) * 50 $$;
CREATE TEMP TABLE word_name (i int PRIMARY KEY, name text, text text, grams text[]);
CREATE TEMP TABLE word_goods (i int PRIMARY KEY, name text, text text, grams text[]);
CREATE TEMP TABLE word_place (i int PRIMARY KEY, province text, city text, postcode text);
CREATE TEMP TABLE word_staff (i int PRIMARY KEY, id uuid, name text);
CREATE TEMP TABLE book_line (n bigint, k int, v bigint, quantity int, unit bigint);
CREATE TEMP TABLE book (n bigint, number text, placed_at timestamptz, c bigint, state text, payment text, fulfilment text,
  method text, channel text, goods bigint, agent int, place int, name int, w int, due_back bigint, parcel text);
