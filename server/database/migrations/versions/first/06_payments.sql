-- Payment intents, batches, sign-offs, attempts and funding.

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
  bank_account_id uuid not null,
  account_version int not null,
  amount bigint not null check (amount > 0),
  fee bigint not null default 0 check (fee >= 0),
  currency text not null check (currency = 'THB'),
  channel text not null,
  produce text not null,
  weigh_ticket text not null,
  note text not null,
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
  foreign key (branch_id, batch_id) references sheaf.batch (branch_id, id)
);
-- lists, newest first
create index intent_recent on sheaf.intent (branch_id, id desc);
-- lists by state, and the branch's queues on the dashboard
create index intent_state on sheaf.intent (branch_id, state, id desc);
-- the executor's queue: oldest first in each branch
create index intent_queue on sheaf.intent (branch_id, changed_at, id) where state = 'authorized';
-- what may expire
create index intent_expiry on sheaf.intent (expires_at) where state in ('validated', 'authorized');
-- a member's history
create index intent_member on sheaf.intent (member_id, id desc);
-- a batch's lines in order; a line exists once
create unique index intent_batch_line on sheaf.intent (batch_id, line) where batch_id is not null;
-- a weigh ticket is paid once while the payment lives
create unique index intent_weigh_ticket on sheaf.intent (branch_id, weigh_ticket)
  where weigh_ticket <> '' and state in ('created', 'validated', 'authorized', 'sent', 'in_doubt', 'settled', 'reconciled');

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

create table sheaf.sign_off (
  id uuid primary key,
  branch_id int not null references sheaf.branch,
  batch_id uuid,
  user_id uuid not null references sheaf.app_user,
  role text not null,
  device_id uuid not null references sheaf.device,
  decision text not null check (decision in ('approve', 'reject')),
  reason text not null,
  set_bytes bytea not null,
  digest text not null,
  signature bytea not null,
  at timestamptz not null,
  unique (branch_id, id, user_id),
  foreign key (branch_id, batch_id) references sheaf.batch (branch_id, id)
);
-- a person signs a batch once
create unique index sign_off_batch_user on sheaf.sign_off (batch_id, user_id) where batch_id is not null;

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

