-- The database's own word: no account version becomes effective but through an approved, documented case.
-- The only other door is the import of a company's existing register by the database's owner.
create or replace function sheaf.guard_bank_account() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
declare change bank_change; approvers int;
begin
  if tg_op <> 'INSERT' then
    raise exception 'a bank account version never changes' using errcode = 'SH020';
  end if;
  if new.bank_change_id is null then
    if session_user in ('sheaf_api', 'sheaf_executor', 'sheaf_statements', 'sheaf_auditor') or new.version <> 1 then
      raise exception 'a bank account needs an approved bank change' using errcode = 'SH021';
    end if;
    return new;
  end if;
  select * into change from bank_change where id = new.bank_change_id;
  select count(distinct s.user_id) into approvers from sign_off s
    where s.case_id = change.id and s.kind = 'bank_change' and s.decision = 'approve' and s.user_id <> change.maker_id
      and not exists (select from document d where d.bank_change_id = change.id and not exists (
        select from document_view v where v.bank_change_id = d.bank_change_id and v.sha256 = d.sha256 and v.user_id = s.user_id));
  if change.state is distinct from 'effective' or approvers < 2
     or not exists (select from document d where d.bank_change_id = change.id)
     or (change.branch_id, change.member_id, change.bank, change.number_cipher, change.number_digest, change.number_last4,
         change.account_name, change.old_version + 1)
        is distinct from (new.branch_id, new.member_id, new.bank, new.number_cipher, new.number_digest, new.number_last4,
         new.name, new.version) then
    raise exception 'the bank change does not carry this account' using errcode = 'SH022';
  end if;
  return new;
end $$;
create or replace trigger guard before insert or delete or update on sheaf.bank_account for each row
  execute function sheaf.guard_bank_account();
