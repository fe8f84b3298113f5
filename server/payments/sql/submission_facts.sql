-- Facts of a submission: whom transfers go to, what balances may still give, what members owe.
create or replace function sheaf.recipients_of(p_items sheaf.asked_intent[]) returns json language sql stable as $$
  select coalesce(json_object_agg(r.code, json_build_object('id', r.id, 'code', r.code, 'name', r.name, 'status', r.status,
    'branch_id', r.branch_id)), '{}')
  from sheaf.recipients(array(select i.to_member from unnest(p_items) i where i.to_member <> '')) r
$$;
grant execute on function sheaf.recipients_of to public;

create or replace function sheaf.balances_of(p_items sheaf.asked_intent[]) returns json language sql stable as $$
  select coalesce(json_object_agg(a.id, a.posted - a.held), '{}') from sheaf.ledger_account a
  where a.id = any (array(select i.balance_id from unnest(p_items) i where i.operation <> 'disbursement'))
$$;
grant execute on function sheaf.balances_of to public;

create or replace function sheaf.advances_of(p_items sheaf.asked_intent[]) returns json language sql stable as $$
  select coalesce(json_object_agg(o.member_id, o.owed), '{}') from (
    select a.member_id, json_agg(json_build_object('id', a.id, 'free', a.amount - a.reserved - a.deducted,
      'basis_points', a.basis_points, 'least', a.least, 'most', a.most) order by a.id) owed
    from sheaf.advance a
    where a.state = 'effective' and a.reserved + a.deducted < a.amount
      and a.member_id = any (array(select i.member_id from unnest(p_items) i where i.operation = 'disbursement'))
    group by a.member_id) o
$$;
grant execute on function sheaf.advances_of to public;

-- The radar's findings for what is asked, each with the branch that asked: the search itself sees all branches.
create or replace function sheaf.suspects_of(p_asked jsonb, p_since timestamptz) returns json
language sql stable as $$
  with asked as (
    select b.branch, i.member_id, i.amount, i.ticket_key, i.destination = 'bank' bank, (row_number() over ())::int place
    from jsonb_to_recordset(p_asked) b (branch int, items jsonb)
    cross join lateral jsonb_populate_recordset(null::sheaf.asked_intent, b.items) i
    where i.operation = 'disbursement'
  )
  select coalesce(json_agg(json_build_object('asked_at', a.branch, 'member_id', a.member_id, 'amount', a.amount,
    'ticket', a.ticket_key, 'kind', d.kind, 'branch_id', d.branch_id, 'number', d.number, 'at', d.at)), '[]')
  from (select array_agg(place) places, array_agg(branch) branches, array_agg(member_id) members, array_agg(amount) amounts,
          array_agg(ticket_key) tickets, array_agg(bank) banks from asked) g
  cross join lateral sheaf.likely_duplicates(g.places, g.branches, g.members, g.amounts, g.tickets, g.banks,
    array_fill(null::uuid, array[cardinality(g.places)]), p_since) d
  join asked a on a.place = d.place
$$;
grant execute on function sheaf.suspects_of to public;

-- Which decided items would repay more than is owed by now; locks what they repay.
create or replace function sheaf.overdrawn(p_items sheaf.planned_intent[]) returns int[] language plpgsql as $$
begin
  if not exists (select from unnest(p_items) i where i.advance > 0) then
    return '{}';
  end if;
  perform sheaf.lock_advances(array(
    select (c ->> 'advance_id')::uuid from unnest(p_items) i cross join jsonb_array_elements(i.charges) c
    where c ->> 'kind' = 'advance'));
  return array(
    with repaid as (
      select i.ordinal, (c ->> 'advance_id')::uuid id, sum((c ->> 'amount')::bigint) over (partition by c ->> 'advance_id') amount
      from unnest(p_items) i cross join jsonb_array_elements(i.charges) c where c ->> 'kind' = 'advance'
    )
    select distinct r.ordinal from repaid r left join sheaf.advance a on a.id = r.id
    where (a.state = 'effective' and r.amount <= a.amount - a.reserved - a.deducted) is not true);
end $$;
grant execute on function sheaf.overdrawn to public;

-- Which decided items look like a payment that was made since they were decided, or were tiered by a sum that has changed
-- since. Two that pay the same member or account at once meet at its lock,
-- and the second one looks when the first is done.
create or replace function sheaf.overtaken(p_items sheaf.planned_intent[]) returns int[] language plpgsql as $$
declare alike int[];
begin
  perform pg_advisory_xact_lock_shared(7235460);
  perform pg_advisory_xact_lock(k.key) from (
    select distinct hashtextextended(w.what, 7235460) key
    from unnest(p_items) i left join sheaf.bank_account b on b.id = i.bank_account_id
    cross join lateral unnest(array['member/' || i.member_id, 'account/' || encode(b.number_digest, 'hex'),
                                    'ticket/' || nullif(i.ticket_key, '')]) w (what)
    where w.what is not null order by 1) k;
  alike := array(
    select d.place from (
      select array_agg(i.ordinal) places, array_agg(i.branch_id) branches, array_agg(i.member_id) members,
        array_agg(i.amount) amounts, array_agg(i.ticket_key) tickets, array_agg(i.bank_account_id is not null) banks,
        array_agg(null::uuid) own, min(i.radar_since) since
      from unnest(p_items) i where i.operation = 'disbursement' and i.duplicate_reason = ''
      having count(*) > 0) g
    cross join lateral sheaf.likely_duplicates(g.places, g.branches, g.members, g.amounts, g.tickets, g.banks, g.own, g.since) d);
  return alike || array(
    select g.places[s.n] from (
      select array_agg(i.ordinal order by i.ordinal) places, array_agg(i.amount order by i.ordinal) amounts,
        array_agg(i.tier_total order by i.ordinal) totals,
        sheaf.day_sums(array_agg(i.member_id order by i.ordinal), array_agg(i.operation order by i.ordinal),
          array_agg(i.bank_account_id is not null order by i.ordinal), array_agg(i.business_day order by i.ordinal)) sums
      from unnest(p_items) i) g
    cross join lateral unnest(g.sums) with ordinality s (paid, n)
    where s.paid + g.amounts[s.n] is distinct from g.totals[s.n]);
end $$;
grant execute on function sheaf.overtaken to public;

-- Facts of a submission: the payments that are to be paid again, and by which each is being paid again already.
create or replace function sheaf.originals_of(p_items sheaf.asked_intent[], p_branch int) returns json language sql stable as $$
  select coalesce(json_object_agg(o.id, json_build_object('number', o.number, 'state', o.state, 'operation', o.operation,
    'member_id', o.member_id, 'payout', o.payout, 'paid_by', coalesce((
      select n.number from sheaf.intent n where n.pays_again = o.id
        and n.state not in ('rejected', 'cancelled', 'expired', 'failed') limit 1), ''))), '{}')
  from sheaf.intent o
  where o.branch_id = p_branch and o.id = any (array(select i.pays_again from unnest(p_items) i))
$$;
grant execute on function sheaf.originals_of to public;
