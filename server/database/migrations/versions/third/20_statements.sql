-- Whose statement it is, and what a line may be.

-- The accounts that we pay from: what the settings of the channels name, by the vault's digest. A statement speaks only for
-- the account it names, and that must be one of these. Those that the settings no longer name stay, for what was paid from
-- them and is still to be proved.
create table sheaf.company_account (
  digest bytea primary key,
  branch_id int not null references sheaf.branch check (branch_id = 0),
  last4 text not null check (last4 ~ '^[0-9]{4}$'),
  active boolean not null,
  changed_at timestamptz not null
);
alter table sheaf.company_account enable row level security, force row level security;
-- every branch may know which account pays
create policy branch on sheaf.company_account using (cardinality((select sheaf.branches())) > 0)
  with check (branch_id = any ((select sheaf.branches())::int[]));
create policy everywhere on sheaf.company_account to sheaf_everywhere using (true) with check (true);
grant select on sheaf.company_account to sheaf_api, sheaf_executor, sheaf_statements, sheaf_auditor;
grant insert, update (active, changed_at) on sheaf.company_account to sheaf_statements;

-- not valid: what an older version took of other accounts stands there and is set aside by people
alter table sheaf.statement add constraint statement_of_our_account
  foreign key (account_digest) references sheaf.company_account not valid;

-- A line may say something and move nothing (interest of 0.00), and a fee is no payment.
alter table sheaf.statement_line drop constraint statement_line_amount_check;
alter table sheaf.statement_line drop constraint statement_line_kind_check;
alter table sheaf.statement_line add constraint statement_line_kind_check
  check (kind in ('debit', 'credit', 'reversal', 'fee')) not valid;

-- A statement that was taken wrongly is set aside: proposed by one person, signed by another, and then it proves nothing any
-- more. What was taken after it rests on it and is judged again. One that was set aside may be taken again, the same way.
insert into sheaf.lifecycle_edges (machine, source, target) values
  ('set_aside', 'requested', 'approved'),
  ('set_aside', 'requested', 'expired'),
  ('set_aside', 'requested', 'rejected');
insert into sheaf.lifecycle_initial (machine, state) values ('set_aside', 'requested');

create table sheaf.set_aside (
  id uuid primary key,
  branch_id int not null references sheaf.branch check (branch_id = 0),
  statement_id uuid not null references sheaf.statement,
  action text not null check (action in ('set_aside', 'take_again')),
  reason text not null check (length(reason) between 1 and 500),
  state text not null,
  maker_id uuid not null references sheaf.app_user,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  changed_at timestamptz not null,
  version int not null default 1,
  unique (branch_id, id)
);
-- one open proposal for a statement
create unique index set_aside_open on sheaf.set_aside (statement_id) where state = 'requested';

create table sheaf.set_aside_sign_off (
  id uuid primary key,
  branch_id int not null,
  set_aside_id uuid not null,
  user_id uuid not null references sheaf.app_user,
  role text not null,
  device_id uuid not null references sheaf.device,
  decision text not null check (decision in ('approve', 'reject')),
  reason text not null,
  digest text not null,
  signature bytea not null,
  at timestamptz not null,
  -- a person counts once
  unique (set_aside_id, user_id),
  foreign key (branch_id, set_aside_id) references sheaf.set_aside (branch_id, id)
);

