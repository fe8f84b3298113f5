-- The ledger: append-only transfers whose legs sum to zero; balances and holds are derived by trigger and by nothing else.
-- Signs: a positive `posted` adds to what the account holds, a positive `held` sets money of the account aside.

create table sheaf.ledger_account (
  id uuid primary key,
  branch_id int not null references sheaf.branch,
  name text not null unique,
  purpose text not null,
  member_id uuid,
  currency text not null check (currency = 'THB'),
  posted bigint not null default 0,
  held bigint not null default 0 check (held >= 0),
  minimum bigint,
  constraint ledger_account_bound check (minimum is null or posted - held >= minimum),
  constraint ledger_account_purpose check (purpose in ('capital', 'treasury', 'clearing', 'funding', 'transit', 'paid', 'payable',
    -- fees: what a branch paid on top and what it kept back meet in one account
    'fees', 'advance', 'lent')),
  -- money that nobody has is never paid out: only these stand for what lies outside, or is owed
  constraint ledger_account_unbound check (minimum is not null or purpose in ('capital', 'clearing', 'advance')),
  -- what a member owes is below zero and comes up to zero, never above: nobody is made to repay more than was lent
  constraint ledger_account_owed check (purpose <> 'advance' or posted <= 0),
  -- who may open accounts may not open one that gives what it does not have
  constraint ledger_account_minimum check (minimum >= 0),
  constraint ledger_account_member check (purpose not in ('payable', 'advance') or member_id is not null),
  unique (branch_id, id)
  -- room beside each account for its next version: no index is touched when only balances move
) with (fillfactor = 70);
-- a branch's accounts by purpose: the way every posting finds funding, transit and paid
create index ledger_account_purpose on sheaf.ledger_account (branch_id, purpose);

-- What a foreign key proves for one row at a time (half of what a batch of 1,000 took) post_entries proves for all rows of
-- a statement at once and with the same SQLSTATE: a leg's transfer and account, and what is reversed, are there, in the
-- leg's branch. They stay there: transfers are append-only, and an account is never deleted, moved or renamed.
create table sheaf.ledger_transfer (
  id uuid primary key,
  branch_id int not null,
  kind text not null,
  hold_id uuid,
  intent_id uuid,
  subject text not null,
  reverses uuid,
  expires_at timestamptz,
  at timestamptz not null,
  constraint ledger_transfer_kind check (kind in ('hold', 'post', 'void', 'expire', 'transfer', 'reversal')),
  constraint ledger_transfer_of_hold check ((kind in ('hold', 'post', 'void', 'expire')) = (hold_id is not null)),
  constraint ledger_transfer_is_hold check (kind <> 'hold' or hold_id = id),
  constraint ledger_transfer_expiry check (expires_at is null or (kind = 'hold' and expires_at > at)),
  check ((kind = 'reversal') = (reverses is not null))
);
-- an intent's postings: its transit must be zero once it is closed
create index ledger_transfer_intent on sheaf.ledger_transfer (intent_id) where intent_id is not null;
-- a transfer is reversed at most once; most transfers reverse nothing and stand in no index
create unique index ledger_transfer_reversed on sheaf.ledger_transfer (reverses) where reverses is not null;

create table sheaf.ledger_entry (
  transfer_id uuid not null,
  account_id uuid not null,
  branch_id int not null,
  posted bigint not null default 0,
  held bigint not null default 0,
  primary key (transfer_id, account_id),
  check (posted <> 0 or held <> 0)
);
-- a member's statement, newest first: ids are made in the order of time
create index ledger_entry_statement on sheaf.ledger_entry (account_id, transfer_id desc);

create table sheaf.ledger_hold (
  id uuid primary key,
  branch_id int not null,
  account_id uuid not null,
  amount bigint not null check (amount > 0),
  remaining bigint not null check (remaining >= 0 and remaining <= amount),
  expires_at timestamptz,
  foreign key (branch_id, account_id) references sheaf.ledger_account (branch_id, id)
);
-- what is still held on an account
create index ledger_hold_open on sheaf.ledger_hold (account_id) where remaining > 0;
