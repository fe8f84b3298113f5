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

-- Entries of several callers, of several branches, in one transaction: each branch's head is locked and written once, each
-- caller has an entry of their own.
create or replace function sheaf.append_audits(p_at timestamptz, p_branches int[], p_actors text[], p_devices uuid[], p_tags text[],
                                    p_subjects text[], p_details text[]) returns void
language plpgsql security definer set search_path = sheaf, pg_temp as $$
declare heads int[]; sequences bigint[]; hashes bytea[]; before bytea[] := '{}'; after bytea[] := '{}'; numbers bigint[] := '{}'; at int;
begin
  if exists (select from unnest(p_actors || p_subjects || p_details) t where t ~ E'[\n\r]') then
    raise exception 'line break in an audit entry' using errcode = 'SH006';
  end if;
  select array_agg(h.branch_id), array_agg(h.sequence), array_agg(h.hash) into heads, sequences, hashes
    from (select x.branch_id, x.sequence, x.hash from audit_head x where x.branch_id = any (p_branches)
          order by x.branch_id for update) h;
  for place in 1 .. cardinality(p_branches) loop
    at := array_position(heads, p_branches[place]);
    if at is null then
      raise exception 'branch % has no audit chain in this context', p_branches[place] using errcode = 'SH007';
    end if;
    before[place] := hashes[at];
    sequences[at] := sequences[at] + 1;
    numbers[place] := sequences[at];
    hashes[at] := audit_hash(hashes[at], p_branches[place], sequences[at], p_at, p_actors[place], p_devices[place],
                             p_tags[place], p_subjects[place], p_details[place]);
    after[place] := hashes[at];
  end loop;
  insert into audit_entry
    select p_branches[n], numbers[n], p_at, p_actors[n], p_devices[n], p_tags[n], p_subjects[n], p_details[n], before[n], after[n]
    from generate_series(1, cardinality(p_branches)) n;
  update audit_head h set sequence = s.sequence, hash = s.hash
    from unnest(heads, sequences, hashes) s (branch_id, sequence, hash) where h.branch_id = s.branch_id;
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
