-- No gaps: rows of one operation and any bank never overlap, so they leave none exactly when their areas (amounts times
-- minutes) add up to the area of the whole week from one satang to the largest amount.
create or replace function sheaf.check_route_gaps() returns trigger language plpgsql as $$
declare torn text;
begin
  select r.operation into torn
    from sheaf.payment_route r
    cross join lateral (select sum(upper(part) - lower(part)) minutes from unnest(r.week) part) w
    where r.table_id = new.table_id and r.bank = ''
    group by r.operation
    having sum((upper(r.amounts) - lower(r.amounts))::numeric * w.minutes) <> (max(upper(r.amounts)) - 1)::numeric * 10080
    limit 1;
  if torn is null then
    select r.operation into torn from sheaf.payment_route r
      where r.table_id = new.table_id and r.bank <> '' and not exists (
        select from sheaf.payment_route a where a.table_id = r.table_id and a.operation = r.operation and a.bank = '')
      limit 1;
  end if;
  if torn is not null then
    raise exception 'the routes of % leave a gap', torn using errcode = 'SH040';
  end if;
  return null;
end $$;
drop trigger if exists no_gaps on sheaf.payment_route;
create constraint trigger no_gaps after insert on sheaf.payment_route deferrable initially deferred for each row
  execute function sheaf.check_route_gaps();

-- What was proposed is what gets approved: routes join a proposal, and what it says never changes.
create or replace function sheaf.guard_routes() returns trigger language plpgsql as $$
begin
  if tg_table_name = 'payment_route' then
    perform from sheaf.route_table where id = new.table_id and state = 'proposed' for update;
    if not found then
      raise exception 'a decided table of routes takes no more rows' using errcode = 'SH041';
    end if;
  elsif (to_jsonb(old) - '{state,changed_at,version}'::text[]) is distinct from (to_jsonb(new) - '{state,changed_at,version}'::text[]) then
    raise exception 'what a table of routes says never changes' using errcode = 'SH042';
  end if;
  return new;
end $$;
create or replace trigger guard before insert on sheaf.payment_route for each row
  execute function sheaf.guard_routes();
create or replace trigger guard before update on sheaf.route_table for each row
  execute function sheaf.guard_routes();

-- A table's routes in the words of server/routing/routes.py.
create or replace function sheaf.routes_of(wanted uuid) returns jsonb language sql stable as $$
  select coalesce(jsonb_agg(jsonb_build_object(
      'operation', r.operation, 'bank', r.bank, 'lowest', lower(r.amounts), 'highest', upper(r.amounts) - 1,
      'week', (select jsonb_agg(jsonb_build_array(lower(part), upper(part)) order by part) from unnest(r.week) part),
      'channel', r.channel) order by r.ordinal), '[]')
  from sheaf.payment_route r where r.table_id = wanted
$$;
grant execute on function sheaf.routes_of to public;

create or replace function sheaf.route_table_at(at timestamptz) returns uuid language sql stable as $$
  select t.id from sheaf.route_table t
  where t.state = 'approved' and t.effective_from <= route_table_at.at
    and not exists (select from sheaf.void_approval v where v.kind = 'routes' and v.id = t.id)
  order by t.effective_from desc limit 1
$$;
grant execute on function sheaf.route_table_at to public;

-- The routes in force at an instant: a hot verb reads its facts in one call.
create or replace function sheaf.routes_in_force(at timestamptz) returns jsonb language sql stable as $$
  select sheaf.routes_of(sheaf.route_table_at(at))
$$;
grant execute on function sheaf.routes_in_force to public;

create or replace function sheaf.refuse_impossible_way() returns trigger language plpgsql as $$
begin
  raise exception 'a payment to a % can''t take the channel %', new.destination, new.channel using errcode = 'SH043';
end $$;
create or replace trigger possible_way before insert on sheaf.intent
  for each row when ((new.channel = 'internal') <> (new.destination = 'balance'))
  execute function sheaf.refuse_impossible_way();
