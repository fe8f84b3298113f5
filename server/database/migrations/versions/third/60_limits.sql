-- Limits that all workers share: how soon a key may ask again, and one-time numbers of signed calls.

-- `full_at` is when the key's bucket is full again; from then on the row says nothing and may be deleted. Unlogged: after a
-- crash all buckets are full, and no row of business depends on them.
create unlogged table sheaf.bucket (
  key bytea primary key check (length(key) = 16),
  full_at timestamptz not null
);
-- what may be deleted
create index bucket_full on sheaf.bucket (full_at);
grant select, insert, update, delete on sheaf.bucket to sheaf_api;

-- Take one from a bucket of `p_burst` that gets one each `p_seconds`: 0, or how many seconds there is none.
create function sheaf.take(p_key bytea, p_burst int, p_seconds float8, p_at timestamptz) returns float8
language plpgsql volatile set search_path = sheaf, pg_temp as $$
declare
  step interval := make_interval(secs => p_seconds);
  until timestamptz;
begin
  -- A bucket that is further away than it can ever be was written by a clock that has been set back since: nobody may be
  -- shut out until that clock's time comes. A minute is what the clocks of workers may differ by.
  insert into bucket as b (key, full_at) values (p_key, p_at + step)
  on conflict (key) do update
    set full_at = case when b.full_at > p_at + step * p_burst + interval '1 minute' then p_at
                       else greatest(b.full_at, p_at) end + step
    where b.full_at > p_at + step * p_burst + interval '1 minute'
       or greatest(b.full_at, p_at) + step <= p_at + step * p_burst
  returning full_at into until;
  if found then
    return 0;
  end if;
  select full_at into until from bucket where key = p_key;
  return greatest(extract(epoch from coalesce(until, p_at) + step - p_at)::float8 - p_seconds * p_burst, 0.001);
end $$;
revoke execute on function sheaf.take(bytea, int, float8, timestamptz) from public;
grant execute on function sheaf.take(bytea, int, float8, timestamptz) to sheaf_api;

grant select (bank_reference) on sheaf.attempt to sheaf_everywhere;

-- A callback of which nobody knows the reference: anyone can post those, so only a few are kept.
alter table sheaf.callback_inbox add column stranger boolean not null default false;
-- the few that are kept of strangers
create index callback_inbox_stranger on sheaf.callback_inbox (id) where stranger;

-- Keep a callback, if there is room: the newest 20 of a payment's reference, and 200 of strangers in all, of which what was
-- read an hour ago makes room. What is not kept is found by the inquiries that come anyway.
create function sheaf.keep_callback(p_id uuid, p_at timestamptz, p_body bytea, p_reference text) returns boolean
language plpgsql volatile security definer set search_path = sheaf, pg_temp as $$
declare known boolean := p_reference <> '' and knows_reference(p_reference);
begin
  perform pg_advisory_xact_lock(hashtextextended(case when known then p_reference else '' end, 7235451));
  if known then
    delete from callback_inbox where outcome <> 'stored' and id in (
      select id from callback_inbox where reference = p_reference order by id desc offset 19);
    if (select count(*) from callback_inbox where reference = p_reference) >= 20 then
      return false;
    end if;
  else
    delete from callback_inbox where stranger and outcome <> 'stored' and at < p_at - interval '1 hour';
    if (select count(*) from callback_inbox where stranger) >= 200 then
      return false;
    end if;
  end if;
  insert into callback_inbox (id, at, body, reference, stranger)
    values (p_id, p_at, p_body, case when known then p_reference else '' end, not known);
  return true;
end $$;
revoke execute on function sheaf.keep_callback(uuid, timestamptz, bytea, text) from public;
grant execute on function sheaf.keep_callback(uuid, timestamptz, bytea, text) to sheaf_api;
