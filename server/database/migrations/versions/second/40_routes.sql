-- Which channel a payment takes: whole tables of routes, each in force from its instant until the next one begins.

-- Comparing text and uuid inside an exclusion constraint. The extension is trusted, so our owner may make it; what it brings
-- belongs to the server's superuser and stays out of our schema.
create schema sheaf_extensions;
create extension btree_gist with schema sheaf_extensions;

-- One version of the routes, company-wide. Without an approver it is a proposal, and nothing goes by it; one whose instant
-- has passed can't be approved any more. The table that the product ships with has no maker.
create table sheaf.route_table (
  id uuid primary key,
  effective_from timestamptz not null,
  reason text not null,
  digest text not null,
  maker_id uuid references sheaf.app_user,
  created_at timestamptz not null,
  approver_id uuid references sheaf.app_user,
  approved_at timestamptz,
  check (approver_id <> maker_id),
  check ((approver_id is null) = (approved_at is null or maker_id is null)),
  check (maker_id is null or approved_at is null or effective_from >= approved_at)
);
-- the table in force at an instant; two never begin together
create unique index route_table_effective on sheaf.route_table (effective_from) where approved_at is not null;

-- `bank` '' is any bank, 'ours' our own books; a row for one bank comes before a row for any. `amounts` is satang. `week` is
-- minutes since Monday 00:00 in Bangkok. Two rows of a table never both fit a payment, so no order among them is needed.
create table sheaf.payment_route (
  table_id uuid not null references sheaf.route_table,
  ordinal int not null check (ordinal >= 1),
  operation text not null check (operation in ('disbursement', 'transfer', 'withdrawal', 'collection')),
  bank text not null check (bank ~ '^([0-9]{3}|ours)?$'),
  amounts int8range not null check (lower(amounts) >= 1 and upper(amounts) is not null),
  week int4multirange not null check (week <> '{}' and week <@ '{[0,10080)}'),
  channel text not null check (channel ~ '^[a-z][a-z0-9_]{0,31}$'),
  primary key (table_id, ordinal),
  constraint payment_route_overlap exclude using gist (
    table_id with =, operation with =, bank with =, amounts with &&, week with &&)
);

-- No gaps: rows of one operation and any bank never overlap, so they leave none exactly when their areas (amounts times
-- minutes) add up to the area of the whole week from one satang to the largest amount.
create function sheaf.check_route_gaps() returns trigger language plpgsql as $$
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
create constraint trigger no_gaps after insert on sheaf.payment_route deferrable initially deferred
  for each row execute function sheaf.check_route_gaps();

-- What was proposed is what gets approved: routes join a proposal, and a decided table never changes.
create function sheaf.guard_routes() returns trigger language plpgsql as $$
begin
  if tg_table_name = 'payment_route' then
    perform from sheaf.route_table where id = new.table_id and approved_at is null for update;
    if not found then
      raise exception 'an approved table of routes takes no more rows' using errcode = 'SH041';
    end if;
  elsif old.approved_at is not null or (old.id, old.effective_from, old.reason, old.digest, old.maker_id, old.created_at)
        is distinct from (new.id, new.effective_from, new.reason, new.digest, new.maker_id, new.created_at) then
    raise exception 'a table of routes is approved once and never changes' using errcode = 'SH042';
  end if;
  return new;
end $$;
create trigger guard before insert on sheaf.payment_route for each row execute function sheaf.guard_routes();
create trigger guard before update on sheaf.route_table for each row execute function sheaf.guard_routes();
create trigger append_only before update or delete or truncate on sheaf.payment_route
  for each statement execute function sheaf.append_only();
create trigger append_only before delete or truncate on sheaf.route_table
  for each statement execute function sheaf.append_only();

-- A table's routes in the words of server/payments/routing.py.
create function sheaf.routes_of(wanted uuid) returns jsonb language sql stable as $$
  select coalesce(jsonb_agg(jsonb_build_object(
      'operation', r.operation, 'bank', r.bank, 'lowest', lower(r.amounts), 'highest', upper(r.amounts) - 1,
      'week', (select jsonb_agg(jsonb_build_array(lower(part), upper(part)) order by part) from unnest(r.week) part),
      'channel', r.channel) order by r.ordinal), '[]')
  from sheaf.payment_route r where r.table_id = wanted
$$;

create function sheaf.route_table_at(at timestamptz) returns uuid language sql stable as $$
  select id from sheaf.route_table where approved_at is not null and effective_from <= at order by effective_from desc limit 1
$$;

-- The routes in force at an instant: a hot verb reads its facts in one call.
create function sheaf.routes_in_force(at timestamptz) returns jsonb language sql stable as $$
  select sheaf.routes_of(sheaf.route_table_at(at))
$$;

-- What the product ships with: the bank's API to its limit, and our own books.
insert into sheaf.route_table (id, effective_from, reason, digest, created_at)
  values ('00000000-0000-7000-8000-000000000001', '2000-01-01 00:00+00', 'shipped with the product', '', '2000-01-01 00:00+00');
insert into sheaf.payment_route (table_id, ordinal, operation, bank, amounts, week, channel)
select '00000000-0000-7000-8000-000000000001', ordinal, operation, bank, int8range(1, highest, '[]'), '{[0,10080)}', channel
from (values
    (1, 'disbursement', '', 200000000, 'scb'),
    (2, 'disbursement', 'ours', 100000000000, 'internal'),
    (3, 'withdrawal', '', 200000000, 'scb'),
    (4, 'transfer', '', 100000000000, 'internal')) as shipped (ordinal, operation, bank, highest, channel);
update sheaf.route_table set approved_at = created_at;

grant select on sheaf.route_table, sheaf.payment_route to sheaf_api, sheaf_executor, sheaf_auditor;
grant insert on sheaf.route_table, sheaf.payment_route to sheaf_api;
grant update (approver_id, approved_at) on sheaf.route_table to sheaf_api;
