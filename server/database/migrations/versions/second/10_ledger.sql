-- The ledger's engine: many transfers in one call, holds that may run out, exact reversals, and a trigger that proves
-- every law with one look at each transfer.

alter table sheaf.ledger_transfer
  add column expires_at timestamptz,
  drop constraint ledger_transfer_kind_check,
  drop constraint ledger_transfer_check,
  drop constraint ledger_transfer_reverses_key,
  add constraint ledger_transfer_kind check (kind in ('hold', 'post', 'void', 'expire', 'transfer', 'reversal')),
  add constraint ledger_transfer_of_hold check ((kind in ('hold', 'post', 'void', 'expire')) = (hold_id is not null)),
  add constraint ledger_transfer_is_hold check (kind <> 'hold' or hold_id = id),
  add constraint ledger_transfer_expiry check (expires_at is null or (kind = 'hold' and expires_at > at));
-- a transfer is reversed at most once; most transfers reverse nothing and stand in no index
create unique index ledger_transfer_reversed on sheaf.ledger_transfer (reverses) where reverses is not null;

alter table sheaf.ledger_hold add column expires_at timestamptz;
-- holds whose time has come
create index ledger_hold_due on sheaf.ledger_hold (expires_at) where expires_at is not null and remaining > 0;

-- Plans are cached for the session and a transition table has no statistics: without these settings a first statement of
-- 10,000 legs would leave a plan behind that reads whole tables for every single transfer after it.
create or replace function sheaf.post_entries() returns trigger language plpgsql security definer
set search_path = sheaf, pg_temp set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare broken text; new_holds boolean; old_holds boolean; reversals boolean;
begin
  select min(law), bool_or(kind = 'hold'), bool_or(kind in ('post', 'void', 'expire')), bool_or(kind = 'reversal')
    into broken, new_holds, old_holds, reversals
  from (
    select t.kind, case
        when sum(a.posted) <> 0 then 'SH010'
        when count(*) <> (select count(*) from ledger_entry e where e.transfer_id = t.id) then 'SH011'
        when bool_or(case t.kind
          when 'hold' then not (a.held > 0 and a.posted = 0)
          -- a post takes from its hold exactly what it pays, and from nowhere else
          when 'post' then not ((a.held < 0 and a.posted = a.held) or (a.held = 0 and a.posted > 0))
          when 'transfer' then a.held <> 0
          when 'reversal' then a.held <> 0
          else not (a.held < 0 and a.posted = 0) end) then 'SH012' end law
    from added a join ledger_transfer t on t.id = a.transfer_id group by t.id) each;
  if broken is not null then
    raise exception '%', case broken
      when 'SH010' then 'a transfer''s legs must sum to zero'
      when 'SH011' then 'all legs of a transfer are written at once'
      else 'a leg does not fit the kind of its transfer' end using errcode = broken;
  end if;
  if reversals and exists (
       select from added a join ledger_transfer t on t.id = a.transfer_id join ledger_transfer o on o.id = t.reverses
       where t.kind = 'reversal' group by t.id, o.id, o.kind
       having o.kind not in ('post', 'transfer')
           or count(*) <> (select count(*) from ledger_entry e where e.transfer_id = o.id)
           or bool_or(not exists (select from ledger_entry e
                where e.transfer_id = o.id and e.account_id = a.account_id and e.posted = -a.posted))) then
    raise exception 'a reversal moves back exactly what its transfer moved' using errcode = 'SH016';
  end if;

  -- no key: the entries' foreign keys already share these rows' keys, and two who share can't both go on to `for update`
  perform from ledger_account where id in (select account_id from added)
    order by (purpose = 'funding'), id for no key update;
  update ledger_account a set posted = a.posted + s.posted, held = a.held + s.held
    from (select account_id, sum(posted)::bigint posted, sum(held)::bigint held from added group by account_id) s
    where a.id = s.account_id;

  if new_holds then
    insert into ledger_hold (id, branch_id, account_id, amount, remaining, expires_at)
      select t.hold_id, a.branch_id, a.account_id, a.held, a.held, t.expires_at
      from added a join ledger_transfer t on t.id = a.transfer_id where t.kind = 'hold';
  end if;
  if old_holds then
    update ledger_hold h set remaining = h.remaining + s.held
      from (select t.hold_id, a.account_id, sum(a.held)::bigint held from added a join ledger_transfer t on t.id = a.transfer_id
            where a.held < 0 group by t.hold_id, a.account_id) s
      where h.id = s.hold_id and h.account_id = s.account_id;
    select min(case when h.id is null then 'SH013'
                    when t.kind = 'post' and t.at >= h.expires_at then 'SH014'
                    when t.kind = 'expire' and (h.expires_at is null or t.at < h.expires_at) then 'SH015' end) into broken
      from added a join ledger_transfer t on t.id = a.transfer_id
      left join ledger_hold h on h.id = t.hold_id and h.account_id = a.account_id
      where a.held < 0;
    if broken is not null then
      raise exception '%', case broken
        when 'SH013' then 'there is no such hold on the account'
        when 'SH014' then 'the hold has run out'
        else 'the hold has not run out' end using errcode = broken;
    end if;
  end if;
  return null;
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

