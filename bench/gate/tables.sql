-- What the comparison program owns, in a schema of its own: {schema}; the floor has the same in another. Full before the
-- first measurement, because a plan or an index for an empty table says nothing about a shop in use.
CREATE SCHEMA {schema};
SET search_path TO {schema};

CREATE TABLE store (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    external_id text NOT NULL UNIQUE,
    currency text NOT NULL
);

CREATE TABLE rules (
    store_id bigint PRIMARY KEY REFERENCES store,
    follows_amazon boolean NOT NULL,
    denied_risks text[] NOT NULL,
    denies_debtors boolean NOT NULL,
    tolerated_debt numeric NOT NULL,
    most_held numeric
);

CREATE TABLE member (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    external_id text NOT NULL UNIQUE,
    kind text NOT NULL,
    blocked_at timestamptz
);

CREATE TABLE code (
    value text PRIMARY KEY,
    member_id bigint NOT NULL REFERENCES member,
    is_loyalty_only boolean NOT NULL
);

CREATE TABLE scan (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    request_id text NOT NULL,
    event_id text NOT NULL,
    store_id bigint NOT NULL REFERENCES store,
    member_id bigint REFERENCES member,
    shown text NOT NULL,
    location text NOT NULL,
    at timestamptz NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    is_accepted boolean NOT NULL,
    reason text NOT NULL,
    resolved_id text NOT NULL,
    resolved_type text NOT NULL,
    UNIQUE (kind, request_id)
);
CREATE UNIQUE INDEX ON scan (event_id) WHERE kind = 'identity';

CREATE TABLE block (
    shopper_id text NOT NULL,
    store_id bigint REFERENCES store,
    reason text NOT NULL,
    UNIQUE NULLS NOT DISTINCT (shopper_id, store_id)
);

CREATE TABLE debt (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shopper_id text NOT NULL,
    amount numeric NOT NULL,
    currency text NOT NULL
);
CREATE INDEX ON debt (shopper_id);

CREATE TABLE decision (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store_id bigint NOT NULL REFERENCES store,
    trip_id text NOT NULL,
    event_id text NOT NULL,
    shopper_id text NOT NULL,
    decided_at timestamptz NOT NULL DEFAULT now(),
    is_authorized boolean NOT NULL,
    reasons text[] NOT NULL,
    risks text[] NOT NULL,
    recommended text,
    held numeric,
    adjusted_to numeric,
    currency text NOT NULL,
    UNIQUE (store_id, trip_id, event_id, shopper_id)
);

INSERT INTO store (external_id, currency) VALUES ('BENCH', 'USD');
INSERT INTO rules VALUES (1, true, ARRAY['CustomerFraud', 'BadDebt', 'InvalidCard', 'ExpiredCard'], true, 0, 100);

INSERT INTO member (external_id, kind, blocked_at)
SELECT 'member-' || lpad(number::text, 7, '0'), 'SHOPPER', CASE WHEN number % {exception} = 0 THEN now() END
FROM generate_series(1, {rows}) AS number;

INSERT INTO code SELECT 'BENCH-CODE-' || right(external_id, 7), id, false FROM member;

INSERT INTO scan (kind, request_id, event_id, store_id, member_id, shown, location, at, received_at, is_accepted, reason,
                  resolved_id, resolved_type)
SELECT CASE WHEN id % 2 = 0 THEN 'identity' ELSE 'loyalty' END, gen_random_uuid()::text, gen_random_uuid()::text, 1, id,
       '…' || right(external_id, 4), 'ENTRY', now() - id * interval '1 minute', now() - id * interval '1 minute', true,
       '', external_id, kind
FROM member ORDER BY id DESC;

INSERT INTO block
SELECT 'bench.card.000000' || lpad(number::text, 7, '0'), NULL, 'Stolen' FROM generate_series(1, {rows}, 10 * {exception}) AS number;

INSERT INTO debt (shopper_id, amount, currency)
SELECT 'bench.card.000000' || lpad(number::text, 7, '0'), 21, 'USD' FROM generate_series({exception}, {rows}, {exception}) AS number;

INSERT INTO decision (store_id, trip_id, event_id, shopper_id, decided_at, is_authorized, reasons, risks, held,
                      adjusted_to, currency)
SELECT 1, gen_random_uuid()::text, gen_random_uuid()::text, 'bench.card.000000' || lpad(number::text, 7, '0'),
       now() - number * interval '1 minute', true, ARRAY['Amazon advises to hold USD 25.00.'], ARRAY[]::text[], 50, 25,
       'USD'
FROM generate_series({rows}, 1, -1) AS number;

ANALYZE;
