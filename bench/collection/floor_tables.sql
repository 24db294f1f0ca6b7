-- The least that says what is to be collected and that it was: full of settled charges, and {due} that are due.
DROP SCHEMA IF EXISTS floor CASCADE;
CREATE SCHEMA floor;

CREATE TABLE floor.charge (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    due_at timestamptz,
    lease_count int NOT NULL DEFAULT 0,
    state text NOT NULL,
    amount numeric NOT NULL,
    captured numeric NOT NULL
);
CREATE INDEX charge_due ON floor.charge (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE floor.event (
    charge_id bigint NOT NULL REFERENCES floor.charge,
    kind text NOT NULL,
    amount numeric NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (charge_id, kind)
);

INSERT INTO floor.charge (state, amount, captured)
SELECT 'captured', {total}, {total} FROM generate_series(1, {settled});

INSERT INTO floor.event (charge_id, kind, amount) SELECT id, 'capture', captured FROM floor.charge;

INSERT INTO floor.charge (due_at, state, amount, captured)
SELECT now(), 'priced', {total}, 0 FROM generate_series(1, {due});

ANALYZE;