-- One executor process that lives or lived. Its id is the fence: a write with an older id than the attempt's is refused.
create table sheaf.executor (
  id bigint generated always as identity primary key,
  started_at timestamptz not null
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
  evidence text not null default '',
  prepared_at timestamptz not null,
  confirming_at timestamptz,
  ended_at timestamptz,
  inquiries int not null default 0,
  inquire_at timestamptz,
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

create table sheaf.funding (
  id uuid primary key,
  branch_id int not null references sheaf.branch,
  number text not null unique,
  amount bigint not null check (amount > 0),
  reason text not null,
  state text not null,
  maker_id uuid not null references sheaf.app_user,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  changed_at timestamptz not null,
  version int not null default 1,
  unique (branch_id, id)
);
-- lists, newest first
create index funding_recent on sheaf.funding (branch_id, id desc);

create table sheaf.funding_sign_off (
  id uuid primary key,
  branch_id int not null,
  funding_id uuid not null,
  user_id uuid not null references sheaf.app_user,
  role text not null,
  device_id uuid not null references sheaf.device,
  decision text not null check (decision in ('approve', 'reject')),
  reason text not null,
  digest text not null,
  signature bytea not null,
  at timestamptz not null,
  unique (funding_id, user_id),
  foreign key (branch_id, funding_id) references sheaf.funding (branch_id, id)
);

-- What money is asked for, who must sign it and which hold pays it never change after submission; the people's side takes
-- an intent to authorized or ends it, and only the executor and the statement say what became of the money.
create function sheaf.guard_intent() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
declare given text[];
begin
  if new.state = 'validated' and (new.hold_id is null or cardinality(new.quorum) = 0) then
    raise exception 'a submitted intent has its hold and its quorum' using errcode = 'SH036';
  end if;
  if tg_op = 'INSERT' then
    return new;
  end if;
  if (old.branch_id, old.number, old.operation, old.member_id, old.bank_account_id, old.account_version, old.amount, old.fee,
      old.currency, old.produce, old.weigh_ticket, old.note, old.documents, old.maker_id, old.batch_id, old.line)
     is distinct from
     (new.branch_id, new.number, new.operation, new.member_id, new.bank_account_id, new.account_version, new.amount, new.fee,
      new.currency, new.produce, new.weigh_ticket, new.note, new.documents, new.maker_id, new.batch_id, new.line) then
    raise exception 'what an intent asks for never changes' using errcode = 'SH030';
  end if;
  if old.state <> 'created' and (old.quorum, old.hold_id, old.expires_at) is distinct from
     (new.quorum, new.hold_id, new.expires_at) then
    raise exception 'quorum, hold and term of a submitted intent never change' using errcode = 'SH037';
  end if;
  if new.state <> old.state and (
       session_user = 'sheaf_api' and new.state in ('sent', 'in_doubt', 'settled', 'failed', 'reconciled', 'returned')
       or session_user = 'sheaf_statements' and new.state not in ('reconciled', 'returned')) then
    raise exception '% may not say that an intent is %', session_user, new.state using errcode = 'SH038';
  end if;
  if new.state = 'authorized' and old.state = 'validated' then
    select coalesce(array_agg(s.role order by s.role), '{}') into given
      from sign_off_item i join sign_off s on s.id = i.sign_off_id
      where i.intent_id = new.id and s.decision = 'approve' and s.user_id <> new.maker_id;
    if not given @> new.quorum then
      raise exception 'an intent needs its quorum of sign-offs, none by its maker' using errcode = 'SH031';
    end if;
  end if;
  if new.version <> old.version + 1 then
    raise exception 'every change of an intent is a new version' using errcode = 'SH032';
  end if;
  return new;
end $$;
create trigger guard before insert or update on sheaf.intent for each row execute function sheaf.guard_intent();

-- Transit is zero for an intent that is closed; looked at when the transaction ends, and not from where it can't be seen.
create function sheaf.check_transit() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if new.branch_id <> all (branches()) then
    raise exception 'the branch of a closed intent must be in sight' using errcode = 'SH039';
  end if;
  if (select coalesce(sum(e.posted), 0) from ledger_transfer t join ledger_entry e on e.transfer_id = t.id
      join ledger_account a on a.id = e.account_id
      where t.intent_id = new.id and a.purpose = 'transit') <> 0 then
    raise exception 'transit of a closed intent must be zero' using errcode = 'SH033';
  end if;
  return null;
end $$;
create constraint trigger transit_zero after update of state on sheaf.intent deferrable initially deferred
  for each row when (new.state in ('reconciled', 'rejected', 'cancelled', 'expired', 'failed', 'returned'))
  execute function sheaf.check_transit();

-- The fence: only the executor that holds an attempt, or a younger one that takes it over, may change it.
create function sheaf.guard_attempt() returns trigger language plpgsql as $$
begin
  if new.executor_id < old.executor_id then
    raise exception 'a younger executor has taken this attempt over' using errcode = 'SH034';
  end if;
  if (old.intent_id, old.branch_id, old.bank_reference, old.ordinal) is distinct from
     (new.intent_id, new.branch_id, new.bank_reference, new.ordinal) then
    raise exception 'what an attempt is about never changes' using errcode = 'SH035';
  end if;
  return new;
end $$;
create trigger guard before update on sheaf.attempt for each row execute function sheaf.guard_attempt();

create trigger lifecycle before insert or update or delete on sheaf.intent
  for each row execute function sheaf.check_state('intent', 'state');
create trigger lifecycle before insert or update or delete on sheaf.batch
  for each row execute function sheaf.check_state('batch', 'state');
create trigger lifecycle before insert or update or delete on sheaf.attempt
  for each row execute function sheaf.check_state('attempt', 'state');
create trigger lifecycle before insert or update or delete on sheaf.funding
  for each row execute function sheaf.check_state('funding', 'state');
create trigger append_only before update or delete or truncate on sheaf.intent_event
  for each statement execute function sheaf.append_only();
create trigger append_only before update or delete or truncate on sheaf.sign_off
  for each statement execute function sheaf.append_only();
create trigger append_only before update or delete or truncate on sheaf.sign_off_item
  for each statement execute function sheaf.append_only();
create trigger append_only before update or delete or truncate on sheaf.funding_sign_off
  for each statement execute function sheaf.append_only();
