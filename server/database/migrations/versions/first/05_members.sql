-- Members and the accounts they are paid to.

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
  -- shared.normal.code_key and name_key: what is looked up and searched
  code_key text not null,
  name_key text not null,
  -- what rules may ask about
  tags text[] not null default '{}' check (cardinality(tags) <= 32),
  status text not null,
  version int not null default 1,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  unique (branch_id, id),
  -- a key in another alphabet would be a second name for the same thing
  constraint member_keys check (
    code_key !~ '[ a-z๐-๙\t\n\u00a0\u00ad\u200b-\u200f\u2010-\u2015\u202a-\u202e\u2060-\u2064\u2066-\u206f\u2212\ufeff\uff01-\uff5e]'
    and code_key <> '' and name_key !~ '[a-z๐-๙\u00a0\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\uff01-\uff5e]')
);
-- a member's code is known company-wide, in whatever writing
create unique index member_code on sheaf.member (code_key);
-- validation: one probe answers "is this member active"
create index member_id_status on sheaf.member (id, status);
-- the same person twice, and search by id card
create index member_national_id on sheaf.member (national_id_digest);
-- the list in Thai order
create index member_name on sheaf.member (branch_id, name_sort, id);

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
  bank_change_id uuid unique,
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
