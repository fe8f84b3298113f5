-- What was submitted never changes, every change has its version, and only reconciliation takes back what it concluded.
create or replace function sheaf.guard_intent() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if new.state = 'validated' and (new.hold_id is null or cardinality(new.quorum) = 0) then
    raise exception 'a submitted intent has its hold and its quorum' using errcode = 'SH036';
  end if;
  if tg_op = 'INSERT' then
    return new;
  end if;
  if (old.branch_id, old.number, old.operation, old.member_id, old.bank_account_id, old.account_version, old.amount, old.fee,
      old.currency, old.produce, old.weigh_ticket, old.note, old.documents, old.maker_id, old.batch_id, old.line,
      old.source_id, old.destination, old.counterparty_branch_id, old.counterparty_member_id, old.post_fee, old.advance,
      old.duplicate_reason, old.tags, old.pays_again, old.ticket_key)
     is distinct from
     (new.branch_id, new.number, new.operation, new.member_id, new.bank_account_id, new.account_version, new.amount, new.fee,
      new.currency, new.produce, new.weigh_ticket, new.note, new.documents, new.maker_id, new.batch_id, new.line,
      new.source_id, new.destination, new.counterparty_branch_id, new.counterparty_member_id, new.post_fee, new.advance,
      new.duplicate_reason, new.tags, new.pays_again, new.ticket_key) then
    raise exception 'what an intent asks for never changes' using errcode = 'SH030';
  end if;
  if old.state <> 'created' and (old.quorum, old.hold_id, old.expires_at) is distinct from
     (new.quorum, new.hold_id, new.expires_at) then
    raise exception 'quorum, hold and term of a submitted intent never change' using errcode = 'SH037';
  end if;
  if new.state <> old.state and (
       session_user = 'sheaf_api' and new.state in ('sent', 'in_doubt', 'settled', 'failed', 'reconciled', 'returned')
       or session_user = 'sheaf_statements' and new.state not in ('reconciled', 'returned')
         and not (new.state = 'settled' and old.state in ('reconciled', 'returned'))
       or session_user = 'sheaf_executor' and old.state in ('reconciled', 'returned')) then
    raise exception '% may not say that an intent is %', session_user, new.state using errcode = 'SH038';
  end if;
  if new.version <> old.version + 1 then
    raise exception 'every change of an intent is a new version' using errcode = 'SH032';
  end if;
  return new;
end $$;
create or replace trigger guard before insert or update on sheaf.intent for each row
  execute function sheaf.guard_intent();

-- The laws of an intent, at the price that 50,000 lines at once can pay: a row's own law reads its own columns
-- instead of turning all of them into JSON, and whether the quorum has signed is asked once for all rows of a statement.
create or replace function sheaf.check_intent_state() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if tg_op = 'DELETE' then
    raise exception 'intent rows are never deleted' using errcode = 'SH001';
  elsif tg_op = 'INSERT' then
    if not exists (select from lifecycle_initial i where i.machine = 'intent' and i.state = new.state) then
      raise exception 'an intent may not be born %', new.state using errcode = 'SH002';
    end if;
  elsif new.state = old.state then
    if not exists (select from lifecycle_edges e where e.machine = 'intent' and e.source = old.state) then
      raise exception 'an intent that is % has ended', old.state using errcode = 'SH003';
    end if;
  elsif not exists (select from lifecycle_edges e
                    where e.machine = 'intent' and e.source = old.state and e.target = new.state) then
    raise exception 'an intent may not go from % to %', old.state, new.state using errcode = 'SH004';
  end if;
  return new;
end $$;
create or replace trigger lifecycle before insert or delete or update on sheaf.intent for each row
  execute function sheaf.check_intent_state();

-- Who is authorized has the signatures that were asked for, a role as often as the quorum names it, none by the maker.
-- A plan that was made for one row and a small table is kept, and would be quadratic for 50,000: so nothing is joined with
-- the transition table, and sign-offs are found by their index whatever the planner knows of them.
create or replace function sheaf.check_quorum() returns trigger language plpgsql security definer
set search_path = sheaf, pg_temp set enable_seqscan = off as $$
begin
  if exists (
    select from after a where a.state = 'authorized' and exists (
      select from unnest(a.quorum) asked (role) group by asked.role
      having count(*) > (select count(*) from sign_off_item i join sign_off s on s.id = i.sign_off_id
                         where i.intent_id = a.id and s.role = asked.role and s.decision = 'approve'
                           and s.user_id <> a.maker_id))) then
    raise exception 'an intent needs its quorum of sign-offs, none by its maker' using errcode = 'SH031';
  end if;
  return null;
end $$;
create or replace trigger quorum after update on sheaf.intent referencing new table as after for each statement
  execute function sheaf.check_quorum();

-- Transit is zero for an intent that is closed; looked at when the transaction ends, and not from where it can't be seen.
create or replace function sheaf.check_transit() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if new.branch_id <> all (branches()) then
    raise exception 'the branch of a closed intent must be in sight' using errcode = 'SH039';
  end if;
  if (select coalesce(sum(e.posted), 0) from ledger_transfer t join ledger_entry e on e.transfer_id = t.id
      join ledger_account a on a.id = e.account_id
      where t.intent_id = new.id and a.purpose = 'transit') <> 0 then
    raise exception 'transit of a closed intent must be zero' using errcode = 'SH033';
  end if;
  return null;
end $$;
drop trigger if exists transit_zero on sheaf.intent;
create constraint trigger transit_zero after update of state on sheaf.intent
  deferrable initially deferred for each row when (new.state in ('reconciled', 'rejected', 'cancelled', 'expired', 'failed', 'returned'))
  execute function sheaf.check_transit();

-- A branch pays for produce; what a member has is paid out of that member's balance and of nobody else's.
create or replace function sheaf.check_sources() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if exists (select from added i left join ledger_account a on a.id = i.source_id and a.branch_id = i.branch_id
             where case when i.operation in ('withdrawal', 'transfer')
                   then a.purpose is distinct from 'payable' or a.member_id is distinct from i.member_id
                   else a.purpose is distinct from 'funding' end) then
    raise exception 'an intent is paid from another account than its operation says' using errcode = 'SH074';
  end if;
  return null;
end $$;
create or replace trigger check_sources after insert on sheaf.intent referencing new table as added for each statement
  execute function sheaf.check_sources();
