-- What people decide together: every signature, whatever it is about.

-- One person's decision over the digest of one case's canonical bytes; the name of its kind says which table has the case
-- (sheaf.approval_case). A set of payments is signed without being a case: its items, and a batch's, stand in sign_off_item.
create table sheaf.sign_off (
  id uuid primary key,
  -- of what is signed; 0 where that is the company's
  branch_id int not null references sheaf.branch,
  kind text not null check (kind in
    ('intents', 'batch', 'bank_change', 'funding', 'advance', 'deposit', 'rule', 'routes', 'set_aside', 'restore')),
  case_id uuid,
  user_id uuid not null references sheaf.app_user,
  role text not null,
  device_id uuid not null references sheaf.device,
  decision text not null check (decision in ('approve', 'reject')),
  reason text not null,
  digest text not null,
  signature bytea not null,
  -- of payments: the signed list of digests
  set_bytes bytea,
  at timestamptz not null,
  unique (branch_id, id, user_id),
  constraint sign_off_case check ((case_id is null) = (kind = 'intents')),
  constraint sign_off_set check ((set_bytes is not null) = (kind in ('intents', 'batch')))
);
-- a person counts once for a case, whatever roles they have; for an intent of a set sign_off_item says so
create unique index sign_off_once on sheaf.sign_off (case_id, user_id) where case_id is not null;
-- what a person or a desk has signed, when they are shut out
create index sign_off_user on sheaf.sign_off (user_id);
create index sign_off_device on sheaf.sign_off (device_id);

-- Approvals of a later day (of rules and tables of routes) that were void before it came; nothing of them takes force.
create table sheaf.void_approval (
  kind text not null check (kind in ('rule', 'routes')),
  id uuid not null,
  at timestamptz not null,
  primary key (kind, id)
);
