-- Members' balances and advances: what the company keeps for a member, and what a member owes it for seed and fertiliser.

insert into sheaf.lifecycle_edges (machine, source, target) values
  ('advance', 'requested', 'effective'),
  ('advance', 'requested', 'expired'),
  ('advance', 'requested', 'rejected'),
  ('advance', 'effective', 'repaid');
insert into sheaf.lifecycle_initial (machine, state) values ('advance', 'requested');

create sequence sheaf.advance_numbers;

-- What a member owes is below zero and comes up to zero, never above: nobody is made to repay more than was lent.
alter table sheaf.ledger_account
  drop constraint ledger_account_purpose_check, drop constraint ledger_account_check,
  add constraint ledger_account_purpose_check check (purpose in ('capital', 'treasury', 'clearing', 'funding', 'transit',
    'paid', 'payable', 'fees', 'advance', 'lent')),
  add constraint ledger_account_check check (minimum is not null or purpose in ('capital', 'clearing', 'advance')),
  add constraint ledger_account_owed check (purpose <> 'advance' or posted <= 0),
  -- who may open accounts may not open one that gives what it does not have
  add constraint ledger_account_minimum check (minimum >= 0),
  add constraint ledger_account_member check (purpose not in ('payable', 'advance') or member_id is not null);

create table sheaf.advance (
  id uuid primary key,
  branch_id int not null references sheaf.branch,
  number text not null unique,
  member_id uuid not null,
  -- the delivery note or contract that the member signed
  document text not null check (length(document) between 1 and 60),
  note text not null,
  amount bigint not null check (amount > 0),
  -- of each payment this share, at least and at most so much; `most` null is no limit
  basis_points int not null check (basis_points between 0 and 10000),
  least bigint not null check (least >= 0),
  most bigint check (most > 0 and most >= least),
  state text not null,
  -- promised by payments that are under way, and kept back by payments that were made
  reserved bigint not null default 0 check (reserved >= 0),
  deducted bigint not null default 0 check (deducted >= 0),
  maker_id uuid not null references sheaf.app_user,
  quorum text[] not null check (quorum <@ '{manager,treasurer}' and cardinality(quorum) > 0),
  created_at timestamptz not null,
  expires_at timestamptz not null,
  changed_at timestamptz not null,
  version int not null default 1,
  unique (branch_id, id),
  check (basis_points > 0 or least > 0),
  constraint advance_owed check (reserved + deducted <= amount),
  check (reserved + deducted = 0 or state in ('effective', 'repaid')),
  foreign key (branch_id, member_id) references sheaf.member (branch_id, id)
);
-- what a member owes, oldest first: read by every submission
create index advance_owed_by on sheaf.advance (member_id, id) where state = 'effective';
-- lists, newest first
create index advance_recent on sheaf.advance (branch_id, id desc);
-- a delivery note is lent upon once
create unique index advance_document on sheaf.advance (branch_id, document) where state in ('requested', 'effective', 'repaid');

create table sheaf.advance_sign_off (
  id uuid primary key,
  branch_id int not null,
  advance_id uuid not null,
  user_id uuid not null references sheaf.app_user,
  role text not null,
  device_id uuid not null references sheaf.device,
  decision text not null check (decision in ('approve', 'reject')),
  reason text not null,
  digest text not null,
  signature bytea not null,
  at timestamptz not null,
  -- a person counts once, whatever roles they have
  unique (advance_id, user_id),
  foreign key (branch_id, advance_id) references sheaf.advance (branch_id, id)
);

alter table sheaf.intent_charge
  add column advance_id uuid,
  add constraint intent_charge_advance check ((kind = 'advance') = (advance_id is not null)),
  add foreign key (branch_id, advance_id) references sheaf.advance (branch_id, id);

