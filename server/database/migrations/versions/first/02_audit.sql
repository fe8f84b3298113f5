-- The audit trail: one hash chain per branch.

-- The audit trail: one hash chain per branch, appended by one function as the last step of a transaction.
create table sheaf.audit_head (
  branch_id int primary key references sheaf.branch,
  sequence bigint not null,
  hash bytea not null
);

create table sheaf.audit_entry (
  branch_id int not null references sheaf.branch,
  sequence bigint not null,
  at timestamptz not null,
  actor text not null,
  device_id uuid,
  tag text not null,
  subject text not null,
  detail text not null,
  previous bytea not null,
  hash bytea not null,
  primary key (branch_id, sequence)
);
-- an auditor reads all chains together, newest first, or one kind of event
create index audit_entry_recent on sheaf.audit_entry (at, branch_id, sequence);
create index audit_entry_tag on sheaf.audit_entry (tag, at, branch_id, sequence);

create table sheaf.audit_anchor (
  at timestamptz primary key,
  heads jsonb not null,
  hash bytea not null
);
