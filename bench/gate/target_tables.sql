-- Members, codes, scans, cards and decisions of our own tables, as the comparison program's in tables.sql; trips, the
-- store and every table that these lean on are there already.
INSERT INTO loyalty_member (external_id, kind, name, email, phone, tier, blocked_at, block_reason)
SELECT 'member-' || lpad(number::text, 7, '0'), 'SHOPPER', 'Bench', '', '', '',
       CASE WHEN number % {exception} = 0 THEN now() END, ''
FROM generate_series(1, {rows}) AS number;

INSERT INTO loyalty_code (value, member_id, is_loyalty_only)
SELECT 'BENCH-CODE-' || right(external_id, 7), id, false FROM loyalty_member;

INSERT INTO loyalty_scan (kind, request_id, event_id, store_id, member_id, shown, location, at, received_at, is_accepted,
                          reason, resolved_id, resolved_type)
SELECT CASE WHEN member.id % 2 = 0 THEN 'identity' ELSE 'loyalty' END, gen_random_uuid()::text, gen_random_uuid()::text,
       store.id, member.id, '…' || right(member.external_id, 4), 'ENTRY', now() - member.id * interval '1 minute',
       now() - member.id * interval '1 minute', true, '', member.external_id, member.kind
FROM loyalty_member AS member, stores_store AS store ORDER BY member.id DESC;

INSERT INTO payments_gaterules (store_id, recommendation, denied_risks, denies_debtors, tolerated_debt, most_held, fallback)
SELECT id, 'follow', '["CustomerFraud", "BadDebt", "InvalidCard", "ExpiredCard"]', true, 0, 100, 'deny' FROM stores_store;

INSERT INTO payments_blockedshopper (shopper_id, reason, blocked_by)
SELECT 'bench.card.000000' || lpad(number::text, 7, '0'), 'Stolen', 'bench'
FROM generate_series(1, {rows}, 10 * {exception}) AS number;

WITH trip AS (
    SELECT id, store_id, row_number() OVER (ORDER BY id) AS number FROM orders_trip ORDER BY id LIMIT {rows} / {exception}
), charge AS (
    INSERT INTO payments_charge (trip_id, flow, processor, state, currency, amount, authorized, captured, settled,
                                 committed, remote_id, rounds, lease_count, failed_attempts, last_error)
    SELECT id, 'PAYMENT_SERVICE', '', 'declined', 'USD', 21, 0, 0, 0, 0, '', 1, 1, 0, '' FROM trip
    RETURNING id, trip_id
)
INSERT INTO payments_debt (charge_id, store_id, state, amount, owed, currency, shopper_id)
SELECT charge.id, trip.store_id, 'open', 21, 21, 'USD', 'bench.card.000000' || lpad((trip.number * {exception})::text, 7, '0')
FROM charge JOIN trip ON trip.id = charge.trip_id;

UPDATE orders_trip SET state = 'unpaid' WHERE id IN (SELECT trip_id FROM payments_charge);

INSERT INTO payments_gatedecision (store_id, amazon_trip_id, event_id, shopper_id, decided_at, is_authorized, reasons,
                                   risks, held, adjusted_to, currency, is_fallback)
SELECT store.id, gen_random_uuid()::text, gen_random_uuid()::text, 'bench.card.000000' || lpad(number::text, 7, '0'),
       now() - number * interval '1 minute', true, '["Amazon advises to hold USD 25.00."]', '[]', 50, 25, 'USD', false
FROM generate_series({rows}, 1, -1) AS number, stores_store AS store;

INSERT INTO amazon_inboundcall (at, endpoint, caller, store_external_id, request_id, amazon_trip_id, body, is_whole,
                                status, answer, duration_ms, is_replay)
SELECT received_at, '/v1/identity/identity-keys', 'key 1', 'BENCH', request_id, '', '[]', false, 200, '[]', 1, false
FROM loyalty_scan ORDER BY received_at;

ANALYZE;
