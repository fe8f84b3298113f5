-- Who signed must still be who they were when the signature is used (sheaf.signature_stands, 80_everywhere.sql).

-- Since when a person has the role in which they sign: set anew when it is given again, so that what was void stays void.
alter table sheaf.user_role add column since timestamptz not null default '2000-01-01 00:00+00';
grant delete on sheaf.user_role to sheaf_api;
grant update (since) on sheaf.user_role to sheaf_api;
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

-- Payments under way that must not be confirmed any more: a signature, the member or the account is not what it was when they
-- were judged whole, a moment ago. Money moves at the confirm only.
create function sheaf.withdrawn_intents(p_intents uuid[]) returns uuid[] language plpgsql stable as $$
begin
  return array(
    select i.id from sheaf.intent i join sheaf.member m on m.id = i.member_id
    where i.id = any (p_intents) and (
      m.status <> 'active'
      or i.destination = 'bank' and i.bank_account_id is distinct from (
        select a.id from sheaf.bank_account a where a.member_id = i.member_id order by a.version desc limit 1)
      or exists (
        select from sheaf.sign_off_item x join sheaf.sign_off s on s.id = x.sign_off_id
        where x.intent_id = i.id and s.decision = 'approve'
          and not sheaf.signature_stands(s.user_id, s.role, s.branch_id, s.device_id, s.at))));
end $$;
revoke execute on function sheaf.withdrawn_intents(uuid[]) from public;
grant execute on function sheaf.withdrawn_intents(uuid[]) to sheaf_executor;

-- The same, told to the desks of those branches; the caller sees them. What waits has not changed itself, but what it needs has.
create function sheaf.tell_void_signatures(p_user uuid, p_device uuid)
returns table (branch_id int, entity text, entity_id uuid) language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  insert into change_feed (branch_id, entity, entity_id)
    select v.branch_id, v.entity, v.entity_id from void_signatures(p_user, p_device) v where v.entity <> 'advance';
  return query select v.branch_id, v.entity, v.entity_id from void_signatures(p_user, p_device) v;
end $$;
revoke execute on function sheaf.tell_void_signatures(uuid, uuid) from public;
grant execute on function sheaf.tell_void_signatures(uuid, uuid) to sheaf_api;
