-- What was recorded never changes; a line that is evidence is a credit
-- of this amount that no payment of ours explains.
create or replace function sheaf.guard_deposit() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
declare moving text[] := '{state,transfer_id,statement_line_id,changed_at,version}'; new_line boolean := new.statement_line_id is not null;
begin
  if tg_op = 'UPDATE' then
    if (to_jsonb(old) - moving) is distinct from (to_jsonb(new) - moving) then
      raise exception 'what a deposit says never changes' using errcode = 'SH090';
    end if;
    new_line := new.statement_line_id is distinct from old.statement_line_id;
    if new_line and not (old.state = 'recorded' and new.state = 'reconciled'
         and not exists (select from accepted_line l where l.id = old.statement_line_id)) then
      raise exception 'a line is the evidence from the beginning or proves a recorded deposit once' using errcode = 'SH091';
    end if;
    if old.state = 'reconciled' and new.state = 'recorded'
       and exists (select from accepted_line l where l.id = old.statement_line_id) then
      raise exception 'what a statement proves stays proved while it counts' using errcode = 'SH091';
    end if;
    if old.transfer_id is not null and new.transfer_id is distinct from old.transfer_id then
      raise exception 'a deposit moves money once' using errcode = 'SH092';
    end if;
  end if;
  if new_line and not exists (
       select from statement_line l join reconciliation r on r.statement_line_id = l.id
       where l.id = new.statement_line_id and l.kind = 'credit' and l.amount = new.amount
         and r.result = 'unexpected' and r.attempt_id is null) then
    raise exception 'the line is no unexplained credit of this amount' using errcode = 'SH094';
  end if;
  return new;
end $$;
create or replace trigger guard before insert or update on sheaf.deposit for each row
  execute function sheaf.guard_deposit();

-- Nobody approves a document that they have not opened as it is.
create or replace function sheaf.guard_deposit_sign_off() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if exists (
       select from deposit_document d where d.deposit_id = new.case_id and not exists (
         select from deposit_document_view v where v.deposit_id = d.deposit_id and v.user_id = new.user_id and v.sha256 = d.sha256)) then
    raise exception 'the document was not opened by who approves it' using errcode = 'SH096';
  end if;
  return new;
end $$;
create or replace trigger guard_deposit before insert on sheaf.sign_off
  for each row when (new.kind = 'deposit' and new.decision = 'approve')
  execute function sheaf.guard_deposit_sign_off();

-- A line that a deposit is proved by is explained, whichever of the two came first.
create or replace function sheaf.explain_deposit_line() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  update reconciliation set result = 'matched', reason = 'recorded_deposit', amount_expected = new.amount, at = new.changed_at
    where statement_line_id = new.statement_line_id;
  return null;
end $$;
create or replace trigger explain_line after update on sheaf.deposit
  for each row when (new.state = 'reconciled' and old.state <> 'reconciled')
  execute function sheaf.explain_deposit_line();

-- At its end a transaction that has recorded a deposit has brought exactly that into the treasury.
create or replace function sheaf.check_deposit_money() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if 0 <> all (branches()) then
    raise exception 'head office must be in sight where a deposit is recorded' using errcode = 'SH097';
  end if;
  if (select count(*) from ledger_entry e join ledger_account a on a.id = e.account_id
      where e.transfer_id = new.transfer_id and a.branch_id = 0
        and ((a.purpose = 'capital' and e.posted = -new.amount) or (a.purpose = 'treasury' and e.posted = new.amount))) <> 2 then
    raise exception 'a recorded deposit is in the treasury, all of it' using errcode = 'SH098';
  end if;
  return null;
end $$;
drop trigger if exists money on sheaf.deposit;
create constraint trigger money after update of state on sheaf.deposit
  deferrable initially deferred for each row when (new.state = 'recorded')
  execute function sheaf.check_deposit_money();

-- And nothing else does: from outside (the account of head office's capital, whose id follows from its name) money comes only
-- as a deposit. The administrator of the database may bring an opening balance, as the demonstration does.
create or replace function sheaf.guard_capital() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if not pg_has_role(session_user, 'sheaf_owner', 'member') and not exists (
       select from deposit d where d.transfer_id = new.transfer_id and d.state = 'recorded' and d.amount = -new.posted) then
    raise exception 'money comes into the company only as a deposit that two people have signed' using errcode = 'SH099';
  end if;
  return null;
end $$;
create or replace trigger guard_capital after insert on sheaf.ledger_entry
  for each row when (new.account_id = 'ac307bfe-5baf-59b0-9b82-e7c731a57caa' and new.posted < 0)
  execute function sheaf.guard_capital();
