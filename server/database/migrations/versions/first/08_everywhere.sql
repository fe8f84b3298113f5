-- The few functions that must see all branches. They belong to one NOLOGIN role and stand in this file only.

set local role sheaf_everywhere;

create function sheaf.all_branches() returns table (id int, code text, name_th text, name_en text)
language sql stable security definer set search_path = sheaf, pg_temp as $$
  select id, code, name_th, name_en from branch order by id
$$;

-- Who signed: a branch reads the names, and nothing else, of people of head office too.
create function sheaf.user_names(ids uuid[]) returns table (id uuid, name text)
language sql stable security definer set search_path = sheaf, pg_temp as $$
  select u.id, u.name from app_user u where u.id = any(ids)
$$;

-- The feed's newest position that no running transaction can still precede, for the API worker that wakes the desks.
create function sheaf.feed_news(after_xid xid8, after_id bigint) returns table (branch_id int, xid xid8, id bigint)
language sql stable security definer set search_path = sheaf, pg_temp as $$
  select f.branch_id, f.xid, f.id from change_feed f
  where (f.xid, f.id) > (after_xid, after_id) and f.xid < pg_snapshot_xmin(pg_current_snapshot())
  order by f.xid, f.id limit 5000
$$;

-- Where an executor has something to send.
create function sheaf.branches_with_executor_work() returns table (branch_id int)
language sql stable security definer set search_path = sheaf, pg_temp as $$
  select distinct i.branch_id from intent i where i.state = 'authorized'
$$;

revoke execute on function sheaf.all_branches(), sheaf.user_names(uuid[]), sheaf.feed_news(xid8, bigint), sheaf.branches_with_executor_work() from public;
grant execute on function sheaf.all_branches() to sheaf_api, sheaf_executor, sheaf_statements, sheaf_auditor;
grant execute on function sheaf.user_names(uuid[]) to sheaf_api, sheaf_auditor;
grant execute on function sheaf.feed_news(xid8, bigint) to sheaf_api;
grant execute on function sheaf.branches_with_executor_work() to sheaf_executor;

set local role sheaf_owner;
