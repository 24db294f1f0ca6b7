-- Priced trips of 8 lines, oldest first, with their charges: {trip_state} and {charge_state}, of which {captured} is
-- captured. They are due in {due_in} seconds; NULL: never. Times lie {minutes_apart} minutes apart and end now.
WITH trip AS (
    INSERT INTO orders_trip (amazon_trip_id, store_id, entry, request_id, shopper_id, item_count, started_at, ended_at,
                             received_at, state, currency, subtotal, tax, total,
                             lease_count, failed_attempts, last_error)
    SELECT given.id, store.id, 'CARD', gen_random_uuid()::text, gen_random_uuid()::text, 8, at - interval '9 minutes',
           at - interval '5 minutes', at, {trip_state}, {currency}, 19.20, 0.96, 20.16, 1, 0, ''
    FROM unnest({trip_ids}::text[]) WITH ORDINALITY AS given (id, number),
         stores_store AS store,
         LATERAL (SELECT now() - {minutes_apart} * (cardinality({trip_ids}::text[]) - number) * interval '1 minute' AS at) AS day
    ORDER BY given.number
    RETURNING id, received_at
), cart AS (
    INSERT INTO orders_cart (trip_id, body) SELECT id, {body} FROM trip
), line AS (
    INSERT INTO orders_line (trip_id, position, sku, is_scan_code, barcodes, line_item_id, quantity, unit, product_id, name,
                             unit_price, tax_rate, tax, total, problem)
    SELECT trip.id, row_number() OVER (PARTITION BY trip.id ORDER BY product.id), product.sku, false, '[]', '', 1, 'unit',
           product.id, product.name, product.price, product.tax_rate, 0.12, 2.52, ''
    FROM trip, stores_product AS product
), event AS (
    INSERT INTO orders_tripevent (trip_id, at, actor, kind, amount, detail)
    SELECT id, received_at, 'system', 'priced', 20.16, '' FROM trip
)
INSERT INTO payments_charge (trip_id, flow, processor, state, currency, amount, authorized, captured, settled, committed,
                             captured_at, remote_id, rounds, next_attempt_at, lease_count, failed_attempts, last_error)
SELECT id, 'PAYMENT_SERVICE', '', {charge_state}, {currency}, 20.16, {captured}, {captured}, 0, 0,
       CASE WHEN {captured} > 0 THEN received_at END, '', 1, now() + {due_in} * interval '1 second', 0, 0, ''
FROM trip ORDER BY id;
