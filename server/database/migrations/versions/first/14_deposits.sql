-- Money paid into the company's account: recorded by one person and signed by another, with a document or a credit line of
-- the bank's statement as evidence. Nothing else brings money into the books.

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