do $$
declare tenant text;
begin
  foreach tenant in array array['advance', 'advance_sign_off'] loop
    execute format('alter table sheaf.%I enable row level security, force row level security', tenant);
    execute format('create policy branch on sheaf.%I using (branch_id = any ((select sheaf.branches())::int[]))
                    with check (branch_id = any ((select sheaf.branches())::int[]))', tenant);
    execute format('create policy everywhere on sheaf.%I to sheaf_everywhere using (true) with check (true)', tenant);
  end loop;
end $$;

grant select on sheaf.advance, sheaf.advance_sign_off to sheaf_api, sheaf_auditor, sheaf_executor;
grant insert on sheaf.advance, sheaf.advance_sign_off to sheaf_api;
grant update (state, changed_at, version) on sheaf.advance to sheaf_api, sheaf_executor;
grant usage on sequence sheaf.advance_numbers to sheaf_api;
-- money that stays with the company needs its member's account; an account is born empty
grant insert (id, branch_id, name, purpose, member_id, currency, minimum) on sheaf.ledger_account to sheaf_executor;

-- What was lent and on which terms never changes, and nothing is owed without the signatures of others than its maker.
create function sheaf.guard_advance() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if (old.branch_id, old.number, old.member_id, old.document, old.note, old.amount, old.basis_points, old.least, old.most,
      old.maker_id, old.quorum, old.created_at, old.expires_at)
     is distinct from
     (new.branch_id, new.number, new.member_id, new.document, new.note, new.amount, new.basis_points, new.least, new.most,
      new.maker_id, new.quorum, new.created_at, new.expires_at) then
    raise exception 'the terms of an advance never change' using errcode = 'SH070';
  end if;
  if new.state = 'effective' and old.state = 'requested' and exists (
       select from unnest(new.quorum) q group by q
       having count(*) > (select count(*) from advance_sign_off s
                          where s.advance_id = new.id and s.decision = 'approve' and s.role = q and s.user_id <> new.maker_id)) then
    raise exception 'an advance needs its quorum of sign-offs, none by its maker' using errcode = 'SH071';
  end if;
  if new.state = 'repaid' and new.deducted < new.amount then
    raise exception 'an advance is repaid when all of it is' using errcode = 'SH072';
  end if;
  return new;
end $$;
create trigger guard before update on sheaf.advance for each row execute function sheaf.guard_advance();
create trigger lifecycle before insert or update or delete on sheaf.advance
  for each row execute function sheaf.check_state('advance', 'state');
create trigger append_only before update or delete or truncate on sheaf.advance_sign_off
  for each statement execute function sheaf.append_only();

-- A submission that will deduct locks what it deducts from first: before counters of limits and ledger accounts, as an
-- ending intent does too.
create function sheaf.lock_advances(advances uuid[]) returns void
language sql security definer set search_path = sheaf, pg_temp as $$
  select from advance where id = any(advances) order by id for no key update
$$;

-- For who ends several intents, or all lines of batches, by more than one statement: lock what the endings give back before
-- the first of them, in the one order (advances, counters of limits, accounts). Their rows are locked already.
create function sheaf.lock_endings(p_intents uuid[], p_batches uuid[]) returns void
language plpgsql security definer set search_path = sheaf, pg_temp set enable_seqscan = off as $$
declare ending uuid[] := p_intents || array(select id from intent where batch_id = any(p_batches));
begin
  perform lock_advances(array(select distinct advance_id from intent_charge where intent_id = any(ending) and kind = 'advance'));
  perform from limit_usage u
    where (u.rule, u.subject, u.period) in (select t.rule, t.subject, t.period from limit_take t where t.intent_id = any(ending))
    order by u.rule, u.subject, u.period for update;
  perform lock_accounts('{}', array(select distinct hold_id from intent where id = any(ending) and hold_id is not null), '{}');
end $$;

-- A deduction is reserved when it is submitted: payments that are under way together never take more than is owed.
create function sheaf.reserve_advances() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
declare owed uuid[];
begin
  select array_agg(distinct advance_id) into owed from added where kind = 'advance';
  if owed is null then
    return null;
  end if;
  if exists (select from added c join intent i on i.id = c.intent_id join advance a on a.id = c.advance_id
             where c.kind = 'advance' and (a.member_id <> i.member_id or a.state <> 'effective')) then
    raise exception 'an advance is deducted from its own member''s payments, while it is owed' using errcode = 'SH073';
  end if;
  perform lock_advances(owed);
  update advance a set reserved = a.reserved + c.amount
    from (select advance_id, sum(amount)::bigint amount from added where kind = 'advance' group by advance_id) c
    where a.id = c.advance_id;
  return null;
end $$;
create trigger reserve_advances after insert on sheaf.intent_charge referencing new table as added
  for each statement execute function sheaf.reserve_advances();

-- A payment that was made has repaid what it promised; one that ended without a payment promises nothing any more.
create function sheaf.end_reservations() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
declare made uuid[]; ended uuid[];
begin
  select array_agg(n.id) filter (where n.state = 'settled'), array_agg(n.id) filter (where n.state <> 'settled')
    into made, ended
    from after n
    -- hashed, not joined: a plan made for one row is kept, and a join would be quadratic for a batch
    where n.advance > 0 and (n.id, n.state) not in (select o.id, o.state from before o) and n.state in ('settled', 'rejected', 'cancelled', 'expired', 'failed');
  if made is null and ended is null then
    return null;
  end if;
  perform lock_advances(array(select advance_id from intent_charge where intent_id = any(made || ended) and kind = 'advance'));
  update advance a set reserved = a.reserved - c.amount, deducted = a.deducted + c.made,
      state = case when a.deducted + c.made = a.amount then 'repaid' else a.state end
    from (select advance_id, sum(amount)::bigint amount, coalesce(sum(amount) filter (where intent_id = any(made)), 0)::bigint made
          from intent_charge where intent_id = any(made || ended) and kind = 'advance' group by advance_id) c
    where a.id = c.advance_id;
  return null;
end $$;
create trigger end_reservations after update on sheaf.intent referencing old table as before new table as after
  for each statement execute function sheaf.end_reservations();

-- A branch pays for produce; what a member has is paid out of that member's balance and of nobody else's.
create function sheaf.check_sources() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if exists (select from added i left join ledger_account a on a.id = i.source_id and a.branch_id = i.branch_id
             where case when i.operation in ('withdrawal', 'transfer')
                   then a.purpose is distinct from 'payable' or a.member_id is distinct from i.member_id
                   else a.purpose is distinct from 'funding' end) then
    raise exception 'an intent is paid from another account than its operation says' using errcode = 'SH074';
  end if;
  return null;
end $$;
create trigger check_sources after insert on sheaf.intent referencing new table as added
  for each statement execute function sheaf.check_sources();

-- A weigh ticket is paid once in a branch while the payment lives; the ticket comes first, so that the radar finds it
-- in all branches by the same index.
drop index sheaf.intent_weigh_ticket;
-- a weigh ticket is paid once while the payment lives, and is found in every branch
create unique index intent_weigh_ticket on sheaf.intent (weigh_ticket, branch_id)
  where weigh_ticket <> '' and state in ('created', 'validated', 'authorized', 'sent', 'in_doubt', 'settled', 'reconciled');
-- a member's statement, newest first: ids are made in the order of time
create index ledger_entry_statement on sheaf.ledger_entry (account_id, transfer_id desc);
drop index sheaf.ledger_entry_account;

-- a transfer's payee and the radar are looked up in every branch, by functions of one file
grant select (id, branch_id, code, name, status) on sheaf.member to sheaf_everywhere;
grant select (id, member_id, version, number_digest) on sheaf.bank_account to sheaf_everywhere;

revoke execute on function sheaf.lock_advances(uuid[]), sheaf.lock_endings(uuid[], uuid[]) from public;
grant execute on function sheaf.lock_advances(uuid[]) to sheaf_api;
grant execute on function sheaf.lock_endings(uuid[], uuid[]) to sheaf_executor;
