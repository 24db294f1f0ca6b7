-- The trips numbered {first} to {last} of {trips}, oldest first, with all that belongs to them. They are spread evenly
-- over {days} days, whatever their number. `luck` is one of 10,000 and the same for a trip on every run.
CREATE TEMPORARY TABLE visit AS
SELECT number AS id,
       md5(number::text)::uuid::text AS amazon_trip_id,
       now() - ({trips} - number) * (interval '{days} days' / {trips}) AS at,
       luck,
       {trips} - number < {open} AS is_open,
       -- A fifth of the trips are in the three busiest stores.
       CASE WHEN number % 5 = 0 THEN 1 + number / 5 % 3
            WHEN number % 299 = 298 AND number > {trips} / 5 THEN 4
            ELSE 1 + number % 299 END AS store_id,
       CASE WHEN luck % 10 < 7 THEN 'CARD' ELSE 'APP' END AS entry
FROM (SELECT number, abs(hashint8(number)::bigint) % 10000 AS luck
      FROM generate_series({first}::bigint, {last}::bigint) AS number) AS numbered;

ALTER TABLE visit ADD COLUMN state text;
-- Nearly all that is not settled is new: what staff have to do does not grow with the years. A few stay as they failed.
UPDATE visit SET state = CASE
    WHEN is_open AND luck < 300 THEN 'review'
    WHEN is_open AND luck < 600 THEN 'failed'
    WHEN is_open AND luck < 1200 THEN 'collecting'
    WHEN luck = 0 THEN 'failed'
    WHEN luck < 100 THEN 'unpaid'
    WHEN luck < 180 THEN 'partly_paid'
    WHEN luck < 220 THEN 'expired'
    WHEN luck < 400 THEN 'no_charge'
    ELSE 'paid' END;

INSERT INTO orders_trip (id, amazon_trip_id, store_id, entry, request_id, shopper_id, item_count, started_at, ended_at,
                         received_at, state, currency, subtotal, tax, total, member_id, lease_count, failed_attempts,
                         last_error)
SELECT id, amazon_trip_id, store_id, entry, amazon_trip_id, 'card-' || id % 100000, 2, at - interval '9 minutes',
       at - interval '5 minutes', at, state, 'USD',
       CASE WHEN state = 'review' THEN NULL WHEN state = 'no_charge' THEN 0 ELSE 19.20 + luck % 50 END,
       CASE WHEN state = 'review' THEN NULL WHEN state = 'no_charge' THEN 0 ELSE 0.96 END,
       CASE WHEN state = 'review' THEN NULL WHEN state = 'no_charge' THEN 0 ELSE 20.16 + luck % 50 END,
       CASE WHEN entry = 'APP' THEN 1 + id % 1000 END, 1, 0, ''
FROM visit;

INSERT INTO orders_cart (trip_id, body) SELECT id, '{{"cartItems": []}}'::bytea FROM visit;

INSERT INTO orders_line (trip_id, position, sku, is_scan_code, barcodes, line_item_id, quantity, unit, product_id, name,
                         unit_price, tax_rate, tax, total, problem)
SELECT visit.id, position, product.sku, false, '[]', '', 1, 'unit', product.id, product.name, 9.60, 5, 0.48, 10.08,
       CASE WHEN state = 'review' THEN 'no product has this SKU or barcode' ELSE '' END
FROM visit CROSS JOIN generate_series(1, 2) AS position
JOIN stores_product AS product
    ON product.store_id = visit.store_id AND product.sku = 'SKU-' || 1 + (luck + position * 7) % 40;

INSERT INTO orders_tripevent (trip_id, at, actor, kind, amount, detail)
SELECT id, at, 'system', 'priced', 20.16 + luck % 50, '' FROM visit WHERE state <> 'review';

INSERT INTO orders_tripidentity (trip_id, value, rank) SELECT id, 'card-' || id % 100000, 0 FROM visit;

INSERT INTO orders_divergentcart (trip_id, body, digest, request_id, received_at, seen_by)
SELECT id, '{{}}'::bytea, amazon_trip_id, amazon_trip_id, at, '' FROM visit WHERE is_open AND luck % 100 = 7;

-- A charge has its trip's number.
INSERT INTO payments_charge (id, trip_id, flow, processor, state, currency, amount, authorized, captured, settled,
                             committed, captured_at, remote_id, rounds, next_attempt_at, lease_count, failed_attempts,
                             last_error)
SELECT id, id, 'PAYMENT_SERVICE', '',
       CASE state WHEN 'paid' THEN 'captured' WHEN 'partly_paid' THEN 'partly_captured' WHEN 'unpaid' THEN 'declined'
                  WHEN 'no_charge' THEN 'cancelled' WHEN 'collecting' THEN 'adjusting' ELSE state END,
       'USD', amount, taken, taken, 0, CASE WHEN state = 'paid' AND luck % 50 = 1 THEN 5 ELSE 0 END,
       CASE WHEN taken > 0 THEN at END, '', 1, CASE WHEN state = 'collecting' THEN now() + interval '1 hour' END,
       1, CASE WHEN state = 'collecting' THEN 9 ELSE 0 END, CASE WHEN state = 'failed' THEN 'refused' ELSE '' END
FROM (SELECT *, CASE WHEN state = 'no_charge' THEN 0 ELSE 20.16 + luck % 50 END AS amount,
                CASE state WHEN 'paid' THEN 20.16 + luck % 50 WHEN 'partly_paid' THEN 10 ELSE 0 END AS taken
      FROM visit WHERE state <> 'review') AS priced;

