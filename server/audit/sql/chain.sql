create or replace function sheaf.audit_hash(previous bytea, branch_id int, sequence bigint, at timestamptz, actor text, device_id uuid,
                                 tag text, subject text, detail text) returns bytea language sql immutable as $$
  select sha256(previous || convert_to(concat_ws(E'\n', 'sheaf-audit-v1', branch_id::text, sequence::text,
    to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), actor, coalesce(device_id::text, '-'), tag, subject, detail),
    'UTF8'))
$$;
grant execute on function sheaf.audit_hash to public;

-- The head row's lock orders the branch's entries and leaves no gap: a rolled-back transaction gives its number back.
create or replace function sheaf.append_audit(p_branch int, p_at timestamptz, p_actor text, p_device uuid, p_tag text, p_subject text,
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
grant execute on function sheaf.append_audit to sheaf_api, sheaf_executor, sheaf_statements;

-- Entries of several callers in one transaction: the head is locked and written once, each caller has an entry of their own.
create or replace function sheaf.append_audits(p_branch int, p_at timestamptz, p_actors text[], p_devices uuid[], p_tags text[],
                                    p_subjects text[], p_details text[]) returns void
language plpgsql security definer set search_path = sheaf, pg_temp as $$
declare head audit_head; hashes bytea[]; last bytea;
begin
  if exists (select from unnest(p_actors || p_subjects || p_details) t where t ~ E'[\n\r]') then
    raise exception 'line break in an audit entry' using errcode = 'SH006';
  end if;
  select * into head from audit_head where branch_id = p_branch for update;
  if not found then
    raise exception 'branch % has no audit chain in this context', p_branch using errcode = 'SH007';
  end if;
  hashes := array[head.hash];
  last := head.hash;
  for place in 1 .. cardinality(p_actors) loop
    last := audit_hash(last, p_branch, head.sequence + place, p_at, p_actors[place], p_devices[place], p_tags[place],
                       p_subjects[place], p_details[place]);
    hashes := hashes || last;
  end loop;
  insert into audit_entry
    select p_branch, head.sequence + n, p_at, p_actors[n], p_devices[n], p_tags[n], p_subjects[n], p_details[n],
      hashes[n], hashes[n + 1]
    from generate_series(1, cardinality(p_actors)) n;
  update audit_head set sequence = head.sequence + cardinality(p_actors), hash = last where branch_id = p_branch;
end $$;
grant execute on function sheaf.append_audits to sheaf_api;

-- A timed anchor ties all chains together without a lock that they share.
create or replace function sheaf.anchor_audit(p_at timestamptz) returns bytea
language plpgsql security definer set search_path = sheaf, pg_temp as $$
declare all_heads jsonb; anchor bytea;
begin
  select coalesce(jsonb_object_agg(branch_id, jsonb_build_array(sequence, encode(hash, 'hex'))), '{}') into all_heads from audit_head;
  anchor := sha256(convert_to(all_heads::text, 'UTF8'));
  insert into audit_anchor values (p_at, all_heads, anchor) on conflict do nothing;
  return anchor;
end $$;
grant execute on function sheaf.anchor_audit to sheaf_executor;
