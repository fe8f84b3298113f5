-- The bank is asked whose account a bank change names while people may still say no. The question belongs to the case; when
-- the case makes its account effective, the answer goes with it.
alter table sheaf.account_check
  alter bank_account_id drop not null,
  add bank_change_id uuid,
  add foreign key (branch_id, bank_change_id) references sheaf.bank_change (branch_id, id),
  add check (num_nonnulls(bank_account_id, bank_change_id) > 0);
-- what the bank said of a case, newest first
create index account_check_case on sheaf.account_check (bank_change_id, requested_at desc) where bank_change_id is not null;
grant insert (bank_change_id) on sheaf.account_check to sheaf_api;

create function sheaf.keep_answer_of_case() returns trigger
language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  update account_check set bank_account_id = new.id
    where bank_change_id = new.bank_change_id and bank_account_id is null and state <> 'failed';
  return null;
end $$;
create trigger keep_answer after insert on sheaf.bank_account
  for each row when (new.bank_change_id is not null) execute function sheaf.keep_answer_of_case();

-- A new word of the bank's is a new version of an open case: who looked before it came looks again before signing.
create function sheaf.news_of_case() returns trigger
language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  update bank_change set version = version + 1, changed_at = coalesce(new.checked_at, new.requested_at)
    where id = new.bank_change_id and state = 'requested';
  return null;
end $$;
create trigger news_of_case after update of state on sheaf.account_check
  for each row when (new.bank_change_id is not null) execute function sheaf.news_of_case();
