-- Which channel a payment takes: whole tables of routes, each in force from its instant until the next one begins.

-- Comparing text and uuid inside an exclusion constraint. The extension is trusted, so our owner may make it; what it brings
-- belongs to the server's superuser and stays out of our schema.
create schema sheaf_extensions;
create extension btree_gist with schema sheaf_extensions;

-- One version of the routes, company-wide. A proposal is nothing that anybody goes by; one whose instant has passed can't be
-- approved any more. The table that the product ships with has no maker.
create table sheaf.route_table (
  id uuid primary key,
  effective_from timestamptz not null,
  reason text not null,
  state text not null,
  maker_id uuid references sheaf.app_user,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  version int not null default 1
);
-- the table in force at an instant; two never begin together
create unique index route_table_effective on sheaf.route_table (effective_from) where state = 'approved';

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
  -- a route has a door: money between balances moves in our books and nowhere else, and no bank's money ever does
  constraint payment_route_door check (
    (channel = 'internal') = (operation = 'transfer' or bank = 'ours') and not (operation = 'withdrawal' and bank = 'ours')),
  constraint payment_route_overlap exclude using gist (
    table_id with =, operation with =, bank with =, amounts with &&, week with &&)
);

-- What the product ships with: the bank's API to its limit, and our own books.
insert into sheaf.route_table (id, effective_from, reason, state, created_at, changed_at)
  values ('00000000-0000-7000-8000-000000000001', '2000-01-01 00:00+00', 'shipped with the product', 'approved',
    '2000-01-01 00:00+00', '2000-01-01 00:00+00');
insert into sheaf.payment_route (table_id, ordinal, operation, bank, amounts, week, channel)
select '00000000-0000-7000-8000-000000000001', ordinal, operation, bank, int8range(1, highest, '[]'), '{[0,10080)}', channel
from (values
    (1, 'disbursement', '', 200000000, 'scb'),
    (2, 'disbursement', 'ours', 100000000000, 'internal'),
    (3, 'withdrawal', '', 200000000, 'scb'),
    (4, 'transfer', '', 100000000000, 'internal')) as shipped (ordinal, operation, bank, highest, channel);
