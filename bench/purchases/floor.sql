-- The body is sent once with every call, as a web program would send it, and used twice.
WITH sent AS (
    SELECT :body::text AS body
), trip AS (
    INSERT INTO floor.trip (trip_id, body) SELECT gen_random_uuid()::text, body FROM sent
    ON CONFLICT (trip_id) DO NOTHING RETURNING id
)
INSERT INTO floor.line
SELECT trip.id, item.position, item.line ->> 'id', item.line -> 'quantity' ->> 'value'
FROM trip, sent, jsonb_array_elements(sent.body::jsonb -> 'cartItems') WITH ORDINALITY AS item (line, position);
