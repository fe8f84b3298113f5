-- The executors, their attempts at the bank, and what the bank calls to say.

-- One executor process that lives or lived. Its id is the fence: a write with an older id than the attempt's is refused.
create table sheaf.executor (
  id bigint generated always as identity primary key,
  started_at timestamptz not null,
  -- a lock ends with its connection, but a stalled process keeps its connection: its lease runs out instead
  beat_at timestamptz
);

-- What each executor thinks of each channel, for status and alarms.
create table sheaf.channel_state (
  channel text not null,
  executor_id bigint not null references sheaf.executor,
  state text not null check (state in ('closed', 'open', 'half_open')),
  -- a code of the table of the bank's codes; nothing is decided by what was told beside it
  reason text not null,
  since timestamptz not null,
  told text not null default '',
  primary key (channel, executor_id)
);

create table sheaf.attempt (
  id uuid primary key,
  branch_id int not null,
  intent_id uuid not null,
  ordinal int not null check (ordinal >= 1),
  bank_reference text not null check (bank_reference ~ '^[A-Z0-9]{1,16}$'),
  state text not null,
  executor_id bigint not null references sheaf.executor,
  token text not null default '',
  payee_name text not null default '',
  -- a word of shared/evidence.py, with the bank's code or a technical detail beside it; nothing is decided by the latter
  evidence text not null default '' check (evidence ~ '^[a-z_]*$'),
  told text not null default '',
  prepared_at timestamptz not null,
  confirming_at timestamptz,
  ended_at timestamptz,
  inquiries int not null default 0,
  inquire_at timestamptz,
  -- when the bank first said that it had taken the payment for processing: that it knows nothing of it later is then no proof
  taken_at timestamptz,
  -- the vault's digest of the account that pays, whose statements alone can be without the payment
  payer_digest bytea,
  -- when the next business day had begun and the bank had still not said what it did, a person was told
  flagged_at timestamptz,
  -- the bank holds the reference and has ended it unpaid, so the next try is under another one
  spent boolean not null default false,
  -- since when it is known that the bank has another amount or payee under it
  mismatched_at timestamptz,
  unique (branch_id, id),
  unique (intent_id, ordinal),
  foreign key (branch_id, intent_id) references sheaf.intent (branch_id, id)
);
-- nothing is sent twice: one live attempt per intent
create unique index attempt_live on sheaf.attempt (intent_id) where state not in ('accepted', 'rejected');
-- the statement and callbacks find the attempt by our reference at the bank
create unique index attempt_reference on sheaf.attempt (bank_reference);
-- what a starting executor finds under way, and what is due for inquiry
create index attempt_under_way on sheaf.attempt (executor_id, inquire_at) where state not in ('accepted', 'rejected');

create table sheaf.callback_inbox (
  id uuid primary key,
  at timestamptz not null,
  body bytea not null,
  outcome text not null default 'stored',
  reference text not null default '',
  transaction_id text not null default '',
  -- nobody knows its reference: anyone can post those, so only a few are kept
  stranger boolean not null default false
);
-- one event of the bank is acted on once
create index callback_inbox_event on sheaf.callback_inbox (transaction_id) where transaction_id <> '';
-- callbacks of one payment
create index callback_inbox_reference on sheaf.callback_inbox (reference) where reference <> '';
-- the few that are kept of strangers
create index callback_inbox_stranger on sheaf.callback_inbox (id) where stranger;
-- what the executor has still to read, and since when
create index callback_inbox_stored on sheaf.callback_inbox (id) where outcome = 'stored';
-- the same
create index callback_inbox_at on sheaf.callback_inbox (at) where outcome <> 'stored';
