-- Money of branches and members: funding, and what the company lends for seed and fertiliser.

create sequence sheaf.funding_numbers;
create sequence sheaf.advance_numbers;

create table sheaf.funding (
  id uuid primary key,
  branch_id int not null references sheaf.branch,
  number text not null unique,
  amount bigint not null check (amount > 0),
  reason text not null,
  state text not null,
  maker_id uuid not null references sheaf.app_user,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  changed_at timestamptz not null,
  version int not null default 1,
  unique (branch_id, id)
);
-- lists, newest first
create index funding_recent on sheaf.funding (branch_id, id desc);

create table sheaf.advance (
  id uuid primary key,
  branch_id int not null references sheaf.branch,
  number text not null unique,
  member_id uuid not null,
  -- the delivery note or contract that the member signed
  document text not null check (length(document) between 1 and 60),
  note text not null,
  amount bigint not null check (amount > 0),
  -- of each payment this share, at least and at most so much; `most` null is no limit
  basis_points int not null check (basis_points between 0 and 10000),
  least bigint not null check (least >= 0),
  most bigint check (most > 0 and most >= least),
  state text not null,
  -- promised by payments that are under way, and kept back by payments that were made
  reserved bigint not null default 0 check (reserved >= 0),
  deducted bigint not null default 0 check (deducted >= 0),
  maker_id uuid not null references sheaf.app_user,
  quorum text[] not null check (quorum <@ '{manager,treasurer}' and cardinality(quorum) > 0),
  created_at timestamptz not null,
  expires_at timestamptz not null,
  changed_at timestamptz not null,
  version int not null default 1,
  unique (branch_id, id),
  check (basis_points > 0 or least > 0),
  constraint advance_owed check (reserved + deducted <= amount),
  check (reserved + deducted = 0 or state in ('effective', 'repaid')),
  foreign key (branch_id, member_id) references sheaf.member (branch_id, id)
);
-- what a member owes, oldest first: read by every submission
create index advance_owed_by on sheaf.advance (member_id, id) where state = 'effective';
-- lists, newest first
create index advance_recent on sheaf.advance (branch_id, id desc);
-- a delivery note is lent upon once
create unique index advance_document on sheaf.advance (branch_id, document) where state in ('requested', 'effective', 'repaid');

