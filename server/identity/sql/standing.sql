-- Payments under way that must not be confirmed any more: their signatures, the member or the account is not what it was when
-- they
-- were judged whole, a moment ago. Money moves at the confirm only.
create or replace function sheaf.withdrawn_intents(p_intents uuid[]) returns uuid[] language plpgsql stable as $$
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
grant execute on function sheaf.withdrawn_intents to sheaf_executor;

-- What of this person or desk does not stand any more, told to the desks of its branches; the caller sees them all. What
-- waits has not changed itself, but what it needs has; what was approved for a later day is void.
create or replace function sheaf.tell_void_signatures(p_user uuid, p_device uuid, p_at timestamptz)
returns table (branch_id int, entity text, entity_id uuid) language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  insert into change_feed (xid, branch_id, entity, entity_id)
    select feed_turn(), v.branch_id, v.entity, v.entity_id from void_signatures(p_user, p_device) v
    where v.entity in ('intent', 'batch', 'bank_change', 'funding');
  return query select v.branch_id, v.entity, v.entity_id from void_signatures(p_user, p_device) v;
  return query
    with void as (
      insert into void_approval as a (kind, id, at)
        select c.kind, c.id, p_at from sign_off s join approval_case c on c.id = s.case_id and c.kind = s.kind
          where c.begins > p_at and s.decision = 'approve' and (s.user_id = p_user or s.device_id = p_device)
            and not signature_stands(s.user_id, s.role, s.branch_id, s.device_id, s.at)
      on conflict do nothing
      returning a.kind, a.id)
    select 0, v.kind, v.id from void v;
end $$;
grant execute on function sheaf.tell_void_signatures to sheaf_api;