do $$
declare tenant text;
begin
  foreach tenant in array array['set_aside', 'set_aside_sign_off'] loop
    execute format('alter table sheaf.%I enable row level security, force row level security', tenant);
    execute format('create policy branch on sheaf.%I using (cardinality((select sheaf.branches())) > 0)
                    with check (branch_id = any ((select sheaf.branches())::int[]))', tenant);
    execute format('create policy everywhere on sheaf.%I to sheaf_everywhere using (true) with check (true)', tenant);
  end loop;
end $$;
grant select on sheaf.set_aside, sheaf.set_aside_sign_off to sheaf_api, sheaf_statements, sheaf_auditor;
grant insert on sheaf.set_aside, sheaf.set_aside_sign_off to sheaf_api;
grant update (state, changed_at, version) on sheaf.set_aside to sheaf_api;

alter table sheaf.statement
  add column set_aside_at timestamptz,
  add column set_aside_by uuid references sheaf.set_aside,
  add constraint statement_set_aside check ((set_aside_at is null) = (set_aside_by is null)) not valid;
grant update (set_aside_at, set_aside_by) on sheaf.statement to sheaf_api;
-- nobody has seen a day that has not come; what an older version took of one can still be set aside
alter table sheaf.statement add constraint statement_day_has_come
  check (set_aside_at is not null or date <= (imported_at at time zone 'Asia/Bangkok')::date) not valid;
-- the place and the number of one that was set aside are free for the right one
alter table sheaf.statement drop constraint statement_account_digest_date_number_key;
alter table sheaf.statement drop constraint statement_account_digest_position_key;
-- a statement of an account is imported once, whatever the file is called
create unique index statement_number on sheaf.statement (account_digest, date, number) where set_aside_at is null;
-- the chain, and its last one
create unique index statement_position on sheaf.statement (account_digest, position) where set_aside_at is null;
-- what is to be concluded anew
create index statement_put_aside on sheaf.statement (id) where set_aside_at is not null;

alter table sheaf.statement_file drop constraint statement_file_outcome_check;
alter table sheaf.statement_file add constraint statement_file_outcome_check
  check (outcome in ('imported', 'copy', 'empty', 'waiting', 'refused', 'set_aside')) not valid;
-- whoever decides that a statement be judged again says so of its files
grant update (outcome, problem, changed_at) on sheaf.statement_file to sheaf_api;
-- what people are shown as not taken, newest first
create index statement_file_not_taken on sheaf.statement_file (changed_at desc) where outcome in ('waiting', 'refused', 'set_aside');

-- What a proposal says never changes, and it takes effect by a treasurer who is not its maker.
create function sheaf.guard_set_aside() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if (to_jsonb(old) - '{state,changed_at,version}'::text[]) is distinct from (to_jsonb(new) - '{state,changed_at,version}'::text[]) then
    raise exception 'what a proposal says never changes' using errcode = 'SH082';
  end if;
  if new.state = 'approved' and not exists (
       select from set_aside_sign_off s where s.set_aside_id = new.id and s.decision = 'approve' and s.role = 'treasurer'
         and s.user_id <> new.maker_id) then
    raise exception 'setting a statement aside needs a treasurer''s signature, not its maker''s' using errcode = 'SH083';
  end if;
  return new;
end $$;
create trigger guard before update on sheaf.set_aside for each row execute function sheaf.guard_set_aside();
create trigger lifecycle before insert or update or delete on sheaf.set_aside
  for each row execute function sheaf.check_state('set_aside', 'state');
create trigger append_only before update or delete or truncate on sheaf.set_aside_sign_off
  for each statement execute function sheaf.append_only();
create function sheaf.guard_set_aside_sign_off() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if exists (select from set_aside s where s.id = new.set_aside_id and s.maker_id = new.user_id) then
    raise exception 'nobody signs a proposal of their own' using errcode = 'SH084';
  end if;
  return new;
end $$;
create trigger guard before insert on sheaf.set_aside_sign_off for each row execute function sheaf.guard_set_aside_sign_off();

-- A statement never changes but once: set aside by an approved proposal, for itself or for an earlier one that it rests on.
drop trigger append_only on sheaf.statement;
create trigger append_only before delete or truncate on sheaf.statement
  for each statement execute function sheaf.append_only();
create function sheaf.guard_statement() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if (to_jsonb(old) - '{set_aside_at,set_aside_by}'::text[]) is distinct from (to_jsonb(new) - '{set_aside_at,set_aside_by}'::text[])
     or old.set_aside_at is not null or new.set_aside_at is null then
    raise exception 'a statement never changes' using errcode = 'SH005';
  end if;
  if not exists (select from set_aside c join statement s on s.id = c.statement_id
                 where c.id = new.set_aside_by and c.state = 'approved' and c.action = 'set_aside'
                   and s.account_digest = new.account_digest and s.position <= new.position) then
    raise exception 'a statement is set aside by an approved proposal' using errcode = 'SH085';
  end if;
  return new;
end $$;
create trigger guard before update on sheaf.statement for each row execute function sheaf.guard_statement();

-- An account's statements form a chain without a gap, whoever writes them: the next position, the balance and the day go on.
create function sheaf.check_statement_chain() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
declare head statement;
begin
  select * into head from statement where account_digest = new.account_digest and set_aside_at is null
    order by position desc limit 1;
  if new.position <> coalesce(head.position, 0) + 1
     or (head.id is not null and (new.opening <> head.closing or new.date < head.date)) then
    raise exception 'a statement follows the last one of its account' using errcode = 'SH080';
  end if;
  return new;
end $$;
create trigger chain before insert on sheaf.statement for each row execute function sheaf.check_statement_chain();

-- With one go all that rest on it: at its end a transaction leaves no hole in a chain.
create function sheaf.check_statement_hole() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if exists (select from statement s where s.account_digest = new.account_digest and s.set_aside_at is null
               and s.position > new.position
               and not exists (select from statement b where b.account_digest = s.account_digest and b.set_aside_at is null
                                 and b.position = s.position - 1)) then
    raise exception 'what rests on a statement is set aside with it' using errcode = 'SH086';
  end if;
  return null;
end $$;
create constraint trigger no_hole after update on sheaf.statement deferrable initially deferred
  for each row execute function sheaf.check_statement_hole();

-- The statements that count: of accounts of ours, and not set aside.
create view sheaf.accepted_statement with (security_invoker = true) as
  select s.* from sheaf.statement s
  where s.set_aside_at is null and exists (select from sheaf.company_account c where c.digest = s.account_digest);
grant select on sheaf.accepted_statement to sheaf_api, sheaf_executor, sheaf_statements, sheaf_auditor;
