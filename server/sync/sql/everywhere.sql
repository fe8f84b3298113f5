-- What must see all branches: it belongs to a role of its own that nobody logs in as, and only reads.

-- The feed's highest turn, 0 where it has none.
create or replace function sheaf.feed_last_turn() returns xid8
language sql stable security definer set search_path = sheaf, pg_temp as $$
  select coalesce((select f.xid from change_feed f order by f.xid desc, f.id desc limit 1), '0')
$$;
grant execute on function sheaf.feed_last_turn to sheaf_owner;

-- What the feed has after a place and below a turn, for the API worker that wakes the desks.
create or replace function sheaf.feed_news(after_turn xid8, after_id bigint, before xid8) returns table (branch_id int, turn xid8, id bigint)
language sql stable security definer set search_path = sheaf, pg_temp as $$
  select f.branch_id, f.xid, f.id from change_feed f
  where (f.xid, f.id) > (after_turn, after_id) and f.xid < before
  order by f.xid, f.id limit 5000
$$;
grant execute on function sheaf.feed_news(xid8,bigint,xid8) to sheaf_api;
