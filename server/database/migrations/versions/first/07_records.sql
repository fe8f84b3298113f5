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
  problem text not null default ''
);
-- one question to the bank at a time; it serves everyone who asks meanwhile
create unique index statement_fetch_open on sheaf.statement_fetch ((true)) where state in ('requested', 'running');

-- Every file that the bank delivered, by its content, and what became of it; `waiting` is looked at again in each pass.
create table sheaf.statement_file (
  sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
  branch_id int not null references sheaf.branch,
  name text not null,
  outcome text not null check (outcome in ('imported', 'copy', 'empty', 'waiting', 'refused')),
  problem text not null,
  first_seen_at timestamptz not null,
  changed_at timestamptz not null
);
-- what each pass tries again
create index statement_file_waiting on sheaf.statement_file (sha256) where outcome = 'waiting';

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
  -- a statement of an account is imported once, whatever the file is called
  unique (account_digest, date, number),
  unique (account_digest, position)
);

create table sheaf.statement_line (
  id uuid primary key,
  branch_id int not null references sheaf.branch,
  statement_id uuid not null references sheaf.statement,
  sequence int not null,
  booked_at timestamptz not null,
  amount bigint not null check (amount <> 0),
  balance bigint not null,
  reference text not null,
  bank_reference text not null,
  description text not null,
  kind text not null check (kind in ('debit', 'credit', 'reversal')),
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
    ('matched', 'mismatched', 'settlement_pending', 'missing_settlement', 'unexpected', 'returned')),
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

create table sheaf.callback_inbox (
  id uuid primary key,
  at timestamptz not null,
  body bytea not null,
  outcome text not null default 'stored',
  reference text not null default '',
  transaction_id text not null default ''
);
-- one event of the bank is acted on once
create index callback_inbox_event on sheaf.callback_inbox (transaction_id) where transaction_id <> '';

-- The change feed. Readers take rows whose transaction is below the oldest running one, so that a late commit is never skipped.
create table sheaf.change_feed (
  xid xid8 not null default pg_current_xact_id(),
  id bigint generated always as identity,
  branch_id int not null,
  entity text not null,
  entity_id uuid not null,
  primary key (xid, id)
);
-- sync pages through one branch's changes in order
create index change_feed_branch on sheaf.change_feed (branch_id, xid, id);
-- and passes over what has changed again since
create index change_feed_entity on sheaf.change_feed (entity_id, xid, id);

create function sheaf.feed() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  execute format('insert into change_feed (branch_id, entity, entity_id) select distinct branch_id, %L, %I from changed',
                 tg_argv[0], tg_argv[1]);
  return null;
end $$;

do $$
declare feed record;
begin
  for feed in select * from (values
      ('member', 'member', 'id'), ('bank_account', 'member', 'member_id'), ('account_check', 'member', 'member_id'),
      ('intent', 'intent', 'id'), ('batch', 'batch', 'id'), ('bank_change', 'bank_change', 'id'),
      ('document', 'bank_change', 'bank_change_id'), ('bank_change_sign_off', 'bank_change', 'bank_change_id'),
      ('sign_off_item', 'intent', 'intent_id'), ('funding', 'funding', 'id'))
      as f(tab, entity, key) loop
    execute format('create trigger feed_insert after insert on sheaf.%I referencing new table as changed
                    for each statement execute function sheaf.feed(%L, %L)', feed.tab, feed.entity, feed.key);
    if feed.tab in ('member', 'intent', 'batch', 'bank_change', 'account_check', 'funding') then
      execute format('create trigger feed_update after update on sheaf.%I referencing new table as changed
                      for each statement execute function sheaf.feed(%L, %L)', feed.tab, feed.entity, feed.key);
    end if;
  end loop;
end $$;
create trigger append_only before update or delete or truncate on sheaf.statement
  for each statement execute function sheaf.append_only();
create trigger append_only before update or delete or truncate on sheaf.statement_line
  for each statement execute function sheaf.append_only();
