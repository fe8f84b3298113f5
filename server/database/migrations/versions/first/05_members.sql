-- Members and where they are paid. Account numbers and national ids: ciphertext, keyed digest, last digits. Nothing else.

create table sheaf.member (
  id uuid primary key,
  branch_id int not null references sheaf.branch,
  code text not null check (length(code) between 1 and 40),
  name text not null check (length(name) between 1 and 120),
  -- shared.thai.sort_key: its code-point order is Thai dictionary order
  name_sort text collate "C" not null,
  national_id_cipher bytea not null,
  national_id_digest bytea not null,
  national_id_last4 text not null,
  phone text not null default '',
  status text not null,
  version int not null default 1,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  unique (branch_id, id)
);
-- a member's code is known company-wide
create unique index member_code on sheaf.member (code);
-- validation: one probe answers "is this member active"
create index member_id_status on sheaf.member (id, status);
-- the same person twice, and search by id card
create index member_national_id on sheaf.member (national_id_digest);
-- the list in Thai order
create index member_name on sheaf.member (branch_id, name_sort, id);

create table sheaf.bank_change (
  id uuid primary key,
  branch_id int not null references sheaf.branch,
  number text not null unique,
  member_id uuid not null,
  old_version int not null,
  bank text not null,
  number_cipher bytea not null,
  number_digest bytea not null,
  number_last4 text not null,
  account_name text not null,
  reason text not null,
  state text not null,
  maker_id uuid not null references sheaf.app_user,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  changed_at timestamptz not null,
  version int not null default 1,
  unique (branch_id, id),
  foreign key (branch_id, member_id) references sheaf.member (branch_id, id)
);
-- one open case per member: two at once could undo each other unseen
create unique index bank_change_open on sheaf.bank_change (member_id) where state in ('draft', 'requested');
-- lists, newest first
create index bank_change_recent on sheaf.bank_change (branch_id, created_at desc, id desc);

create table sheaf.document (
  bank_change_id uuid not null,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  branch_id int not null,
  name text not null,
  media_type text not null check (media_type in ('image/jpeg', 'image/png', 'application/pdf')),
  size int not null check (size > 0 and size <= 10485760),
  content_cipher bytea not null,
  added_by uuid not null references sheaf.app_user,
  added_at timestamptz not null,
  primary key (bank_change_id, sha256),
  foreign key (branch_id, bank_change_id) references sheaf.bank_change (branch_id, id)
);
-- the same file used for another member is a sign of fraud
create index document_content on sheaf.document (sha256);

create table sheaf.document_view (
  bank_change_id uuid not null,
  sha256 text not null,
  branch_id int not null,
  user_id uuid not null references sheaf.app_user,
  at timestamptz not null,
  primary key (bank_change_id, sha256, user_id),
  foreign key (bank_change_id, sha256) references sheaf.document (bank_change_id, sha256)
);

create table sheaf.bank_change_sign_off (
  id uuid primary key,
  branch_id int not null,
  bank_change_id uuid not null,
  user_id uuid not null references sheaf.app_user,
  role text not null,
  device_id uuid not null references sheaf.device,
  decision text not null check (decision in ('approve', 'reject')),
  reason text not null,
  digest text not null,
  signature bytea not null,
  at timestamptz not null,
  -- a person counts once, whatever roles they have
  unique (bank_change_id, user_id),
  foreign key (branch_id, bank_change_id) references sheaf.bank_change (branch_id, id)
);

create table sheaf.bank_account (
  id uuid primary key,
  branch_id int not null,
  member_id uuid not null,
  version int not null check (version >= 1),
  bank text not null check (bank ~ '^[0-9]{3}$'),
  number_cipher bytea not null,
  number_digest bytea not null,
  number_last4 text not null,
  name text not null,
  bank_change_id uuid unique references sheaf.bank_change,
  effective_at timestamptz not null,
  unique (branch_id, id),
  -- the effective account is the highest version
  unique (member_id, version),
  foreign key (branch_id, member_id) references sheaf.member (branch_id, id)
);
-- who else is paid to this account, and search by account
create index bank_account_number on sheaf.bank_account (number_digest);
-- search by the last digits that are shown
create index bank_account_last4 on sheaf.bank_account (branch_id, number_last4);

create table sheaf.account_check (
  id uuid primary key,
  branch_id int not null,
  member_id uuid not null,
  bank_account_id uuid not null,
  state text not null check (state in ('requested', 'done', 'failed')),
  requested_at timestamptz not null,
  requested_by text not null,
  checked_at timestamptz,
  bank_name text not null default '',
  account_status text not null default '',
  match int not null default 0,
  check ((state = 'requested') = (checked_at is null)),
  foreign key (branch_id, bank_account_id) references sheaf.bank_account (branch_id, id)
);
-- the newest answer for an account
create index account_check_latest on sheaf.account_check (bank_account_id, checked_at desc) where state = 'done';
-- the executor's queue of questions
create index account_check_queue on sheaf.account_check (requested_at) where state = 'requested';

-- The database's own word on C18: no account version becomes effective but through an approved, documented case.
-- The only other door is the import of a company's existing register by the database's owner.
create function sheaf.guard_bank_account() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
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
  select count(distinct s.user_id) into approvers from bank_change_sign_off s
    where s.bank_change_id = change.id and s.decision = 'approve' and s.user_id <> change.maker_id
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
create trigger guard before insert or update or delete on sheaf.bank_account
  for each row execute function sheaf.guard_bank_account();

-- A case becomes effective only with what the guard above will ask for; its content never changes once requested.
create function sheaf.guard_bank_change() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if (old.member_id, old.old_version, old.bank, old.number_digest, old.number_cipher, old.number_last4, old.account_name,
      old.reason, old.maker_id, old.branch_id, old.expires_at)
     is distinct from
     (new.member_id, new.old_version, new.bank, new.number_digest, new.number_cipher, new.number_last4, new.account_name,
      new.reason, new.maker_id, new.branch_id, new.expires_at) then
    raise exception 'what a bank change asks for never changes' using errcode = 'SH023';
  end if;
  if new.state = 'effective' and old.state <> 'effective' and (
      select count(distinct s.user_id) from bank_change_sign_off s
      where s.bank_change_id = new.id and s.decision = 'approve' and s.user_id <> new.maker_id) < 2 then
    raise exception 'a bank change needs two distinct approvers' using errcode = 'SH024';
  end if;
  return new;
end $$;
create trigger guard before update on sheaf.bank_change for each row execute function sheaf.guard_bank_change();

-- Documents are part of what is approved: none is added or taken away after the request.
create function sheaf.guard_document() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if tg_op <> 'INSERT' or (select state from bank_change where id = new.bank_change_id) is distinct from 'draft' then
    raise exception 'documents are fixed once the change is requested' using errcode = 'SH025';
  end if;
  return new;
end $$;
create trigger guard before insert or update or delete on sheaf.document for each row execute function sheaf.guard_document();

create trigger append_only before update or delete or truncate on sheaf.bank_change_sign_off
  for each statement execute function sheaf.append_only();
create trigger append_only before update or delete or truncate on sheaf.document_view
  for each statement execute function sheaf.append_only();
create trigger lifecycle before insert or update or delete on sheaf.member
  for each row execute function sheaf.check_state('member', 'status');
create trigger lifecycle before insert or update or delete on sheaf.bank_change
  for each row execute function sheaf.check_state('bank_change', 'state');
create trigger lifecycle before insert or update or delete on sheaf.device
  for each row execute function sheaf.check_state('device', 'state');
