-- Payment intents, batches, what they are charged and who signed them.

create sequence sheaf.voucher_numbers;
create sequence sheaf.batch_numbers;

-- Payment intents, batches, sign-offs, attempts and funding.
-- Whether a payment in this state is made, may be made, or was: all but those that ended unpaid. Such a one keeps its ticket.
-- Indexes stand on it, so only a version that builds them anew may change it.
create function sheaf.is_living(state text) returns boolean language sql immutable parallel safe as $$
  select state in ('created', 'validated', 'authorized', 'sent', 'in_doubt', 'settled', 'reconciled', 'returned')
$$;

create table sheaf.batch (
  id uuid primary key,
  branch_id int not null references sheaf.branch,
  number text not null unique,
  state text not null,
  count int not null check (count between 1 and 50000),
  total bigint not null check (total > 0),
  note text not null,
  file_sha256 text not null,
  maker_id uuid not null references sheaf.app_user,
  quorum text[] not null default '{}' check (quorum <@ '{manager,treasurer}'),
  hold_id uuid,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  changed_at timestamptz not null,
  version int not null default 1,
  unique (branch_id, id)
);
-- lists, newest first: ids are made in the order of time
create index batch_recent on sheaf.batch (branch_id, id desc);
-- batches that still wait for something: expiry and closing
create index batch_waiting on sheaf.batch (state) where state in ('open', 'validated', 'authorized');

create table sheaf.intent (
  id uuid primary key,
  branch_id int not null references sheaf.branch,
  number text not null unique,
  operation text not null check (operation in ('disbursement', 'transfer', 'withdrawal', 'collection')),
  member_id uuid not null,
  bank_account_id uuid,
  account_version int not null,
  amount bigint not null check (amount > 0),
  fee bigint not null default 0 check (fee >= 0),
  post_fee bigint not null default 0 check (post_fee >= 0),
  advance bigint not null default 0 check (advance >= 0),
  payout bigint generated always as (amount - post_fee - advance) stored check (payout > 0),
  currency text not null check (currency = 'THB'),
  channel text not null,
  -- the ledger account that pays: the branch's funding, or the balance of the member whose money it is; held there
  source_id uuid not null,
  destination text not null default 'bank' check (destination in ('bank', 'balance')),
  -- whose balance a transfer goes to; perhaps another branch's
  counterparty_branch_id int,
  counterparty_member_id uuid,
  -- why something like it may be paid again; demands one more approver
  duplicate_reason text not null default '',
  -- which payment this one pays again: one that did not happen, or one that came back and is owed to its member
  pays_again uuid,
  produce text not null,
  weigh_ticket text not null,
  -- shared.normal.ticket_key of the weigh ticket
  ticket_key text not null default '',
  note text not null,
  -- what rules may ask about the member; a payment keeps what was true when it was submitted
  tags text[] not null default '{}' check (cardinality(tags) <= 32),
  documents text[] not null default '{}',
  maker_id uuid not null references sheaf.app_user,
  state text not null,
  batch_id uuid,
  line int not null default 0,
  quorum text[] not null default '{}' check (quorum <@ '{manager,treasurer}'),
  hold_id uuid,
  failure_code text not null default '',
  failure_text text not null default '',
  -- one word through all logs from the desk that asked to the bank that paid
  correlation_id text not null default '-',
  created_at timestamptz not null,
  expires_at timestamptz not null,
  changed_at timestamptz not null,
  version int not null default 1,
  unique (branch_id, id),
  foreign key (branch_id, member_id) references sheaf.member (branch_id, id),
  foreign key (branch_id, bank_account_id) references sheaf.bank_account (branch_id, id),
  foreign key (branch_id, batch_id) references sheaf.batch (branch_id, id),
  constraint intent_counterparty foreign key (counterparty_branch_id, counterparty_member_id)
    references sheaf.member (branch_id, id),
  constraint intent_pays_again foreign key (branch_id, pays_again) references sheaf.intent (branch_id, id),
  constraint intent_pays_another check (pays_again is distinct from id),
  constraint intent_destination check (
    (bank_account_id is not null) = (destination = 'bank')
    and (counterparty_branch_id is null) = (counterparty_member_id is null)
    and (operation = 'transfer') = (counterparty_member_id is not null)
    and counterparty_member_id is distinct from member_id
    and (operation <> 'transfer' or destination = 'balance')
    and (operation <> 'withdrawal' or destination = 'bank')
    and (advance = 0 or operation = 'disbursement')),
  -- a key in another alphabet would be a second name for the same thing
  constraint intent_ticket_key check (
    (ticket_key = '') = (weigh_ticket = '')
    and ticket_key !~ '[a-z๐-๙\t\n\u00a0\u00ad\u200b-\u200f\u2010-\u2015\u202a-\u202e\u2060-\u2064\u2066-\u206f\u2212\ufeff\uff01-\uff5e]|(?<![0-9]) | (?![0-9])')
);
-- lists, newest first
create index intent_recent on sheaf.intent (branch_id, id desc);
-- lists by state, and the branch's queues on the dashboard
create index intent_state on sheaf.intent (branch_id, state, id desc);
-- what may expire
create index intent_expiry on sheaf.intent (expires_at) where state in ('validated', 'authorized');
-- a member's history
create index intent_member on sheaf.intent (member_id, id desc);
-- a batch's lines in order; a line exists once
create unique index intent_batch_line on sheaf.intent (batch_id, line) where batch_id is not null;
-- how many lines stand in which state, and whether one still keeps its batch open
create index intent_batch_state on sheaf.intent (batch_id, state) where batch_id is not null;
-- the executor's queue: oldest first in each lane
create index intent_lane on sheaf.intent (branch_id, channel, changed_at, id) where state = 'authorized';
-- whether a batch still waits for any of its lines, however many have ended
create index intent_batch_open on sheaf.intent (batch_id)
  where batch_id is not null and state in ('created', 'validated', 'authorized', 'sent', 'in_doubt');
