-- Bank details change by a case only: documents first, then people who say yes.

create sequence sheaf.case_numbers;

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

alter table sheaf.bank_account add foreign key (bank_change_id) references sheaf.bank_change;