-- Write transfers, all or none; parallel arrays, one place for each transfer and one for each leg. A broken law raises.
create function sheaf.write_transfers(p_ids uuid[], p_branches int[], p_kinds text[], p_holds uuid[], p_intents uuid[],
    p_subjects text[], p_reverses uuid[], p_expires timestamptz[], p_leg_transfers uuid[], p_leg_branches int[],
    p_leg_accounts uuid[], p_leg_posted bigint[], p_leg_held bigint[], p_at timestamptz) returns void
language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  perform from ledger_account where id = any(p_leg_accounts) order by (purpose = 'funding'), id for no key update;
  insert into ledger_transfer (id, branch_id, kind, hold_id, intent_id, subject, reverses, expires_at, at)
    select *, p_at from unnest(p_ids, p_branches, p_kinds, p_holds, p_intents, p_subjects, p_reverses, p_expires);
  insert into ledger_entry (transfer_id, account_id, branch_id, posted, held)
    select * from unnest(p_leg_transfers, p_leg_accounts, p_leg_branches, p_leg_posted, p_leg_held);
end $$;

-- The same, and false with nothing written when a law stands against any of them. The locks are taken inside the
-- subtransaction: a row that is locked outside and updated inside costs a multixact each.
create function sheaf.post_transfers(p_ids uuid[], p_branches int[], p_kinds text[], p_holds uuid[], p_intents uuid[],
    p_subjects text[], p_reverses uuid[], p_expires timestamptz[], p_leg_transfers uuid[], p_leg_branches int[],
    p_leg_accounts uuid[], p_leg_posted bigint[], p_leg_held bigint[], p_at timestamptz) returns boolean
language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  perform write_transfers(p_ids, p_branches, p_kinds, p_holds, p_intents, p_subjects, p_reverses, p_expires,
    p_leg_transfers, p_leg_branches, p_leg_accounts, p_leg_posted, p_leg_held, p_at);
  return true;
exception
  when integrity_constraint_violation or insufficient_privilege or sqlstate 'SH010' or sqlstate 'SH012' or sqlstate 'SH013'
    or sqlstate 'SH014' or sqlstate 'SH015' or sqlstate 'SH016' then
    return false;
end $$;

revoke execute on function sheaf.lock_accounts(uuid[], uuid[], uuid[]),
  sheaf.write_transfers(uuid[], int[], text[], uuid[], uuid[], text[], uuid[], timestamptz[], uuid[], int[], uuid[], bigint[], bigint[], timestamptz),
  sheaf.post_transfers(uuid[], int[], text[], uuid[], uuid[], text[], uuid[], timestamptz[], uuid[], int[], uuid[], bigint[], bigint[], timestamptz)
  from public;
grant execute on function sheaf.lock_accounts(uuid[], uuid[], uuid[]),
  sheaf.write_transfers(uuid[], int[], text[], uuid[], uuid[], text[], uuid[], timestamptz[], uuid[], int[], uuid[], bigint[], bigint[], timestamptz),
  sheaf.post_transfers(uuid[], int[], text[], uuid[], uuid[], text[], uuid[], timestamptz[], uuid[], int[], uuid[], bigint[], bigint[], timestamptz)
  to sheaf_api, sheaf_executor, sheaf_statements;
-- what a refusal is explained from
grant select on sheaf.ledger_transfer, sheaf.ledger_entry, sheaf.ledger_hold to sheaf_statements;
