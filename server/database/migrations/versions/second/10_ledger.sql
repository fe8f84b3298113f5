-- The ledger's engine: many transfers in one call, holds that may run out, exact reversals, and a trigger that proves
-- every law with one look at each transfer.

alter table sheaf.ledger_transfer
  add column expires_at timestamptz,
  drop constraint ledger_transfer_kind_check,
  drop constraint ledger_transfer_check,
  drop constraint ledger_transfer_reverses_key,
  drop constraint ledger_transfer_reverses_fkey,
  drop constraint ledger_transfer_branch_id_fkey,
  add constraint ledger_transfer_kind check (kind in ('hold', 'post', 'void', 'expire', 'transfer', 'reversal')),
  add constraint ledger_transfer_of_hold check ((kind in ('hold', 'post', 'void', 'expire')) = (hold_id is not null)),
  add constraint ledger_transfer_is_hold check (kind <> 'hold' or hold_id = id),
  add constraint ledger_transfer_expiry check (expires_at is null or (kind = 'hold' and expires_at > at));
-- a transfer is reversed at most once; most transfers reverse nothing and stand in no index
create unique index ledger_transfer_reversed on sheaf.ledger_transfer (reverses) where reverses is not null;

-- What a foreign key proves for one row at a time (half of what a batch of 1,000 took) post_entries proves for all rows of
-- a statement at once and with the same SQLSTATE: a leg's transfer and account, and what is reversed, are there, in the
-- leg's branch. They stay there: transfers are append-only, and an account is never deleted, moved or renamed.
alter table sheaf.ledger_entry
  drop constraint ledger_entry_branch_id_transfer_id_fkey,
  drop constraint ledger_entry_branch_id_account_id_fkey;
alter table sheaf.ledger_transfer drop constraint ledger_transfer_branch_id_id_key;
create trigger append_only before delete or truncate or update of id, branch_id, name, currency on sheaf.ledger_account
  for each statement execute function sheaf.append_only();
-- room beside each account for its next version: no index is touched when only balances move
alter table sheaf.ledger_account set (fillfactor = 70);

alter table sheaf.ledger_hold add column expires_at timestamptz;

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

-- Of these transfers, every reversal moves back exactly what the transfer that it reverses has moved.
create function sheaf.mirror_reversals(p_transfers uuid[]) returns void language plpgsql security definer
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
create function sheaf.lock_accounts(p_accounts uuid[], p_holds uuid[], p_reversed uuid[]) returns void
language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  perform from ledger_account where id = any(
      p_accounts || array(select account_id from ledger_hold where id = any(p_holds))
                 || array(select account_id from ledger_entry where transfer_id = any(p_reversed)))
    order by (purpose = 'funding'), id for no key update;
end $$;

-- Write transfers, all or none; parallel arrays, one place for each transfer and one for each leg, which names
-- its transfer by place from 1. A broken law raises.
create function sheaf.write_transfers(p_ids uuid[], p_branches int[], p_kinds text[], p_holds uuid[], p_intents uuid[],
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

-- The same, and false with nothing written when a law stands against any of them.
create function sheaf.post_transfers(p_ids uuid[], p_branches int[], p_kinds text[], p_holds uuid[], p_intents uuid[],
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

revoke execute on function sheaf.mirror_reversals(uuid[]) from public;
revoke execute on function sheaf.lock_accounts(uuid[], uuid[], uuid[]),
  sheaf.write_transfers(uuid[], int[], text[], uuid[], uuid[], text[], uuid[], timestamptz[], int[], uuid[], bigint[], bigint[], timestamptz),
  sheaf.post_transfers(uuid[], int[], text[], uuid[], uuid[], text[], uuid[], timestamptz[], int[], uuid[], bigint[], bigint[], timestamptz)
  from public;
grant execute on function sheaf.lock_accounts(uuid[], uuid[], uuid[]),
  sheaf.write_transfers(uuid[], int[], text[], uuid[], uuid[], text[], uuid[], timestamptz[], int[], uuid[], bigint[], bigint[], timestamptz),
  sheaf.post_transfers(uuid[], int[], text[], uuid[], uuid[], text[], uuid[], timestamptz[], int[], uuid[], bigint[], bigint[], timestamptz)
  to sheaf_api, sheaf_executor, sheaf_statements;
-- what a refusal is explained from
grant select on sheaf.ledger_transfer, sheaf.ledger_entry, sheaf.ledger_hold to sheaf_statements;
