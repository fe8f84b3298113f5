-- The few functions that must see all branches, from version 2. They belong to one NOLOGIN role.

set local role sheaf_everywhere;

-- Where an executor has something to send: each lane (branch and channel) once, by stepping over the queues' index.
create function sheaf.executor_lanes() returns table (branch_id int, channel text)
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
revoke execute on function sheaf.executor_lanes() from public;
grant execute on function sheaf.executor_lanes() to sheaf_executor;
drop function sheaf.branches_with_executor_work();

-- Who takes over a payment that stays in doubt: a branch reads the names of head office's treasurers, and nothing else.
create function sheaf.treasurer_names() returns table (name text)
language sql stable security definer set search_path = sheaf, pg_temp as $$
  select u.name from app_user u join user_role r on r.user_id = u.id
  where u.branch_id = 0 and u.enabled and r.role = 'treasurer' order by u.name
$$;
revoke execute on function sheaf.treasurer_names() from public;
grant execute on function sheaf.treasurer_names() to sheaf_api;

set local role sheaf_owner;
