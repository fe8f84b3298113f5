-- What must see all branches: it belongs to a role of its own that nobody logs in as, and only reads.

-- The double-pay radar: for each asked disbursement the newest living one that looks like the same, in any branch. The
-- same member and amount; the same weigh ticket in another branch with the same amount or account (branches number their
-- tickets alike); the same account under another member's name. `p_own` are intents that stand for the asked ones; a line of
-- `p_batch` that has a reason was told of the lines before it, and does not count against them.
-- `p_tickets` are keys, for a ticket is one ticket however it is written. What came back
-- from the bank counts as well: it is owed to its member, or paid again since.
create or replace function sheaf.likely_duplicates(p_places int[], p_branches int[], p_members uuid[], p_amounts bigint[], p_tickets text[],
    p_banks boolean[], p_own uuid[], p_since timestamptz, p_batch uuid default null)
returns table (place int, kind text, branch_id int, number text, at timestamptz)
language sql stable security definer set search_path = sheaf, pg_temp as $$
  with floor as (
    -- ids begin with their time: nothing older than the window is read
    select (lpad(to_hex((extract(epoch from p_since) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid id
  )
  select w.place, d.kind, d.branch_id, d.number, d.created_at
  from unnest(p_places, p_branches, p_members, p_amounts, p_tickets, p_banks, p_own) w (place, branch, member, amount, ticket, bank, own)
  cross join floor
  left join lateral (
    select a.number_digest digest from bank_account a where w.bank and a.member_id = w.member order by a.version desc limit 1
  ) paid on true
  cross join lateral (
    -- each way by its own index and with its own limit: a plan that walks back through all intents is never the cheaper one
    select l.kind, l.branch_id, l.number, l.created_at from (
      (select 'amount' kind, i.id, i.branch_id, i.number, i.created_at from intent i
        where i.member_id = w.member and i.id >= floor.id and i.amount = w.amount
          and i.operation = 'disbursement' and i.id is distinct from w.own
          and (i.batch_id = p_batch and i.duplicate_reason <> '') is not true
          and sheaf.is_living(i.state)
        order by i.id desc limit 1)
      union all
      -- owed for as long as nothing pays it again, however long ago that was
      (select 'owed', i.id, i.branch_id, i.number, i.created_at from intent i
        where i.member_id = w.member and i.state = 'returned' and w.amount in (i.amount, i.payout) and i.id is distinct from w.own
          and not exists (select from intent n where n.pays_again = i.id
                          and n.state not in ('rejected', 'cancelled', 'expired', 'failed'))
        order by i.id desc limit 1)
      union all
      (select 'ticket', i.id, i.branch_id, i.number, i.created_at from intent i left join bank_account a on a.id = i.bank_account_id
        where i.ticket_key = w.ticket and i.ticket_key <> '' and i.branch_id <> w.branch and i.id >= floor.id
          and (i.amount = w.amount or a.number_digest = paid.digest)
          and i.operation = 'disbursement' and i.id is distinct from w.own
          and sheaf.is_living(i.state))
      union all
      (select 'account', i.id, i.branch_id, i.number, i.created_at
        from (select a.id, a.member_id from bank_account a
              where a.number_digest = paid.digest and a.member_id <> w.member offset 0) a
        cross join lateral (
          select * from intent i where i.member_id = a.member_id and i.bank_account_id = a.id and i.id >= floor.id
            and i.operation = 'disbursement' and i.id is distinct from w.own
            and (i.batch_id = p_batch and i.duplicate_reason <> '') is not true
            and sheaf.is_living(i.state)
          order by i.id desc limit 1) i)
    ) l order by l.kind = 'owed' desc, l.id desc limit 1
  ) d
$$;
grant execute on function sheaf.likely_duplicates to sheaf_api;

-- What is paid on the business day that begins at p_days[n], by whomever and wherever, of all that counts together with such
-- an item (satang): everything that the company gives a member; everything that leaves for that member's bank or out of
-- their balance; everything for the same account under any name. The largest of these. What has ended without a payment
-- counts nothing; a line of a batch counts from its draft, and on the day when its batch was submitted. `p_less`: only what
-- was submitted to fewer signers than this role.
create or replace function sheaf.day_sums(p_members uuid[], p_operations text[], p_banks boolean[], p_days timestamptz[],
    p_less text default null) returns bigint[]
language plpgsql stable security definer set search_path = sheaf, pg_temp
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
begin
  return array(
    select greatest(case when w.operation = 'disbursement' then m.given end,
      case when w.operation <> 'disbursement' or w.bank then m.gone end, case when w.bank then k.gone end, 0)
    from unnest(p_members, p_operations, p_banks, p_days) with ordinality w (member, operation, bank, day, place)
    cross join lateral (
      -- ids begin with their time: nothing older than an open batch may be is read
      select (lpad(to_hex((extract(epoch from w.day - interval '3 days') * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid drafts,
        (lpad(to_hex((extract(epoch from w.day) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid begins,
        (lpad(to_hex((extract(epoch from w.day + interval '1 day') * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid ends
    ) d
    left join lateral (
      select a.number_digest digest from bank_account a where w.bank and a.member_id = w.member order by a.version desc limit 1
    ) paid on true
    cross join lateral (
      select coalesce(sum(i.amount) filter (where i.operation = 'disbursement'), 0)::bigint given,
        coalesce(sum(i.amount) filter (where i.operation <> 'disbursement' or i.destination = 'bank'), 0)::bigint gone
      from intent i
      where i.member_id = w.member and i.id >= d.drafts
        and sheaf.is_living(i.state) and i.state <> 'returned'
        and (p_less is null or i.state <> 'created' and p_less <> all (i.quorum))
        and case when i.batch_id is null then i.id >= d.begins and i.id < d.ends
            else i.state = 'created' or exists (
              select from intent_event e where e.intent_id = i.id and e.version = 2 and e.at >= w.day and e.at < w.day + interval '1 day')
            end
    ) m
    cross join lateral (
      select coalesce(sum(i.amount), 0)::bigint gone
      from (select a.id, a.member_id from bank_account a where a.number_digest = paid.digest offset 0) a
      cross join lateral (
        select i.amount from intent i
        where i.member_id = a.member_id and i.bank_account_id = a.id and i.id >= d.drafts
          and sheaf.is_living(i.state) and i.state <> 'returned'
          and (p_less is null or i.state <> 'created' and p_less <> all (i.quorum))
          and case when i.batch_id is null then i.id >= d.begins and i.id < d.ends
              else i.state = 'created' or exists (
                select from intent_event e where e.intent_id = i.id and e.version = 2 and e.at >= w.day and e.at < w.day + interval '1 day')
              end
        offset 0) i
    ) k
    order by w.place);
end $$;
grant execute on function sheaf.day_sums to sheaf_api, sheaf_executor;
