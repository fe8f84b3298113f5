-- People, desks, sessions and one-time tokens. Secrets are stored hashed or encrypted.

create table sheaf.app_user (
  id uuid primary key,
  branch_id int not null references sheaf.branch,
  username text not null check (username = lower(username)),
  name text not null,
  password_hash text not null,
  totp_secret bytea not null,
  enabled boolean not null default true,
  wrong_codes int not null default 0,
  locked_until timestamptz,
  created_at timestamptz not null,
  version int not null default 1,
  unique (branch_id, id)
);
-- sign-in finds a user by name alone
create unique index app_user_username on sheaf.app_user (username);

create table sheaf.user_role (
  user_id uuid not null,
  branch_id int not null,
  role text not null check (role in ('cashier', 'manager', 'treasurer', 'auditor', 'administrator')),
  -- since when a person has the role in which they sign: set anew when it is given again, so that what was void stays void
  since timestamptz not null default '2000-01-01 00:00+00',
  primary key (user_id, role),
  foreign key (branch_id, user_id) references sheaf.app_user (branch_id, id)
);

create table sheaf.device (
  id uuid primary key,
  branch_id int not null references sheaf.branch,
  name text not null,
  public_key bytea not null check (length(public_key) = 32),
  state text not null,
  enrolled_at timestamptz not null,
  approved_by uuid references sheaf.app_user,
  version int not null default 1,
  unique (branch_id, id)
);
-- one key is one desk
create unique index device_key on sheaf.device (public_key);

create table sheaf.enrolment_code (
  digest bytea primary key,
  branch_id int not null references sheaf.branch,
  created_by uuid references sheaf.app_user,
  expires_at timestamptz not null,
  used_at timestamptz
);

create table sheaf.refresh_token (
  digest bytea primary key,
  branch_id int not null,
  family_id uuid not null,
  user_id uuid not null references sheaf.app_user,
  device_id uuid not null references sheaf.device,
  issued_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  revoked_at timestamptz
);
-- reuse of one token revokes its whole family
create index refresh_token_family on sheaf.refresh_token (family_id);
-- a password reset or a revoked device ends all sessions of a person or a desk
create index refresh_token_user on sheaf.refresh_token (user_id);
create index refresh_token_device on sheaf.refresh_token (device_id);
-- What may go by its age: an index each, for the tables are large and what may go is little.
create index refresh_token_expires on sheaf.refresh_token (expires_at);

create table sheaf.operation_token (
  id uuid primary key,
  branch_id int not null,
  user_id uuid not null references sheaf.app_user,
  device_id uuid not null references sheaf.device,
  verb text not null,
  resources_digest text not null,
  content_digest text not null,
  signature bytea not null,
  with_code boolean not null,
  issued_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);
-- the same
create index operation_token_expires on sheaf.operation_token (expires_at);

create table sheaf.used_code (
  user_id uuid not null references sheaf.app_user,
  branch_id int not null,
  step bigint not null,
  primary key (user_id, step)
);

-- What is shut out before its own end: a session family, a device or a user. Pushed to every API worker by NOTIFY.
create table sheaf.revocation (
  id uuid not null,
  kind text not null check (kind in ('session', 'device', 'user')),
  at timestamptz not null,
  until timestamptz not null,
  primary key (kind, id, at)
);

-- Journals: written on refusals too, in transactions of their own.
create table sheaf.sign_in_attempt (
  id uuid primary key,
  at timestamptz not null,
  username text not null,
  device_id uuid,
  outcome text not null
);
-- the lock counts a user's recent failures
create index sign_in_attempt_user on sheaf.sign_in_attempt (username, at desc);
-- the same
create index sign_in_attempt_at on sheaf.sign_in_attempt (at);

create table sheaf.refusal_log (
  id uuid primary key,
  at timestamptz not null,
  verb text not null,
  code text not null,
  user_id uuid,
  device_id uuid,
  correlation_id text not null
);
-- the engineer on call reads the newest
create index refusal_log_at on sheaf.refusal_log (at desc);

create table sheaf.idempotency_key (
  user_id uuid not null references sheaf.app_user,
  branch_id int not null,
  verb text not null,
  key text not null,
  body_digest text not null,
  status int,
  reply bytea,
  at timestamptz not null,
  primary key (user_id, verb, key)
);
-- the same; keys of money are not looked at
create index idempotency_key_at on sheaf.idempotency_key (at) where verb in ('open_batch', 'request_bank_change');

-- `full_at` is when the key's bucket is full again; from then on the row says nothing and may be deleted. Unlogged: after a
-- crash all buckets are full, and no row of business depends on them.
create unlogged table sheaf.bucket (
  key bytea primary key check (length(key) = 16),
  full_at timestamptz not null
);
-- what may be deleted
create index bucket_full on sheaf.bucket (full_at);
