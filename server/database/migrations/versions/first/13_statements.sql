-- What the bank delivered, and what it proves.

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

-- What the bank delivered, what it proves, and the change feed.
create table sheaf.statement_fetch (
  id uuid primary key,
  branch_id int not null references sheaf.branch,
  state text not null check (state in ('requested', 'running', 'done', 'failed')),
  requested_by text not null,
  requested_at timestamptz not null,
  finished_at timestamptz,
  files int not null default 0,
  lines int not null default 0,
  matched int not null default 0,
  -- files with the codes and lines of what was wrong with them, never joined into a sentence
  problems jsonb not null default '[]'
);
-- one question to the bank at a time; it serves everyone who asks meanwhile
create unique index statement_fetch_open on sheaf.statement_fetch ((true)) where state in ('requested', 'running');
-- the same
create index statement_fetch_ended on sheaf.statement_fetch (requested_at) where state in ('done', 'failed');

-- Every file that the bank delivered, by its content, and what became of it; `waiting` is looked at again in each pass.
create table sheaf.statement_file (
  sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
  branch_id int not null references sheaf.branch,
  name text not null,
  outcome text not null check (outcome in ('imported', 'copy', 'empty', 'waiting', 'refused', 'set_aside')),
  problem text not null check (problem ~ '^[a-z_]*$'),
  first_seen_at timestamptz not null,
  changed_at timestamptz not null,
  problem_line int not null default 0 check (problem_line >= 0)
);
-- what each pass tries again
create index statement_file_waiting on sheaf.statement_file (sha256) where outcome = 'waiting';
-- what people are shown as not taken, newest first
create index statement_file_not_taken on sheaf.statement_file (changed_at desc) where outcome in ('waiting', 'refused', 'set_aside');

create table sheaf.statement (
  id uuid primary key,
  branch_id int not null references sheaf.branch,
  account_digest bytea not null,
  account_last4 text not null,
  -- an account's statements form a chain without a gap: each opens with the closing balance of the one before
  position int not null check (position >= 1),
  number text not null,
  format text not null check (format in ('csv', 'mt940')),
  date date not null,
  opening bigint not null,
  closing bigint not null,
  line_count int not null,
  file_name text not null,
  -- of balances, amounts and references: both forms of one statement have the same
  content text not null,
  sha256 text not null references sheaf.statement_file,
  imported_at timestamptz not null,
  set_aside_at timestamptz,
  set_aside_by uuid,
  constraint statement_of_our_account foreign key (account_digest) references sheaf.company_account,
  constraint statement_set_aside check ((set_aside_at is null) = (set_aside_by is null)),
  -- nobody has seen a day that has not come
  constraint statement_day_has_come check (date <= (imported_at at time zone 'Asia/Bangkok')::date)
);
-- a statement of an account is imported once, whatever the file is called
create unique index statement_number on sheaf.statement (account_digest, date, number) where set_aside_at is null;
-- the chain, and its last one
create unique index statement_position on sheaf.statement (account_digest, position) where set_aside_at is null;
-- what is to be concluded anew
create index statement_put_aside on sheaf.statement (id) where set_aside_at is not null;

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

create table sheaf.statement_line (
  id uuid primary key,
  branch_id int not null references sheaf.branch,
  statement_id uuid not null references sheaf.statement,
  sequence int not null,
  booked_at timestamptz not null,
  -- a line may say something and move nothing (interest of 0.00)
  amount bigint not null,
  balance bigint not null,
  reference text not null,
  bank_reference text not null,
  description text not null,
  kind text not null check (kind in ('debit', 'credit', 'reversal', 'fee')),
  unique (statement_id, sequence),
  unique (branch_id, id)
);
-- reconciliation joins by our reference
create index statement_line_reference on sheaf.statement_line (reference) where reference <> '';

create table sheaf.reconciliation (
  id uuid primary key,
  branch_id int not null references sheaf.branch,
  statement_line_id uuid unique references sheaf.statement_line,
  intent_id uuid,
  attempt_id uuid,
  result text not null check (result in
    ('matched', 'mismatched', 'settlement_pending', 'missing_settlement', 'unexpected', 'returned', 'fee', 'set_aside')),
  amount_expected bigint not null,
  amount_found bigint not null,
  reference text not null,
  reason text not null,
  date date not null,
  at timestamptz not null,
  foreign key (branch_id, intent_id) references sheaf.intent (branch_id, id)
);
-- one standing result per intent that has no line yet
create unique index reconciliation_lineless on sheaf.reconciliation (intent_id) where statement_line_id is null;
-- lists by result, newest first: ids are made in the order of time
create index reconciliation_result on sheaf.reconciliation (branch_id, result, id desc);
-- lines that another line, or the executor's word on the attempt, may still explain
create index reconciliation_unexplained on sheaf.reconciliation (id)
  where statement_line_id is not null and attempt_id is not null and result in ('settlement_pending', 'mismatched', 'unexpected');
-- what the statements said about one intent
create index reconciliation_intent on sheaf.reconciliation (intent_id);
-- returned payments of which no line speaks any more and which people must look at: judged anew in each run
create index reconciliation_unproven on sheaf.reconciliation (id) where statement_line_id is null and result = 'unexpected';
-- lines that were nobody's when they came: a restored database learns of their payments later
create index reconciliation_nobodys on sheaf.reconciliation (reference)
  where statement_line_id is not null and attempt_id is null and result = 'unexpected';

alter table sheaf.statement add foreign key (set_aside_by) references sheaf.set_aside;
