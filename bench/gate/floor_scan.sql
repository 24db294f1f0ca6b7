\set number random(1, :rows)
WITH holder AS (
    SELECT member.id, member.external_id, member.kind, member.blocked_at IS NULL AND NOT code.is_loyalty_only AS is_accepted
    FROM floor.code JOIN floor.member ON member.id = code.member_id
    WHERE code.value = 'BENCH-CODE-' || lpad(:number::text, 7, '0')
)
INSERT INTO floor.scan (kind, request_id, event_id, store_id, member_id, shown, location, at, is_accepted, reason,
                        resolved_id, resolved_type)
SELECT 'loyalty', gen_random_uuid()::text, gen_random_uuid()::text, store.id, holder.id, '…0001', 'ENTRY',
       '2026-01-05T09:00:00Z', holder.is_accepted, '', holder.external_id, holder.kind
FROM holder, floor.store WHERE store.external_id = 'BENCH'
ON CONFLICT DO NOTHING RETURNING is_accepted, resolved_id, resolved_type;
