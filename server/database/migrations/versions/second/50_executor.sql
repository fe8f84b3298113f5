-- The executor: queues by branch and channel, leases, the state of each channel, and what doubt is looked at by.

-- the executor's queue: oldest first in each lane
create index intent_lane on sheaf.intent (branch_id, channel, changed_at, id) where state = 'authorized';
drop index sheaf.intent_queue;
-- whether a batch still waits for any of its lines, however many have ended
create index intent_batch_open on sheaf.intent (batch_id)
  where batch_id is not null and state in ('created', 'validated', 'authorized', 'sent', 'in_doubt');

-- A lock ends with its connection, but a stalled process keeps its connection: its lease runs out instead.
alter table sheaf.executor add column beat_at timestamptz;
grant update (beat_at) on sheaf.executor to sheaf_executor;

-- When the next business day has begun and the bank has still not said what it did, a person is told.
alter table sheaf.attempt add column flagged_at timestamptz;
grant update (flagged_at) on sheaf.attempt to sheaf_executor;

-- When the bank first said that it had taken the payment for processing: that it knows nothing of it later is then no
-- proof. And the vault's digest of the account that pays, whose statements alone can be without the payment.
alter table sheaf.attempt add column taken_at timestamptz, add column payer_digest bytea;
grant update (taken_at, payer_digest) on sheaf.attempt to sheaf_executor;

-- The statement is the last word about a payment that the bank does not speak of.
grant select on sheaf.statement, sheaf.statement_line to sheaf_executor;

-- What each executor thinks of each channel, for status and alarms.
create table sheaf.channel_state (
  channel text not null,
  executor_id bigint not null references sheaf.executor,
  state text not null check (state in ('closed', 'open', 'half_open')),
  reason text not null,
  since timestamptz not null,
  primary key (channel, executor_id)
);
grant select on sheaf.channel_state to sheaf_api, sheaf_auditor;
grant select, insert, update (state, reason, since) on sheaf.channel_state to sheaf_executor;

-- The in-doubt desk shows that the bank called, never what it sent; whose names it may show.
grant select (at, id, outcome, reference, transaction_id) on sheaf.callback_inbox to sheaf_api;
-- callbacks of one payment
create index callback_inbox_reference on sheaf.callback_inbox (reference) where reference <> '';
grant select (branch_id, enabled) on sheaf.app_user to sheaf_everywhere;
grant select on sheaf.user_role to sheaf_everywhere;

-- A person may make the executor ask the bank now; it writes nothing else about an attempt.
create function sheaf.ask_bank_now(p_intent uuid, p_at timestamptz) returns boolean
language sql volatile security definer set search_path = sheaf, pg_temp as $$
  with asked as (
    update attempt set inquire_at = p_at
    where intent_id = p_intent and state in ('confirming', 'unknown') and inquire_at > p_at returning 1
  ) select exists (select from asked)
$$;
revoke execute on function sheaf.ask_bank_now(uuid, timestamptz) from public;
grant execute on function sheaf.ask_bank_now(uuid, timestamptz) to sheaf_api;
