-- Balances, advances and the double-pay radar in submissions and batches: what is decided from, and what is looked at again.

-- Facts of a submission (20_submission.sql): whom transfers go to, what balances may still give, what members owe.
create function sheaf.recipients_of(p_items sheaf.asked_intent[]) returns json language sql stable as $$
  select coalesce(json_object_agg(r.code, json_build_object('id', r.id, 'code', r.code, 'name', r.name, 'status', r.status,
    'branch_id', r.branch_id)), '{}')
  from sheaf.recipients(array(select i.to_member from unnest(p_items) i where i.to_member <> '')) r
$$;
create function sheaf.balances_of(p_items sheaf.asked_intent[]) returns json language sql stable as $$
  select coalesce(json_object_agg(a.id, a.posted - a.held), '{}') from sheaf.ledger_account a
  where a.id = any (array(select i.balance_id from unnest(p_items) i where i.operation <> 'disbursement'))
$$;
create function sheaf.advances_of(p_items sheaf.asked_intent[]) returns json language sql stable as $$
  select coalesce(json_object_agg(o.member_id, o.owed), '{}') from (
    select a.member_id, json_agg(json_build_object('id', a.id, 'free', a.amount - a.reserved - a.deducted,
      'basis_points', a.basis_points, 'least', a.least, 'most', a.most) order by a.id) owed
    from sheaf.advance a
    where a.state = 'effective' and a.reserved + a.deducted < a.amount
      and a.member_id = any (array(select i.member_id from unnest(p_items) i where i.operation = 'disbursement'))
    group by a.member_id) o
$$;
-- The radar's findings for what is asked: the search itself sees all branches (80_everywhere.sql).
create function sheaf.suspects_of(p_items sheaf.asked_intent[], p_branch int, p_since timestamptz) returns json
language sql stable as $$
  with asked as (
    select i.member_id, i.amount, i.weigh_ticket, i.destination = 'bank' bank, place::int
    from unnest(p_items) with ordinality
      i (member_id, weigh_ticket, user_id, key, token_id, operation, amount, destination, to_member, balance_id, place)
    where i.operation = 'disbursement'
  )
  select coalesce(json_agg(json_build_object('member_id', a.member_id, 'amount', a.amount, 'ticket', a.weigh_ticket,
    'kind', d.kind, 'branch_id', d.branch_id, 'number', d.number, 'at', d.at)), '[]')
  from (select array_agg(place) places, array_agg(member_id) members, array_agg(amount) amounts,
          array_agg(weigh_ticket) tickets, array_agg(bank) banks from asked) g
  cross join lateral sheaf.likely_duplicates(g.places, p_branch, g.members, g.amounts, g.tickets, g.banks,
    array_fill(null::uuid, array[cardinality(g.places)]), p_since) d
  join asked a on a.place = d.place
$$;

-- Which decided items would repay more than is owed by now; locks what they repay.
create function sheaf.overdrawn(p_items sheaf.planned_intent[]) returns int[] language plpgsql as $$
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

-- Which decided disbursements look like one that was made since they were decided. Two branches that pay the same thing at
-- once meet at its lock, and the second one looks when the first is done.
create function sheaf.overtaken(p_items sheaf.planned_intent[], p_branch int) returns int[] language plpgsql as $$
begin
  if not exists (select from unnest(p_items) i where i.operation = 'disbursement') then
    return '{}';
  end if;
  perform pg_advisory_xact_lock_shared(7235460);
  perform pg_advisory_xact_lock(k.key) from (
    select distinct hashtextextended(w.what, 7235460) key
    from unnest(p_items) i left join sheaf.bank_account b on b.id = i.bank_account_id
    cross join lateral unnest(array['member/' || i.member_id, 'account/' || encode(b.number_digest, 'hex'),
                                    'ticket/' || nullif(i.weigh_ticket, '')]) w (what)
    where i.operation = 'disbursement' and w.what is not null order by 1) k;
  return array(
    select d.place from (
      select array_agg(i.ordinal) places, array_agg(i.member_id) members, array_agg(i.amount) amounts,
        array_agg(i.weigh_ticket) tickets, array_agg(i.bank_account_id is not null) banks, array_agg(null::uuid) own,
        min(i.radar_since) since
      from unnest(p_items) i where i.operation = 'disbursement' and i.duplicate_reason = '') g
    cross join lateral sheaf.likely_duplicates(g.places, p_branch, g.members, g.amounts, g.tickets, g.banks, g.own, g.since) d);
end $$;

-- The first line of an open batch that looks like a payment of before, and how. A batch takes no locks for its lines:
-- it waits at the gate for all submissions that are under way, and those that begin later see the lines.
create function sheaf.suspect_line(p_batch uuid, p_branch int, p_since timestamptz)
returns table (line int, kind text, branch_id int, number text, at timestamptz) language plpgsql as $$
begin
  begin
    perform pg_advisory_xact_lock(7235460);
    -- a lock that was taken in what is undone is given back at once
    raise exception 'through the gate' using errcode = 'SH075';
  exception when sqlstate 'SH075' then null;
  end;
  return query
    select d.place, d.kind, d.branch_id, d.number, d.at from (
      select array_agg(i.line) places, array_agg(i.member_id) members, array_agg(i.amount) amounts,
        array_agg(i.weigh_ticket) tickets, array_agg(i.bank_account_id is not null) banks, array_agg(i.id) own
      from sheaf.intent i where i.batch_id = p_batch and i.duplicate_reason = '') g
    cross join lateral sheaf.likely_duplicates(g.places, p_branch, g.members, g.amounts, g.tickets, g.banks, g.own, p_since,
      p_batch) d
    order by d.place limit 1;
end $$;
