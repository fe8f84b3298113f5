-- Money paid into the company's account: recorded by one person and signed by another, with a document or a credit line of
-- the bank's statement as evidence. Nothing else brings money into the books.

insert into sheaf.lifecycle_edges (machine, source, target) values
  ('deposit', 'requested', 'recorded'),
  ('deposit', 'requested', 'rejected'),
  ('deposit', 'requested', 'cancelled'),
  ('deposit', 'requested', 'expired'),
  ('deposit', 'recorded', 'reconciled'),
  -- the statement that proved it does not count any more
  ('deposit', 'reconciled', 'recorded');
insert into sheaf.lifecycle_initial (machine, state) values ('deposit', 'requested');

create sequence sheaf.deposit_numbers;

create table sheaf.deposit (
  id uuid primary key,
  -- the company's account is head office's
  branch_id int not null references sheaf.branch check (branch_id = 0),
  number text not null unique,
  amount bigint not null check (amount > 0),
  -- the day in Bangkok on which the bank has it
  received_on date not null,
  payer text not null check (length(payer) between 1 and 120),
  -- the bank's own number on the slip, if there is one
  reference text not null,
  reason text not null check (reason <> ''),
  -- why this is other money than what looks the same
  duplicate_reason text not null,
  -- the line that is the evidence, or that proved it later
  statement_line_id uuid references sheaf.statement_line,
  document_sha256 text check (document_sha256 ~ '^[0-9a-f]{64}$'),
  state text not null,
  transfer_id uuid unique references sheaf.ledger_transfer deferrable initially deferred,
  maker_id uuid not null references sheaf.app_user,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  changed_at timestamptz not null,
  version int not null default 1,
  unique (branch_id, id),
  constraint deposit_evidence check (statement_line_id is not null or document_sha256 is not null),
  constraint deposit_transfer check ((state in ('recorded', 'reconciled')) = (transfer_id is not null)),
  constraint deposit_proved check (state <> 'reconciled' or statement_line_id is not null)
);
-- a line of a statement is money that came once
create unique index deposit_line on sheaf.deposit (statement_line_id) where state in ('requested', 'recorded', 'reconciled');
-- and so is a slip
create unique index deposit_document_once on sheaf.deposit (document_sha256) where state in ('requested', 'recorded', 'reconciled');
-- lists, newest first
create index deposit_recent on sheaf.deposit (branch_id, id desc);
-- what no statement has shown yet
create index deposit_unproved on sheaf.deposit (id) where state = 'recorded';

create table sheaf.deposit_sign_off (
  id uuid primary key,
  branch_id int not null,
  deposit_id uuid not null,
  user_id uuid not null references sheaf.app_user,
  role text not null,
  device_id uuid not null references sheaf.device,
  decision text not null check (decision in ('approve', 'reject')),
  reason text not null,
  digest text not null,
  signature bytea not null,
  at timestamptz not null,
  -- a person counts once
  unique (deposit_id, user_id),
  foreign key (branch_id, deposit_id) references sheaf.deposit (branch_id, id)
);

create table sheaf.deposit_document (
  deposit_id uuid primary key,
  branch_id int not null,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  name text not null,
  media_type text not null,
  size int not null check (size > 0),
  content_cipher bytea not null,
  foreign key (branch_id, deposit_id) references sheaf.deposit (branch_id, id)
);

-- Who has opened the document: nobody approves what they have not seen.
create table sheaf.deposit_document_view (
  deposit_id uuid not null,
  branch_id int not null,
  user_id uuid not null references sheaf.app_user,
  sha256 text not null,
  at timestamptz not null,
  primary key (deposit_id, user_id),
  foreign key (branch_id, deposit_id) references sheaf.deposit (branch_id, id)
);

