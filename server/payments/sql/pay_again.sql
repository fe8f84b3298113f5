-- The desk sees at the first payment that another one pays it again, or has ceased to.
create or replace function sheaf.feed_paid_again() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  insert into change_feed (xid, branch_id, entity, entity_id)
    select distinct feed_turn(), c.branch_id, 'intent', c.pays_again from changed c where c.pays_again is not null;
  return null;
end $$;
create or replace trigger feed_paid_again_insert after insert on sheaf.intent referencing new table as changed for each statement
  execute function sheaf.feed_paid_again();
create or replace trigger feed_paid_again_update after update on sheaf.intent referencing new table as changed for each statement
  execute function sheaf.feed_paid_again();

-- Whether money must not leave until people have looked: the payment that is paid again was paid by the bank after all, or
-- the bank has booked something besides what came back and is owed to this member, in whatever amount or account. It waits as
-- long as that stands, and runs out then.
create or replace function sheaf.disputed(p_member uuid, p_operation text, p_pays_again uuid) returns boolean
language sql stable security definer set search_path = sheaf, pg_temp as $$
  select exists (select from reconciliation r where r.intent_id = p_pays_again and r.result in ('unexpected', 'mismatched'))
    or (p_operation in ('withdrawal', 'transfer') and exists (
      select from intent o join reconciliation r on r.intent_id = o.id
      where o.member_id = p_member and o.state = 'returned'
        and (r.reason = 'owed_unproven' or r.result in ('unexpected', 'mismatched') and r.amount_found < 0)))
$$;
grant execute on function sheaf.disputed to sheaf_executor;
