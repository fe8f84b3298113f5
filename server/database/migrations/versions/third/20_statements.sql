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
-- nobody has seen a day that has not come
alter table sheaf.statement add constraint statement_day_has_come
  check (date <= (imported_at at time zone 'Asia/Bangkok')::date) not valid;

-- A line may say something and move nothing (interest of 0.00), and a fee is no payment.
alter table sheaf.statement_line drop constraint statement_line_amount_check;
alter table sheaf.statement_line drop constraint statement_line_kind_check;
alter table sheaf.statement_line add constraint statement_line_kind_check
  check (kind in ('debit', 'credit', 'reversal', 'fee')) not valid;

-- An account's statements form a chain without a gap, whoever writes them: the next position, the balance and the day go on.
create function sheaf.check_statement_chain() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
declare head statement;
begin
  select * into head from statement where account_digest = new.account_digest order by position desc limit 1;
  if new.position <> coalesce(head.position, 0) + 1
     or (head.id is not null and (new.opening <> head.closing or new.date < head.date)) then
    raise exception 'a statement follows the last one of its account' using errcode = 'SH080';
  end if;
  return new;
end $$;
create trigger chain before insert on sheaf.statement for each row execute function sheaf.check_statement_chain();

-- The statements that count: of accounts of ours.
create view sheaf.accepted_statement with (security_invoker = true) as
  select s.* from sheaf.statement s where exists (select from sheaf.company_account c where c.digest = s.account_digest);
grant select on sheaf.accepted_statement to sheaf_api, sheaf_executor, sheaf_statements, sheaf_auditor;
