\set number random(1, :rows)
WITH asked AS (
    SELECT 'bench.card.000000' || lpad(:number::text, 7, '0') AS shopper_id
), known AS (
    SELECT store.id, asked.shopper_id,
        NOT EXISTS (SELECT FROM floor.block WHERE block.shopper_id = asked.shopper_id) AND NOT (rules.denies_debtors AND
            COALESCE((SELECT sum(amount) FROM floor.debt WHERE debt.shopper_id = asked.shopper_id), 0)
            > rules.tolerated_debt) AS is_authorized
    FROM asked, floor.store JOIN floor.rules ON rules.store_id = store.id WHERE store.external_id = 'BENCH'
)
INSERT INTO floor.decision (store_id, trip_id, event_id, shopper_id, is_authorized, reasons, risks, held, adjusted_to,
                            currency)
SELECT id, gen_random_uuid()::text, gen_random_uuid()::text, shopper_id, is_authorized, ARRAY[]::text[], ARRAY[]::text[],
       50, 25, 'USD'
FROM known
ON CONFLICT DO NOTHING RETURNING is_authorized, risks, adjusted_to;
