-- The ledger: append-only transfers whose legs sum to zero; balances and holds are derived by trigger and by nothing else.
-- Signs: a positive `posted` adds to what the account holds, a positive `held` sets money of the account aside.

create table sheaf.ledger_account (
  id uuid primary key,
  branch_id int not null references sheaf.branch,
  name text not null unique,
  purpose text not null check (purpose in ('capital', 'treasury', 'clearing', 'funding', 'transit', 'paid', 'payable')),
  member_id uuid,
  currency text not null check (currency = 'THB'),
  posted bigint not null default 0,
  held bigint not null default 0 check (held >= 0),
  minimum bigint,
  constraint ledger_account_bound check (minimum is null or posted - held >= minimum),
  -- money that nobody has is never paid out: only these two stand for what lies outside
  check (minimum is not null or purpose in ('capital', 'clearing')),
  unique (branch_id, id)
);
-- a branch's accounts by purpose: the way every posting finds funding, transit and paid
create index ledger_account_purpose on sheaf.ledger_account (branch_id, purpose);

create table sheaf.ledger_transfer (
  id uuid primary key,
  branch_id int not null references sheaf.branch,
  kind text not null check (kind in ('hold', 'post', 'void', 'transfer', 'reversal')),
  hold_id uuid,
  intent_id uuid,
  subject text not null,
  reverses uuid unique references sheaf.ledger_transfer,
  at timestamptz not null,
  check ((kind in ('hold', 'post', 'void')) = (hold_id is not null)),
  check ((kind = 'reversal') = (reverses is not null)),
  unique (branch_id, id)
);
-- an intent's postings: its transit must be zero once it is closed
create index ledger_transfer_intent on sheaf.ledger_transfer (intent_id) where intent_id is not null;

create table sheaf.ledger_entry (
  transfer_id uuid not null,
  account_id uuid not null,
  branch_id int not null,
  posted bigint not null default 0,
  held bigint not null default 0,
  primary key (transfer_id, account_id),
  check (posted <> 0 or held <> 0),
  foreign key (branch_id, transfer_id) references sheaf.ledger_transfer (branch_id, id),
  foreign key (branch_id, account_id) references sheaf.ledger_account (branch_id, id)
);
-- recomputing a balance, and an account's history
create index ledger_entry_account on sheaf.ledger_entry (account_id);

create table sheaf.ledger_hold (
  id uuid primary key,
  branch_id int not null,
  account_id uuid not null,
  amount bigint not null check (amount > 0),
  remaining bigint not null check (remaining >= 0 and remaining <= amount),
  foreign key (branch_id, account_id) references sheaf.ledger_account (branch_id, id)
);
-- what is still held on an account
create index ledger_hold_open on sheaf.ledger_hold (account_id) where remaining > 0;

-- One statement-level trigger proves the legs and moves the balances. Lock order: accounts by id, funding (hot) last;
-- another order in another path deadlocks at once.
create function sheaf.post_entries() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if exists (select from added group by transfer_id having sum(posted) <> 0) then
    raise exception 'a transfer''s legs must sum to zero' using errcode = 'SH010';
  end if;
  -- counted by the primary key: `added` has no statistics, and joining it with itself is quadratic
  if exists (select from added a group by transfer_id
             having count(*) <> (select count(*) from ledger_entry e where e.transfer_id = a.transfer_id)) then
    raise exception 'all legs of a transfer are written at once' using errcode = 'SH011';
  end if;
  if exists (select from added a join ledger_transfer t on t.id = a.transfer_id
             where (t.kind = 'hold' and not (a.held > 0 and a.posted = 0))
                or (t.kind = 'void' and not (a.held < 0 and a.posted = 0))
                -- a post takes from its hold exactly what it pays, and from nowhere else
                or (t.kind = 'post' and not ((a.held < 0 and a.posted = a.held) or (a.held = 0 and a.posted > 0)))
                or (t.kind in ('transfer', 'reversal') and a.held <> 0)) then
    raise exception 'a leg does not fit the kind of its transfer' using errcode = 'SH012';
  end if;

  -- no key: the entries' foreign keys already share these rows' keys, and two who share can't both go on to `for update`
  perform from ledger_account where id in (select account_id from added)
    order by (purpose = 'funding'), id for no key update;
  update ledger_account a set posted = a.posted + s.posted, held = a.held + s.held
    from (select account_id, sum(posted)::bigint posted, sum(held)::bigint held from added group by account_id) s
    where a.id = s.account_id;

  insert into ledger_hold (id, branch_id, account_id, amount, remaining)
    select t.hold_id, a.branch_id, a.account_id, a.held, a.held
    from added a join ledger_transfer t on t.id = a.transfer_id where t.kind = 'hold';
  update ledger_hold h set remaining = h.remaining + s.held
    from (select t.hold_id, a.account_id, sum(a.held)::bigint held from added a join ledger_transfer t on t.id = a.transfer_id
          where t.kind in ('post', 'void') and a.held <> 0 group by t.hold_id, a.account_id) s
    where h.id = s.hold_id and h.account_id = s.account_id;
  if exists (select from added a join ledger_transfer t on t.id = a.transfer_id
             where t.kind in ('post', 'void') and a.held <> 0
               and not exists (select from ledger_hold h where h.id = t.hold_id and h.account_id = a.account_id)) then
    raise exception 'there is no such hold on the account' using errcode = 'SH013';
  end if;
  return null;
end $$;
create trigger post_entries after insert on sheaf.ledger_entry referencing new table as added
  for each statement execute function sheaf.post_entries();

-- A decision about money waits for the decisions before it: lock the account and say what it may still give. A function,
-- because a row lock needs the right to update and nobody has that on balances.
create function sheaf.lock_available(account uuid) returns bigint
language sql security definer set search_path = sheaf, pg_temp as $$
  select posted - held - coalesce(minimum, 0) from ledger_account where id = account for no key update
$$;

create trigger append_only before update or delete or truncate on sheaf.ledger_entry
  for each statement execute function sheaf.append_only();
create trigger append_only before update or delete or truncate on sheaf.ledger_transfer
  for each statement execute function sheaf.append_only();
create trigger append_only before update or delete or truncate on sheaf.audit_entry
  for each statement execute function sheaf.append_only();
create trigger append_only before update or delete or truncate on sheaf.audit_anchor
  for each statement execute function sheaf.append_only();
