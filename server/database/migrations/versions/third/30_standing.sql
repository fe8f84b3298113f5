-- Who signed must still be who they were when the signature is used (sheaf.signature_stands, 80_everywhere.sql).

-- Since when a person has the role in which they sign: set anew when it is given again, so that what was void stays void.
alter table sheaf.user_role add column since timestamptz not null default '2000-01-01 00:00+00';
grant delete on sheaf.user_role to sheaf_api;
grant update (branch_id) on sheaf.app_user to sheaf_api;
grant select (id, state) on sheaf.device to sheaf_everywhere;
grant select on sheaf.batch, sheaf.sign_off, sheaf.sign_off_item, sheaf.bank_change, sheaf.bank_change_sign_off,
  sheaf.advance, sheaf.advance_sign_off to sheaf_everywhere;
-- what a person or a desk has signed, when they are shut out
create index sign_off_user on sheaf.sign_off (user_id);
create index sign_off_device on sheaf.sign_off (device_id);

-- a payment whose account the bank vouched for too long ago asks the bank again before it is sent
grant insert (id, branch_id, member_id, bank_account_id, bank_change_id, state, requested_at, requested_by) on sheaf.account_check
  to sheaf_executor;

-- As in version 1: an account becomes effective by two signatures that stand.
create or replace function sheaf.guard_bank_change() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if (old.member_id, old.old_version, old.bank, old.number_digest, old.number_cipher, old.number_last4, old.account_name,
      old.reason, old.maker_id, old.branch_id, old.expires_at)
     is distinct from
     (new.member_id, new.old_version, new.bank, new.number_digest, new.number_cipher, new.number_last4, new.account_name,
      new.reason, new.maker_id, new.branch_id, new.expires_at) then
    raise exception 'what a bank change asks for never changes' using errcode = 'SH023';
  end if;
  if new.state = 'effective' and old.state <> 'effective' and (
      select count(distinct s.user_id) from bank_change_sign_off s
      where s.bank_change_id = new.id and s.decision = 'approve' and s.user_id <> new.maker_id
        and signature_stands(s.user_id, s.role, s.branch_id, s.device_id, s.at)) < 2 then
    raise exception 'a bank change needs two distinct approvers' using errcode = 'SH024';
  end if;
  return new;
end $$;

-- As in version 2: nothing is owed without signatures that stand.
create or replace function sheaf.guard_advance() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if (old.branch_id, old.number, old.member_id, old.document, old.note, old.amount, old.basis_points, old.least, old.most,
      old.maker_id, old.quorum, old.created_at, old.expires_at)
     is distinct from
     (new.branch_id, new.number, new.member_id, new.document, new.note, new.amount, new.basis_points, new.least, new.most,
      new.maker_id, new.quorum, new.created_at, new.expires_at) then
    raise exception 'the terms of an advance never change' using errcode = 'SH070';
  end if;
  if new.state = 'effective' and old.state = 'requested' and exists (
       select from unnest(new.quorum) q group by q
       having count(*) > (select count(*) from advance_sign_off s
                          where s.advance_id = new.id and s.decision = 'approve' and s.role = q and s.user_id <> new.maker_id
                            and signature_stands(s.user_id, s.role, s.branch_id, s.device_id, s.at))) then
    raise exception 'an advance needs its quorum of sign-offs, none by its maker' using errcode = 'SH071';
  end if;
  if new.state = 'repaid' and new.deducted < new.amount then
    raise exception 'an advance is repaid when all of it is' using errcode = 'SH072';
  end if;
  return new;
end $$;

