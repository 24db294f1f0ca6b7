-- What each comparison program owns, in a schema of its own: {schema}. 100,000 trips of 8 lines are there before
-- the first measurement, because a plan or an index for an empty table says nothing about a shop in use.
CREATE SCHEMA {schema};

CREATE TABLE {schema}.store (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    external_id text NOT NULL UNIQUE
);

CREATE TABLE {schema}.trip (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    trip_id text NOT NULL UNIQUE,
    store_id bigint NOT NULL REFERENCES {schema}.store,
    request_id text NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    body bytea NOT NULL
);

CREATE TABLE {schema}.line (
    trip_id bigint NOT NULL REFERENCES {schema}.trip,
    position int NOT NULL,
    sku text NOT NULL,
    kind text NOT NULL,
    quantity numeric NOT NULL,
    unit text NOT NULL,
    PRIMARY KEY (trip_id, position)
);

INSERT INTO {schema}.store (external_id) VALUES ('BENCH');

INSERT INTO {schema}.trip (trip_id, store_id, request_id, started_at, ended_at, received_at, body)
SELECT gen_random_uuid()::text, 1, gen_random_uuid()::text, at, at + interval '4 minutes', at + interval '9 minutes',
       convert_to({body}, 'UTF8')
FROM (SELECT now() - number * interval '1 minute' AS at FROM generate_series({trips}, 1, -1) AS number) AS day;

INSERT INTO {schema}.line
SELECT id, position, 'SKU-' || position, 'SKU', 1.0, 'unit' FROM {schema}.trip, generate_series(1, 8) AS position;

ANALYZE;
