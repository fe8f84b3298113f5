-- Plans are cached for the session, and a transition table has neither statistics nor an index. So every look-up starts
-- from it (`lateral` with `offset 0` is never turned round) and goes by key, whatever the tables' sizes were at first.
create or replace function sheaf.post_entries() returns trigger language plpgsql security definer
set search_path = sheaf, pg_temp set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare transfers uuid[]; accounts uuid[]; broken text; new_holds boolean; old_holds boolean; reversals boolean; moved int;
begin
  transfers := array(select transfer_id from added);
  accounts := array(select distinct account_id from added);
  select min(case
      when t.branch_id is distinct from a.branch_id or not a.one_branch then '23503'
      when a.total <> 0 then 'SH010'
      when not case t.kind when 'hold' then a.sets_aside when 'post' then a.pays
                           when 'transfer' then a.moves when 'reversal' then a.moves else a.frees end then 'SH012' end),
    bool_or(t.kind = 'hold'), bool_or(t.kind in ('post', 'void', 'expire')), bool_or(t.kind = 'reversal')
  into broken, new_holds, old_holds, reversals
  from (select transfer_id, sum(posted) total, min(branch_id) branch_id, min(branch_id) = max(branch_id) one_branch,
          bool_and(held = 0) moves,
          bool_and(held > 0 and posted = 0) sets_aside, bool_and(held < 0 and posted = 0) frees,
          -- a post takes from its hold exactly what it pays, and from nowhere else
          bool_and((held < 0 and posted = held) or (held = 0 and posted > 0)) pays
        from added group by transfer_id) a
  left join lateral (select x.kind, x.branch_id from ledger_transfer x where x.id = a.transfer_id offset 0) t on true;
  if broken is null and (select count(*) from ledger_entry where transfer_id = any(transfers)) <> (select count(*) from added) then
    broken := 'SH011';
  end if;
  if broken is not null then
    raise exception '%', case broken
      when '23503' then 'a leg and its transfer are of one branch'
      when 'SH010' then 'a transfer''s legs must sum to zero'
      when 'SH011' then 'all legs of a transfer are written at once'
      else 'a leg does not fit the kind of its transfer' end using errcode = broken;
  end if;
  if reversals then
    perform mirror_reversals(transfers);
  end if;

  perform from ledger_account where id = any(accounts) order by (purpose = 'funding'), id for no key update;
  update ledger_account a set posted = a.posted + s.posted, held = a.held + s.held
    from (select l.place, d.posted, d.held
          from (select account_id, min(branch_id) branch_id, min(branch_id) = max(branch_id) one_branch,
                  sum(posted)::bigint posted, sum(held)::bigint held from added group by account_id) d
          cross join lateral (
            select x.ctid place from ledger_account x
            where x.id = d.account_id and x.branch_id = d.branch_id and d.one_branch offset 0) l) s
    where a.ctid = s.place;
  get diagnostics moved = row_count;
  if moved <> cardinality(accounts) then
    raise exception 'a leg and its account are of one branch' using errcode = '23503';
  end if;

  if new_holds then
    insert into ledger_hold (id, branch_id, account_id, amount, remaining, expires_at)
      select a.transfer_id, a.branch_id, a.account_id, a.held, a.held, t.expires_at
      from added a cross join lateral (
        select x.kind, x.expires_at from ledger_transfer x where x.id = a.transfer_id offset 0) t
      where a.held > 0 and t.kind = 'hold';
  end if;
  if old_holds then
    with taken as (
      select t.hold_id, a.account_id, sum(a.held)::bigint held, max(t.at) filter (where t.kind = 'post') posted_at,
             min(t.at) filter (where t.kind = 'expire') expired_at
      from added a cross join lateral (
        select x.kind, x.hold_id, x.at from ledger_transfer x where x.id = a.transfer_id offset 0) t
      where a.held < 0 group by t.hold_id, a.account_id),
    changed as (
      update ledger_hold h set remaining = h.remaining + s.held
      from (select l.place, d.* from taken d cross join lateral (
              select x.ctid place from ledger_hold x where x.id = d.hold_id and x.account_id = d.account_id offset 0) l) s
      where h.ctid = s.place
      returning s.posted_at >= h.expires_at run_out, s.expired_at is not null and coalesce(s.expired_at < h.expires_at, true) early)
    select case when count(*) <> (select count(*) from taken) then 'SH013' when bool_or(run_out) then 'SH014'
                when bool_or(early) then 'SH015' end into broken from changed;
    if broken is not null then
      raise exception '%', case broken
        when 'SH013' then 'there is no such hold on the account'
        when 'SH014' then 'the hold has run out'
        else 'the hold has not run out' end using errcode = broken;
    end if;
  end if;
  return null;
