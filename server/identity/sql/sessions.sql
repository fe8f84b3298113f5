create or replace function sheaf.push_revocation() returns trigger language plpgsql as $$
begin
  perform pg_notify('sheaf_revocation', new.kind || ' ' || new.id || ' ' || extract(epoch from new.at)::text);
  return null;
end $$;
create or replace trigger push after insert on sheaf.revocation for each row
  execute function sheaf.push_revocation();

-- Take one from a bucket of `p_burst` that gets one each `p_seconds`: 0, or how many seconds there is none.
create or replace function sheaf.take(p_key bytea, p_burst int, p_seconds float8, p_at timestamptz) returns float8
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
grant execute on function sheaf.take to sheaf_api;