-- Payments under way that must not be confirmed any more: their signatures, the member or the account is not what it was when they
-- were judged whole, a moment ago. Money moves at the confirm only.
create function sheaf.withdrawn_intents(p_intents uuid[]) returns uuid[] language plpgsql stable as $$
begin
  return array(
    select i.id from sheaf.intent i join sheaf.member m on m.id = i.member_id
    where i.id = any (p_intents) and (
      m.status <> 'active'
      or i.destination = 'bank' and i.bank_account_id is distinct from (
        select a.id from sheaf.bank_account a where a.member_id = i.member_id order by a.version desc limit 1)
      -- one that is void matters no more once another person's stands in its place
      or exists (
        select from unnest(i.quorum) q (role) group by q.role
        having count(*) > (select count(*) from sheaf.sign_off_item x join sheaf.sign_off s on s.id = x.sign_off_id
                           where x.intent_id = i.id and s.decision = 'approve' and s.role = q.role and s.user_id <> i.maker_id
                             and sheaf.signature_stands(s.user_id, s.role, s.branch_id, s.device_id, s.at)))));
end $$;
revoke execute on function sheaf.withdrawn_intents(uuid[]) from public;
grant execute on function sheaf.withdrawn_intents(uuid[]) to sheaf_executor;

-- Approvals of rules and tables of routes that were void before their day came; nothing of them takes force.
create table sheaf.void_approval (
  kind text not null check (kind in ('rule', 'routes')),
  id uuid not null,
  at timestamptz not null,
  primary key (kind, id)
);
grant select on sheaf.void_approval to sheaf_api, sheaf_executor, sheaf_statements, sheaf_auditor;
create trigger append_only before update or delete or truncate on sheaf.void_approval
  for each statement execute function sheaf.append_only();

-- As in version 2, without what is void.
create or replace function sheaf.effective_rules(p_at timestamptz) returns setof sheaf.company_rule language sql stable as $$
  select r.* from (
    select distinct on (c.code) c.* from sheaf.company_rule c
    where c.state = 'approved' and c.effective_from <= (p_at at time zone 'Asia/Bangkok')::date
      and not exists (select from sheaf.void_approval v where v.kind = 'rule' and v.id = c.id)
    order by c.code, c.revision desc) r
  where r.enabled order by r.code
$$;
create or replace function sheaf.route_table_at(at timestamptz) returns uuid language sql stable as $$
  select t.id from sheaf.route_table t
  where t.approved_at is not null and t.effective_from <= route_table_at.at
    and not exists (select from sheaf.void_approval v where v.kind = 'routes' and v.id = t.id)
  order by t.effective_from desc limit 1
$$;

-- What of this person or desk does not stand any more, told to the desks of its branches; the caller sees them all. What
-- waits has not changed itself, but what it needs has; what was approved for a later day is void.
create function sheaf.tell_void_signatures(p_user uuid, p_device uuid, p_at timestamptz)
returns table (branch_id int, entity text, entity_id uuid) language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  insert into change_feed (branch_id, entity, entity_id)
    select v.branch_id, v.entity, v.entity_id from void_signatures(p_user, p_device) v where v.entity <> 'advance';
  return query select v.branch_id, v.entity, v.entity_id from void_signatures(p_user, p_device) v;
  return query
    with void as (
      insert into void_approval as a (kind, id, at)
        select 'rule', r.id, p_at from company_rule r join rule_sign_off s on s.rule_id = r.id and s.decision = 'approve'
          where r.state = 'approved' and r.effective_from > (p_at at time zone 'Asia/Bangkok')::date
            and (s.user_id = p_user or s.device_id = p_device)
            and not signature_stands(s.user_id, s.role, s.branch_id, s.device_id, s.at)
        union
        select 'routes', t.id, p_at from route_table t
          where t.approver_id = p_user and t.approved_at is not null and t.effective_from > p_at
            and not exists (
              select from app_user u join user_role o on o.user_id = u.id
              where u.id = p_user and u.enabled and u.branch_id = 0 and o.role = 'treasurer' and o.since <= t.approved_at)
      on conflict do nothing
      returning a.kind, a.id)
    select 0, v.kind, v.id from void v;
end $$;
revoke execute on function sheaf.tell_void_signatures(uuid, uuid, timestamptz) from public;
grant execute on function sheaf.tell_void_signatures(uuid, uuid, timestamptz) to sheaf_api;
