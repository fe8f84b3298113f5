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

create function sheaf.audit_hash(previous bytea, branch_id int, sequence bigint, at timestamptz, actor text, device_id uuid,
                                 tag text, subject text, detail text) returns bytea language sql immutable as $$
  select sha256(previous || convert_to(concat_ws(E'\n', 'sheaf-audit-v1', branch_id::text, sequence::text,
    to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), actor, coalesce(device_id::text, '-'), tag, subject, detail),
    'UTF8'))
$$;

-- The head row's lock orders the branch's entries and leaves no gap: a rolled-back transaction gives its number back.
create function sheaf.append_audit(p_branch int, p_at timestamptz, p_actor text, p_device uuid, p_tag text, p_subject text,
                                   p_detail text) returns bigint
language plpgsql security definer set search_path = sheaf, pg_temp as $$
declare head audit_head; next_sequence bigint; next_hash bytea;
begin
  if p_actor ~ E'[\n\r]' or p_subject ~ E'[\n\r]' or p_detail ~ E'[\n\r]' then
    raise exception 'line break in an audit entry' using errcode = 'SH006';
  end if;
  select * into head from audit_head where branch_id = p_branch for update;
  if not found then
    raise exception 'branch % has no audit chain in this context', p_branch using errcode = 'SH007';
  end if;
  next_sequence := head.sequence + 1;
  next_hash := audit_hash(head.hash, p_branch, next_sequence, p_at, p_actor, p_device, p_tag, p_subject, p_detail);
  insert into audit_entry values (p_branch, next_sequence, p_at, p_actor, p_device, p_tag, p_subject, p_detail, head.hash, next_hash);
  update audit_head set sequence = next_sequence, hash = next_hash where branch_id = p_branch;
  return next_sequence;
end $$;

-- A timed anchor ties all chains together without a lock that they share.
create function sheaf.anchor_audit(p_at timestamptz) returns bytea
language plpgsql security definer set search_path = sheaf, pg_temp as $$
declare all_heads jsonb; anchor bytea;
begin
  select coalesce(jsonb_object_agg(branch_id, jsonb_build_array(sequence, encode(hash, 'hex'))), '{}') into all_heads from audit_head;
  anchor := sha256(convert_to(all_heads::text, 'UTF8'));
  insert into audit_anchor values (p_at, all_heads, anchor) on conflict do nothing;
  return anchor;
end $$;
