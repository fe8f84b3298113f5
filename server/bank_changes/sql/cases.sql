-- What a bank change asks for never changes.
create or replace function sheaf.guard_bank_change() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if (old.member_id, old.old_version, old.bank, old.number_digest, old.number_cipher, old.number_last4, old.account_name,
      old.reason, old.maker_id, old.branch_id, old.expires_at)
     is distinct from
     (new.member_id, new.old_version, new.bank, new.number_digest, new.number_cipher, new.number_last4, new.account_name,
      new.reason, new.maker_id, new.branch_id, new.expires_at) then
    raise exception 'what a bank change asks for never changes' using errcode = 'SH023';
  end if;
  return new;
end $$;
create or replace trigger guard before update on sheaf.bank_change for each row
  execute function sheaf.guard_bank_change();

-- Documents are part of what is approved: none is added or taken away after the request.
create or replace function sheaf.guard_document() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if tg_op <> 'INSERT' or (select state from bank_change where id = new.bank_change_id) is distinct from 'draft' then
    raise exception 'documents are fixed once the change is requested' using errcode = 'SH025';
  end if;
  return new;
end $$;
create or replace trigger guard before insert or delete or update on sheaf.document for each row
  execute function sheaf.guard_document();

create or replace function sheaf.keep_answer_of_case() returns trigger
language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  update account_check set bank_account_id = new.id
    where bank_change_id = new.bank_change_id and bank_account_id is null and state <> 'failed';
  return null;
end $$;
create or replace trigger keep_answer after insert on sheaf.bank_account for each row when (new.bank_change_id is not null)
  execute function sheaf.keep_answer_of_case();

-- A new word of the bank's is a new version of an open case: who looked before it came looks again before signing.
create or replace function sheaf.news_of_case() returns trigger
language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  update bank_change set version = version + 1, changed_at = coalesce(new.checked_at, new.requested_at)
    where id = new.bank_change_id and state = 'requested';
  return null;
end $$;
create or replace trigger news_of_case after update of state on sheaf.account_check
  for each row when (new.bank_change_id is not null)
  execute function sheaf.news_of_case();
