-- What must see all branches: it belongs to a role of its own that nobody logs in as, and only reads.

-- Whom a transfer may go to; `codes` are keys of codes (shared/normal.py).
create or replace function sheaf.recipients(codes text[]) returns table (id uuid, code text, name text, status text, branch_id int, branch text)
language sql stable security definer set search_path = sheaf, pg_temp as $$
  select m.id, m.code, m.name, m.status, m.branch_id, b.code from member m join branch b on b.id = m.branch_id
  where m.code_key = any(codes)
$$;
grant execute on function sheaf.recipients to sheaf_api;

create or replace function sheaf.members_anywhere(ids uuid[]) returns table (id uuid, code text, name text, status text, branch_id int, branch text)
language sql stable security definer set search_path = sheaf, pg_temp as $$
  select m.id, m.code, m.name, m.status, m.branch_id, b.code from member m join branch b on b.id = m.branch_id
  where m.id = any(ids)
$$;
grant execute on function sheaf.members_anywhere to sheaf_api, sheaf_auditor, sheaf_executor;