INSERT INTO payments_paymentevent (charge_id, at, actor, kind, phase, key, amount, currency, detail)
SELECT id, at, actor, kind, phase, '1', 20.16 + luck % 50, 'USD', ''
FROM visit,
     (VALUES ('system', 'adjust', 'requested'), ('Amazon', 'adjust', 'succeeded'),
             ('system', 'capture', 'requested'), ('Amazon', 'capture', 'succeeded')) AS step (actor, kind, phase)
WHERE state IN ('paid', 'partly_paid');

INSERT INTO payments_paymentevent (charge_id, at, actor, kind, phase, key, amount, currency, detail)
SELECT id, at + interval '2 hours', 'Amazon', 'refund', 'succeeded', md5('refund ' || id)::uuid || '/1', 5, 'USD', ''
FROM visit WHERE state = 'paid' AND luck % 50 = 1 AND NOT is_open
UNION ALL
SELECT id, at, 'system', 'debt', 'opened', '1', 10, 'USD', '' FROM visit WHERE state IN ('unpaid', 'partly_paid');

INSERT INTO payments_carddetails (charge_id, brand, last_four, emv, lease_count, failed_attempts, last_error)
SELECT id, 'VISA', lpad((id % 10000)::text, 4, '0'), '{{}}', 1, 0, '' FROM visit WHERE state <> 'review';

INSERT INTO payments_debt (charge_id, store_id, state, amount, owed, currency, shopper_id, opened_at)
SELECT id, store_id, CASE WHEN luck % 3 = 0 THEN 'open' ELSE 'written_off' END, 10, 10, 'USD', 'card-' || id % 100000, at
FROM visit WHERE state IN ('unpaid', 'partly_paid');

INSERT INTO payments_refund (charge_id, store_id, refund_request_id, state, amount, currency, reason, note, requested_by,
                             requested_at, decided_by, rounds, reconciliation_id, next_attempt_at, lease_count,
                             failed_attempts, last_error)
SELECT id, store_id, md5('refund ' || id)::uuid,
       CASE WHEN NOT is_open THEN 'done' WHEN luck % 3 = 0 THEN 'pending_approval' WHEN luck % 3 = 1 THEN 'queued'
            ELSE 'failed' END,
       5, 'USD', 'DAMAGED_ITEM', '', 'manager', at, '', 1, '', NULL, 1, 0, ''
FROM visit WHERE state = 'paid' AND luck % 50 = 1;

INSERT INTO payments_feedbackreport (charge_id, store_id, number, state, cause, total, settled, currency, at, lease_count,
                                     failed_attempts, last_error)
SELECT id, store_id, 1, CASE WHEN is_open AND luck % 40 = 3 THEN 'rejected' ELSE 'accepted' END, 'captured', 20.16, 10,
       'USD', at, 1, 0, ''
FROM visit WHERE state IN ('paid', 'partly_paid', 'unpaid');

INSERT INTO payments_receipt (charge_id, store_id, token, state, email, sent_at, lease_count, failed_attempts, last_error)
SELECT id, store_id, amazon_trip_id, CASE WHEN entry = 'CARD' THEN 'no_address' ELSE 'sent' END, '', at, 1, 0, ''
FROM visit WHERE state IN ('paid', 'partly_paid');

INSERT INTO payments_gatedecision (store_id, amazon_trip_id, event_id, shopper_id, decided_at, is_authorized, reasons,
                                   risks, held, currency, is_fallback)
SELECT store_id, amazon_trip_id, amazon_trip_id, 'card-' || id % 100000, at - interval '9 minutes', luck % 50 <> 9, '[]',
       '[]', 50, 'USD', luck % 1000 = 9
FROM visit WHERE entry = 'CARD';

INSERT INTO loyalty_scan (kind, request_id, event_id, store_id, member_id, shown, location, at, received_at, is_accepted,
                          reason, resolved_id, resolved_type)
SELECT CASE WHEN luck % 20 = 9 THEN 'loyalty' ELSE 'identity' END, amazon_trip_id, amazon_trip_id, store_id,
       1 + id % 1000, '1234', '', at - interval '9 minutes', at - interval '9 minutes', luck % 50 <> 19, '', '', ''
FROM visit WHERE entry = 'APP';

-- The journal is kept for 90 days.
INSERT INTO amazon_outboundcall (at, operation, url, store_external_id, amazon_trip_id, request, status, answer, error,
                                 amazon_request_id, duration_ms)
SELECT at, operation, 'http://127.0.0.1/v1', 'STORE-' || store_id, amazon_trip_id, '{{}}', 200, '{{}}', '', '', 50
FROM visit, unnest(ARRAY['adjust', 'capture']) AS operation WHERE at > now() - interval '90 days';

INSERT INTO amazon_inboundcall (at, endpoint, caller, store_external_id, request_id, amazon_trip_id, body, is_whole,
                                status, answer, duration_ms, is_replay)
SELECT at, '/v1/order/purchases', 'key 1', 'STORE-' || store_id, amazon_trip_id, amazon_trip_id, '{{}}', true,
       CASE WHEN luck % 1000 = 5 THEN 500 WHEN luck % 200 = 6 THEN 400 ELSE 201 END, '{{}}', 5, false
FROM visit WHERE at > now() - interval '90 days';

DROP TABLE visit;