do $$
declare tenant text;
begin
  foreach tenant in array array['deposit', 'deposit_sign_off', 'deposit_document', 'deposit_document_view'] loop
    execute format('alter table sheaf.%I enable row level security, force row level security', tenant);
    execute format('create policy branch on sheaf.%I using (branch_id = any ((select sheaf.branches())::int[]))
                    with check (branch_id = any ((select sheaf.branches())::int[]))', tenant);
    execute format('create policy everywhere on sheaf.%I to sheaf_everywhere using (true) with check (true)', tenant);
  end loop;
end $$;

grant select on sheaf.deposit, sheaf.deposit_sign_off, sheaf.deposit_document, sheaf.deposit_document_view to sheaf_api;
grant insert on sheaf.deposit, sheaf.deposit_sign_off, sheaf.deposit_document, sheaf.deposit_document_view to sheaf_api;
grant update (state, transfer_id, changed_at, version) on sheaf.deposit to sheaf_api;
grant usage on sequence sheaf.deposit_numbers to sheaf_api;
grant select on sheaf.deposit to sheaf_executor, sheaf_statements;
grant update (state, changed_at, version) on sheaf.deposit to sheaf_executor;
grant update (state, statement_line_id, changed_at, version) on sheaf.deposit to sheaf_statements;
grant select on sheaf.deposit, sheaf.deposit_sign_off, sheaf.deposit_document_view to sheaf_auditor;
grant select (deposit_id, branch_id, sha256, name, media_type, size) on sheaf.deposit_document to sheaf_auditor;

-- What was recorded never changes; no money counts without another person's signature; a line that is evidence is a credit
-- of this amount that no payment of ours explains.
create function sheaf.guard_deposit() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
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
    if new.state = 'recorded' and old.state = 'requested' and not exists (
         select from deposit_sign_off s where s.deposit_id = new.id and s.decision = 'approve' and s.role = 'treasurer'
           and s.user_id <> new.maker_id) then
      raise exception 'a deposit needs a treasurer''s signature, not its maker''s' using errcode = 'SH093';
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
create trigger guard before insert or update on sheaf.deposit for each row execute function sheaf.guard_deposit();
create trigger lifecycle before insert or update or delete on sheaf.deposit
  for each row execute function sheaf.check_state('deposit', 'state');
create trigger append_only before update or delete or truncate on sheaf.deposit_sign_off
  for each statement execute function sheaf.append_only();
create trigger append_only before update or delete or truncate on sheaf.deposit_document
  for each statement execute function sheaf.append_only();
create trigger append_only before update or delete or truncate on sheaf.deposit_document_view
  for each statement execute function sheaf.append_only();

-- Nobody approves a document that they have not opened as it is.
create function sheaf.guard_deposit_sign_off() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if exists (select from deposit d where d.id = new.deposit_id and d.maker_id = new.user_id) then
    raise exception 'nobody signs a deposit of their own' using errcode = 'SH095';
  end if;
  if new.decision = 'approve' and exists (
       select from deposit_document d where d.deposit_id = new.deposit_id and not exists (
         select from deposit_document_view v where v.deposit_id = d.deposit_id and v.user_id = new.user_id and v.sha256 = d.sha256)) then
    raise exception 'the document was not opened by who approves it' using errcode = 'SH096';
  end if;
  return new;
end $$;
create trigger guard before insert on sheaf.deposit_sign_off for each row execute function sheaf.guard_deposit_sign_off();

-- A line that a deposit is proved by is explained, whichever of the two came first.
create function sheaf.explain_deposit_line() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  update reconciliation set result = 'matched', reason = 'recorded_deposit', amount_expected = new.amount, at = new.changed_at
    where statement_line_id = new.statement_line_id;
  return null;
end $$;
create trigger explain_line after update on sheaf.deposit for each row
  when (new.state = 'reconciled' and old.state <> 'reconciled') execute function sheaf.explain_deposit_line();

-- At its end a transaction that has recorded a deposit has brought exactly that into the treasury.
create function sheaf.check_deposit_money() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
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
create constraint trigger money after update of state on sheaf.deposit deferrable initially deferred
  for each row when (new.state = 'recorded') execute function sheaf.check_deposit_money();

-- And nothing else does: from outside (the account of head office's capital, whose id follows from its name) money comes only
-- as a deposit. The administrator of the database may bring an opening balance, as the demonstration does.
create function sheaf.guard_capital() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if not pg_has_role(session_user, 'sheaf_owner', 'member') and not exists (
       select from deposit d where d.transfer_id = new.transfer_id and d.state = 'recorded' and d.amount = -new.posted) then
    raise exception 'money comes into the company only as a deposit that two people have signed' using errcode = 'SH099';
  end if;
  return null;
end $$;
create trigger guard_capital after insert on sheaf.ledger_entry for each row
  when (new.account_id = 'ac307bfe-5baf-59b0-9b82-e7c731a57caa' and new.posted < 0) execute function sheaf.guard_capital();
