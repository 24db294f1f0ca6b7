-- The usual program's tables, full of settled trips like ours.
INSERT INTO usual_trip (amazon_trip_id, state, currency, total, captured, created_at, updated_at)
SELECT gen_random_uuid()::text, 'captured', {currency}, {total}, {total}, at, at
FROM (SELECT now() - number * interval '1 minute' AS at FROM generate_series({settled}, 1, -1) AS number) AS day;

INSERT INTO usual_event (trip_id, kind, amount, created_at)
SELECT id, kind, total, created_at FROM usual_trip, unnest(ARRAY['adjust approved', 'captured']) AS kind ORDER BY id;

ANALYZE;
