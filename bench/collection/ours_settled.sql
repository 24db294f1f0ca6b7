-- What collecting leaves behind of every captured charge: events, journal, card, report, receipt.
INSERT INTO payments_paymentevent (charge_id, at, actor, kind, phase, key, amount, currency, detail)
SELECT charge.id, captured_at, actor, kind, phase, key, amount, currency, ''
FROM payments_charge AS charge,
     (VALUES ('system', 'adjust', 'requested', '1'), ('Amazon', 'adjust', 'succeeded', '1'),
             ('system', 'capture', 'requested', '1'), ('Amazon', 'capture', 'succeeded', '1'),
             ('Amazon', 'feedback', 'succeeded', '1/1')) AS step (actor, kind, phase, key)
ORDER BY charge.id;

INSERT INTO amazon_outboundcall (at, operation, url, store_external_id, amazon_trip_id, request, status, answer, error,
                                 amazon_request_id, duration_ms)
SELECT received_at, operation, 'http://127.0.0.1/v1', 'BENCH', amazon_trip_id, '{}', 200, '{}', '', '', 50
FROM orders_trip, unnest(ARRAY['adjust', 'capture', 'transactional-data', 'feedback']) AS operation
ORDER BY orders_trip.id;

INSERT INTO payments_carddetails (charge_id, brand, last_four, emv, lease_count, failed_attempts, last_error)
SELECT id, 'VISA', '4242', '{}', 1, 0, '' FROM payments_charge;

INSERT INTO payments_feedbackreport (charge_id, store_id, number, state, cause, total, settled, currency, at,
                                     seen_by, lease_count, failed_attempts, last_error)
SELECT charge.id, store_id, 1, 'accepted', 'captured', amount, captured, charge.currency, captured_at, '', 1, 0, ''
FROM payments_charge AS charge JOIN orders_trip AS trip ON trip.id = trip_id;

INSERT INTO payments_receipt (charge_id, store_id, token, state, email, seen_by, lease_count, failed_attempts, last_error)
SELECT charge.id, store_id, gen_random_uuid()::text, 'no_address', '', '', 1, 0, ''
FROM payments_charge AS charge JOIN orders_trip AS trip ON trip.id = trip_id;

ANALYZE;
