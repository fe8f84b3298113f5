-- What must see all branches: it belongs to a role of its own that nobody logs in as, and only reads.

-- What signed payments wait for, by branch and channel, and since when the oldest one was signed: one that is tried and
-- comes back again and again waits all that time. (Versions: one or two until it is signed, then two for each try.)
create or replace function sheaf.waiting_by_lane() returns table (branch text, channel text, waiting bigint, oldest timestamptz)
language sql stable security definer set search_path = sheaf, pg_temp as $$
  select b.code, i.channel, count(*), min(case when i.version <= 3 then i.changed_at else coalesce(
      (select min(e.at) from intent_event e where e.intent_id = i.id and e.state = 'authorized'), i.changed_at) end)
  from intent i join branch b on b.id = i.branch_id
  where i.state = 'authorized' group by b.code, i.channel order by b.code, i.channel
$$;
grant execute on function sheaf.waiting_by_lane to sheaf_api, sheaf_auditor, sheaf_executor, sheaf_statements;

-- Payments whose end is unknown, by channel, and of how many a person has been told that a day has passed.
create or replace function sheaf.doubts() returns table (channel text, doubts bigint, total bigint, oldest timestamptz, flagged bigint)
language sql stable security definer set search_path = sheaf, pg_temp as $$
  select i.channel, count(*), sum(i.amount)::bigint, min(a.at), count(a.flagged_at) filter (where a.mismatched_at is null)
  from branch b cross join lateral (
    select n.id, n.channel, n.amount from intent n where n.branch_id = b.id and n.state = 'in_doubt' offset 0) i
  left join lateral (
    select coalesce(t.confirming_at, t.prepared_at) at, t.flagged_at, t.mismatched_at from attempt t
    where t.intent_id = i.id order by t.ordinal desc limit 1) a on true
  group by i.channel order by i.channel
$$;
grant execute on function sheaf.doubts to sheaf_api, sheaf_auditor, sheaf_executor, sheaf_statements;

-- Payments under whose reference the bank has another amount or payee, by channel, and since when that is known.
create or replace function sheaf.mismatches() returns table (channel text, payments bigint, total bigint, oldest timestamptz)
language sql stable security definer set search_path = sheaf, pg_temp as $$
  select i.channel, count(*), sum(i.amount)::bigint, min(a.mismatched_at) from attempt a join intent i on i.id = a.intent_id
  where a.state not in ('accepted', 'rejected') and a.mismatched_at is not null group by i.channel order by i.channel
$$;
grant execute on function sheaf.mismatches to sheaf_api, sheaf_auditor, sheaf_executor, sheaf_statements;

-- What is under way by channel, and since when the one that waits longest to be looked at again is overdue; what has no time
-- yet is in its executor's hands, for some minutes at most.
create or replace function sheaf.under_way() returns table (channel text, payments bigint, overdue timestamptz)
language sql stable security definer set search_path = sheaf, pg_temp as $$
  select i.channel, count(*), min(coalesce(a.inquire_at, a.prepared_at + interval '5 minutes')) from attempt a join intent i on i.id = a.intent_id
  where a.state not in ('accepted', 'rejected') group by i.channel order by i.channel
$$;
grant execute on function sheaf.under_way to sheaf_api, sheaf_auditor, sheaf_executor, sheaf_statements;

-- How payments have ended since an instant: those that were signed, by channel and by who ended them ('executor' is none
-- of the people). What was made more than a week before it is not looked at.
create or replace function sheaf.endings(p_since timestamptz) returns table (channel text, state text, actor text, payments bigint, first timestamptz)
language sql stable security definer set search_path = sheaf, pg_temp as $$
  with floor as (
    select (lpad(to_hex((extract(epoch from p_since - interval '7 days') * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid id)
  select i.channel, i.state, case when e.actor in ('executor', 'statements') then e.actor else 'person' end, count(*), min(e.at)
  from branch b cross join floor cross join unnest(array['settled', 'reconciled', 'failed', 'cancelled', 'expired']) w (state)
  cross join lateral (
    select n.id, n.channel, n.state, n.changed_at from intent n
    where n.branch_id = b.id and n.state = w.state and n.id >= floor.id and n.changed_at >= p_since) i
  cross join lateral (
    select v.at, v.actor, v.version from intent_event v where v.intent_id = i.id and v.state = i.state
    order by v.version desc limit 1) e
  where exists (select from intent_event s where s.intent_id = i.id and s.version < e.version and s.state = 'authorized')
  group by 1, 2, 3
$$;
grant execute on function sheaf.endings to sheaf_api, sheaf_auditor, sheaf_executor, sheaf_statements;

-- What the statements and the books do not agree on.
create or replace function sheaf.exceptions() returns table (result text, lines bigint, oldest timestamptz)
language sql stable security definer set search_path = sheaf, pg_temp as $$
  select r.result, count(*), min(r.at)
  from branch b cross join unnest(array['mismatched', 'missing_settlement', 'unexpected']) w (result)
  cross join lateral (select n.result, n.at from reconciliation n where n.branch_id = b.id and n.result = w.result) r
  group by r.result order by r.result
$$;
grant execute on function sheaf.exceptions to sheaf_api, sheaf_auditor, sheaf_executor, sheaf_statements;

-- Since when what only executors do waits to be done: questions about accounts, what the bank called to say, and what should
-- have expired by now.
create or replace function sheaf.executor_queues(p_now timestamptz) returns table (queue text, waiting bigint, oldest timestamptz)
language sql stable security definer set search_path = sheaf, pg_temp as $$
  select 'account_checks', count(*), min(c.requested_at) from account_check c where c.state = 'requested'
  union all
  select 'callbacks', count(*), min(c.at) from callback_inbox c where c.outcome = 'stored'
  union all
  select 'expiries', count(*), min(i.expires_at) from intent i
  where i.state in ('validated', 'authorized') and i.expires_at < p_now
$$;
grant execute on function sheaf.executor_queues to sheaf_api, sheaf_auditor, sheaf_executor, sheaf_statements;

-- How the server's sessions are: how many of how many, the longest that does nothing in a transaction, the oldest one that
-- writes (what came later is not yet told to the desks), and how many of them the server does not let us see.
create or replace function sheaf.sessions() returns table (used bigint, most int, idle_since timestamptz, writing_since timestamptz, hidden bigint)
language sql stable security definer set search_path = sheaf, pg_temp as $$
  select (select sum(d.numbackends) from pg_stat_database d),
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
    min(a.state_change) filter (where a.state like 'idle in transaction%' and a.datname = current_database()),
    least(min(a.xact_start) filter (where a.backend_xid is not null), (select min(p.prepared) from pg_prepared_xacts p)),
    count(*) filter (where a.datname = current_database() and a.backend_type is null)
  from pg_stat_activity a
$$;
grant execute on function sheaf.sessions to sheaf_api, sheaf_auditor, sheaf_executor, sheaf_statements;