-- a weigh ticket is paid once in its branch while the payment lives, in whatever writing, and is found in every branch
create unique index intent_ticket on sheaf.intent (ticket_key, branch_id)
  where ticket_key <> '' and sheaf.is_living(state);
-- a payment has at most one that pays it again; one that ended unpaid leaves its place
create unique index intent_paid_again on sheaf.intent (pays_again)
  where pays_again is not null and state not in ('rejected', 'cancelled', 'expired', 'failed');
-- what came back of a member's payments, for the radar: few, and looked for in every submission
create index intent_returned on sheaf.intent (member_id, id desc) where state = 'returned';

create table sheaf.intent_event (
  intent_id uuid not null,
  branch_id int not null,
  version int not null,
  state text not null,
  at timestamptz not null,
  actor text not null,
  evidence text not null,
  primary key (intent_id, version),
  foreign key (branch_id, intent_id) references sheaf.intent (branch_id, id)
);
-- what a day brought, on the dashboard and in reports
create index intent_event_outcome on sheaf.intent_event (branch_id, state, at) where state in ('settled', 'failed', 'returned');

-- What one intent is charged beside its amount: each row becomes a leg when it settles.
create table sheaf.intent_charge (
  intent_id uuid not null,
  ordinal int not null check (ordinal >= 1),
  branch_id int not null,
  kind text not null check (kind in ('pre_fee', 'post_fee', 'advance')),
  amount bigint not null check (amount > 0),
  account_id uuid not null,
  rule_id uuid references sheaf.company_rule,
  advance_id uuid,
  constraint intent_charge_advance check ((kind = 'advance') = (advance_id is not null)),
  primary key (intent_id, ordinal),
  foreign key (branch_id, intent_id) references sheaf.intent (branch_id, id),
  foreign key (branch_id, account_id) references sheaf.ledger_account (branch_id, id),
  foreign key (branch_id, advance_id) references sheaf.advance (branch_id, id)
);

-- Which counters an intent has taken from, so that they get back the same, once.
create table sheaf.limit_take (
  intent_id uuid not null,
  rule text not null,
  subject text not null,
  period text not null,
  branch_id int not null,
  amount bigint not null check (amount > 0),
  primary key (intent_id, rule, subject, period),
  foreign key (branch_id, intent_id) references sheaf.intent (branch_id, id),
  foreign key (rule, subject, period) references sheaf.limit_usage
);

-- What one signature over a set or a batch covers: many payments, each with its own digest in the signed bytes.
create table sheaf.sign_off_item (
  sign_off_id uuid not null,
  branch_id int not null,
  intent_id uuid not null,
  user_id uuid not null,
  item_digest text not null,
  primary key (sign_off_id, intent_id),
  -- a person counts once for an intent, whatever roles they have
  unique (intent_id, user_id),
  foreign key (branch_id, sign_off_id, user_id) references sheaf.sign_off (branch_id, id, user_id),
  foreign key (branch_id, intent_id) references sheaf.intent (branch_id, id)
);

-- One request of a group, as far as facts are looked up for it.
create type sheaf.asked_intent as (
  member_id uuid,
  ticket_key text,
  user_id uuid,
  key text,
  token_id uuid,
  operation text,
  amount bigint,
  destination text,
  to_member text,
  balance_id uuid,
  pays_again uuid
);

-- One decided item of a group: what becomes a row of intent, what it was decided from, and who asked.
create type sheaf.planned_intent as (
  ordinal int,
  branch_id int,
  id uuid,
  number text,
  operation text,
  member_id uuid,
  member_version int,
  bank_account_id uuid,
  account_version int,
  amount bigint,
  fee bigint,
  currency text,
  channel text,
  produce text,
  weigh_ticket text,
  ticket_key text,
  note text,
  documents text[],
  state text,
  batch_id uuid,
  line int,
  quorum text[],
  hold_id uuid,
  source_id uuid,
  destination text,
  counterparty_branch_id int,
  counterparty_member_id uuid,
  post_fee bigint,
  advance bigint,
  duplicate_reason text,
  held bigint,
  charges jsonb,
  tags text[],
  claims jsonb,
  expires_at timestamptz,
  maker_id uuid,
  actor text,
  device_id uuid,
  correlation_id text,
  home_branch int,
  key text,
  fingerprint text,
  token_id uuid,
  status int,
  reply text,
  detail text,
  radar_since timestamptz,
  pays_again uuid,
  -- what it was tiered by, its own amount included (satang), and when its business day began
  tier_total bigint,
  business_day timestamptz
);
