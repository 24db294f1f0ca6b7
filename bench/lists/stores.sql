-- Stores and members that every size has in common. Store 299 closed when a fifth of the time had passed; store 300 has
-- not opened yet.
INSERT INTO stores_store (external_id, name, region, time_zone, currency, prices_include_tax, card_flow, app_flow,
                          processor, sends_receipts, receipt_header, reports_payments, refund_window_days,
                          loyalty_provider, points_per_unit, has_dash_cart, is_test_mode)
SELECT 'STORE-' || number, 'Store ' || number, 'us-east-1', 'America/New_York', 'USD', false, 'PAYMENT_SERVICE',
       'OWN_PROCESSOR', 'house_account', true, '', true, 7, '', 0, false, false
FROM generate_series(1, 300) AS number ORDER BY number;

INSERT INTO stores_product (store_id, sku, name, price, unit, tax_rate)
SELECT store.id, 'SKU-' || number, 'Product ' || number, 9.60, 'unit', 5
FROM stores_store AS store, generate_series(1, 40) AS number;

INSERT INTO loyalty_member (external_id, kind, name, email, phone, tier, block_reason)
SELECT 'MEMBER-' || number, 'SHOPPER', 'Member ' || number, '', '', '', '' FROM generate_series(1, 1000) AS number;
