-- The least that keeps a cart and its lines: no store, no columns but the key and the body. Full, like the others.
CREATE SCHEMA floor;

CREATE TABLE floor.trip (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    trip_id text NOT NULL UNIQUE,
    body text NOT NULL
);

CREATE TABLE floor.line (
    trip_id bigint NOT NULL,
    position int NOT NULL,
    sku text NOT NULL,
    quantity text NOT NULL,
    PRIMARY KEY (trip_id, position)
);

INSERT INTO floor.trip (trip_id, body)
SELECT gen_random_uuid()::text, {body} FROM generate_series(1, {trips});

INSERT INTO floor.line SELECT id, position, 'SKU-' || position, '1.0' FROM floor.trip, generate_series(1, 8) AS position;

ANALYZE;