end $$;
create or replace trigger post_entries after insert on sheaf.ledger_entry referencing new table as added for each statement
  execute function sheaf.post_entries();

-- Of these transfers, every reversal moves back exactly what the transfer that it reverses has moved.
create or replace function sheaf.mirror_reversals(p_transfers uuid[]) returns void language plpgsql security definer
set search_path = sheaf, pg_temp as $$
begin
  if exists (
       select from ledger_transfer t left join ledger_transfer o on o.id = t.reverses and o.branch_id = t.branch_id
       where t.id = any(p_transfers) and t.kind = 'reversal' and (coalesce(o.kind, '') not in ('post', 'transfer') or exists (
         select account_id, posted from ledger_entry where transfer_id = t.id
         except select account_id, -posted from ledger_entry where transfer_id = o.id) or exists (
         select account_id, -posted from ledger_entry where transfer_id = o.id and posted <> 0
         except select account_id, posted from ledger_entry where transfer_id = t.id))) then
    raise exception 'a reversal moves back exactly what its transfer moved' using errcode = 'SH016';
  end if;
end $$;

-- Lock what the transfers touch, in the one order: accounts by id, funding (hot) last.
create or replace function sheaf.lock_accounts(p_accounts uuid[], p_holds uuid[], p_reversed uuid[]) returns void
language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  perform from ledger_account where id = any(
      p_accounts || array(select account_id from ledger_hold where id = any(p_holds))
                 || array(select account_id from ledger_entry where transfer_id = any(p_reversed)))
    order by (purpose = 'funding'), id for no key update;
end $$;
grant execute on function sheaf.lock_accounts to sheaf_api, sheaf_executor, sheaf_statements;

-- Write transfers, all or none; parallel arrays, one place for each transfer and one for each leg, which names
-- its transfer by place from 1. A broken law raises.
create or replace function sheaf.write_transfers(p_ids uuid[], p_branches int[], p_kinds text[], p_holds uuid[], p_intents uuid[],
    p_subjects text[], p_reverses uuid[], p_expires timestamptz[], p_places int[],
    p_accounts uuid[], p_posted bigint[], p_held bigint[], p_at timestamptz) returns void
language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  insert into ledger_transfer (id, branch_id, kind, hold_id, intent_id, subject, reverses, expires_at, at)
    select *, p_at from unnest(p_ids, p_branches, p_kinds, p_holds, p_intents, p_subjects, p_reverses, p_expires);
  insert into ledger_entry (transfer_id, account_id, branch_id, posted, held)
    select p_ids[place], account, p_branches[place], posted, held
    from unnest(p_places, p_accounts, p_posted, p_held) leg (place, account, posted, held);
end $$;
grant execute on function sheaf.write_transfers to sheaf_api, sheaf_executor, sheaf_statements;

-- The same, and false with nothing written when a law stands against any of them.
create or replace function sheaf.post_transfers(p_ids uuid[], p_branches int[], p_kinds text[], p_holds uuid[], p_intents uuid[],
    p_subjects text[], p_reverses uuid[], p_expires timestamptz[], p_places int[],
    p_accounts uuid[], p_posted bigint[], p_held bigint[], p_at timestamptz) returns boolean
language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  perform write_transfers(p_ids, p_branches, p_kinds, p_holds, p_intents, p_subjects, p_reverses, p_expires,
    p_places, p_accounts, p_posted, p_held, p_at);
  return true;
exception
  when integrity_constraint_violation or insufficient_privilege or sqlstate 'SH010' or sqlstate 'SH012' or sqlstate 'SH013'
    or sqlstate 'SH014' or sqlstate 'SH015' or sqlstate 'SH016' then
    return false;
end $$;
grant execute on function sheaf.post_transfers to sheaf_api, sheaf_executor, sheaf_statements;

-- A decision about money waits for the decisions before it: lock the account and say what it may still give. A function,
-- because a row lock needs the right to update and nobody has that on balances.
create or replace function sheaf.lock_available(account uuid) returns bigint
language sql security definer set search_path = sheaf, pg_temp as $$
  select posted - held - coalesce(minimum, 0) from ledger_account where id = account for no key update
$$;
grant execute on function sheaf.lock_available to sheaf_api;

-- Lock accounts in the one order (others by id, funding last) and say what each may still give.
create or replace function sheaf.lock_free(p_accounts uuid[]) returns table (id uuid, free bigint)
language sql security definer set search_path = sheaf, pg_temp as $$
  select a.id, a.posted - a.held - coalesce(a.minimum, 0) from ledger_account a where a.id = any (p_accounts)
  order by (a.purpose = 'funding'), a.id for no key update
$$;
grant execute on function sheaf.lock_free to sheaf_api;
