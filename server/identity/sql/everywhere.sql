-- What must see all branches: it belongs to a role of its own that nobody logs in as, and only reads.

create or replace function sheaf.all_branches() returns table (id int, code text, name_th text, name_en text)
language sql stable security definer set search_path = sheaf, pg_temp as $$
  select id, code, name_th, name_en from branch order by id
$$;
grant execute on function sheaf.all_branches to sheaf_api, sheaf_auditor, sheaf_executor, sheaf_statements;

-- Who signed: a branch reads the names, and nothing else, of people of head office too.
create or replace function sheaf.user_names(ids uuid[]) returns table (id uuid, name text)
language sql stable security definer set search_path = sheaf, pg_temp as $$
  select u.id, u.name from app_user u where u.id = any(ids)
$$;
grant execute on function sheaf.user_names to sheaf_api, sheaf_auditor;

-- Who takes over a payment that stays in doubt: a branch reads the names of head office's treasurers, and nothing else.
create or replace function sheaf.treasurer_names() returns table (name text)
language sql stable security definer set search_path = sheaf, pg_temp as $$
  select u.name from app_user u join user_role r on r.user_id = u.id
  where u.branch_id = 0 and u.enabled and r.role = 'treasurer' order by u.name
$$;
grant execute on function sheaf.treasurer_names to sheaf_api;

-- Whether a signature counts that was not used yet: its signer is enabled, is of that branch (a treasurer of head office)
-- and has had that role ever since, and the desk is not shut out.
create or replace function sheaf.signature_stands(p_user uuid, p_role text, p_branch int, p_device uuid, p_at timestamptz) returns boolean
language sql stable security definer set search_path = sheaf, pg_temp as $$
  select exists (
    select from app_user u join user_role r on r.user_id = u.id and r.role = p_role and r.since <= p_at
    where u.id = p_user and u.enabled and u.branch_id = case p_role when 'treasurer' then 0 else p_branch end)
    and exists (select from device d where d.id = p_device and d.state = 'approved')
$$;
grant execute on function sheaf.signature_stands to sheaf_api, sheaf_auditor, sheaf_executor, sheaf_owner;

-- What waits with a signature of this person, or of this desk, that does not stand any more.
create or replace function sheaf.void_signatures(p_user uuid, p_device uuid) returns table (branch_id int, entity text, entity_id uuid)
language sql stable security definer set search_path = sheaf, pg_temp as $$
  with void as (
    select i.branch_id, 'intent' entity, i.id from sign_off s join sign_off_item x on x.sign_off_id = s.id join intent i on i.id = x.intent_id
      where s.user_id = p_user and i.batch_id is null and i.state in ('validated', 'authorized')
        and not signature_stands(s.user_id, s.role, s.branch_id, s.device_id, s.at)
    union
    select i.branch_id, 'intent', i.id from sign_off s join sign_off_item x on x.sign_off_id = s.id join intent i on i.id = x.intent_id
      where s.device_id = p_device and i.batch_id is null and i.state in ('validated', 'authorized')
    union
    select c.branch_id, c.kind, c.id from sign_off s join approval_case c on c.id = s.case_id and c.kind = s.kind
      where s.case_id is not null and c.waits and (s.user_id = p_user or s.device_id = p_device)
        and not signature_stands(s.user_id, s.role, s.branch_id, s.device_id, s.at)
  )
  select v.branch_id, v.entity, v.id from void v order by v.branch_id, v.entity, v.id
$$;
grant execute on function sheaf.void_signatures to sheaf_owner;
