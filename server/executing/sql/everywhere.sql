-- What must see all branches: it belongs to a role of its own that nobody logs in as, and only reads.

-- Where an executor has something to send: each lane (branch and channel) once, by stepping over the queues' index.
create or replace function sheaf.executor_lanes() returns table (branch_id int, channel text)
language sql stable security definer set search_path = sheaf, pg_temp as $$
  with recursive lane as (
    (select i.branch_id, i.channel from intent i where i.state = 'authorized' order by i.branch_id, i.channel limit 1)
    union all
    select n.branch_id, n.channel from lane l cross join lateral (
      select i.branch_id, i.channel from intent i
      where i.state = 'authorized' and (i.branch_id, i.channel) > (l.branch_id, l.channel)
      order by i.branch_id, i.channel limit 1) n
  )
  select lane.branch_id, lane.channel from lane
$$;
grant execute on function sheaf.executor_lanes to sheaf_executor;

-- Whether a reference is one of our attempts: who posts a callback belongs to no branch.
create or replace function sheaf.knows_reference(p_reference text) returns boolean
language sql stable security definer set search_path = sheaf, pg_temp as $$
  select exists (select from attempt where bank_reference = p_reference)
$$;
grant execute on function sheaf.knows_reference to sheaf_owner;

-- How many signed payments wait for each channel, for machines: numbers only.
create or replace function sheaf.waiting_by_channel()
returns table (channel text, waiting bigint, total bigint, oldest timestamptz, expires timestamptz)
language sql stable security definer set search_path = sheaf, pg_temp as $$
  select i.channel, count(*), sum(i.amount)::bigint, min(i.changed_at), min(i.expires_at)
  from intent i where i.state = 'authorized' group by i.channel order by i.channel
$$;
grant execute on function sheaf.waiting_by_channel to sheaf_api, sheaf_auditor;
