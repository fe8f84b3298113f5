-- Tiers count what a member and an account get on one business day, in however many pieces (sheaf.day_sums, 80_everywhere.sql).

grant select (intent_id, version, at) on sheaf.intent_event to sheaf_everywhere;

-- what a decided item was tiered by, its own amount included (satang), and when its business day began
alter type sheaf.planned_intent add attribute tier_total bigint, add attribute business_day timestamptz;

-- The largest sum that any member or account of an open batch gets on this business day, the batch's own lines included
-- (satang). Asked after the gate of the radar: what was submitted at the same time is seen.
create function sheaf.batch_day_sum(p_batch uuid, p_day timestamptz) returns bigint language plpgsql stable
set enable_seqscan = off as $$
begin
  return (
    select coalesce(max(s.paid), 0) from (
      select array_agg(l.member_id) members, array_agg(l.bank) banks from (
        select distinct i.member_id, i.destination = 'bank' bank from sheaf.intent i where i.batch_id = p_batch) l) g
    cross join lateral unnest(sheaf.day_sums(g.members, array_fill('disbursement'::text, array[cardinality(g.members)]), g.banks,
      array_fill(p_day, array[cardinality(g.members)]))) s (paid));
end $$;
revoke execute on function sheaf.batch_day_sum(uuid, timestamptz) from public;
grant execute on function sheaf.batch_day_sum(uuid, timestamptz) to sheaf_api;
