-- A payment that did not happen, or came back, is paid again once and in one step, linked to the one that it pays again.
-- (Its column, its unique index and what never changes of it stand in 22_verdicts.sql, its submission in 12_tickets.sql.)

-- what came back of a member's payments, for the radar: few, and looked for in every submission
create index intent_returned on sheaf.intent (member_id, id desc) where state = 'returned';

-- Facts of a submission: the payments that are to be paid again, and by which each is being paid again already.
create function sheaf.originals_of(p_items sheaf.asked_intent[], p_branch int) returns json language sql stable as $$
  select coalesce(json_object_agg(o.id, json_build_object('number', o.number, 'state', o.state, 'operation', o.operation,
    'member_id', o.member_id, 'payout', o.payout, 'paid_by', coalesce((
      select n.number from sheaf.intent n where n.pays_again = o.id
        and n.state not in ('rejected', 'cancelled', 'expired', 'failed') limit 1), ''))), '{}')
  from sheaf.intent o
  where o.branch_id = p_branch and o.id = any (array(select i.pays_again from unnest(p_items) i))
$$;

-- The desk sees at the first payment that another one pays it again, or has ceased to.
create function sheaf.feed_paid_again() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  insert into change_feed (branch_id, entity, entity_id)
    select distinct c.branch_id, 'intent', c.pays_again from changed c where c.pays_again is not null;
  return null;
end $$;
create trigger feed_paid_again_insert after insert on sheaf.intent referencing new table as changed
  for each statement execute function sheaf.feed_paid_again();
create trigger feed_paid_again_update after update on sheaf.intent referencing new table as changed
  for each statement execute function sheaf.feed_paid_again();

-- Whether money must not leave until people have looked: the payment that is paid again was paid by the bank after all, or
-- the bank has booked something besides what came back and is owed to this member, in whatever amount or account. It waits as
-- long as that stands, and runs out then.
create function sheaf.disputed(p_member uuid, p_operation text, p_pays_again uuid) returns boolean
language sql stable security definer set search_path = sheaf, pg_temp as $$
  select exists (select from reconciliation r where r.intent_id = p_pays_again and r.result in ('unexpected', 'mismatched'))
    or (p_operation in ('withdrawal', 'transfer') and exists (
      select from intent o join reconciliation r on r.intent_id = o.id
      where o.member_id = p_member and o.state = 'returned'
        and (r.reason = 'owed_unproven' or r.result in ('unexpected', 'mismatched') and r.amount_found < 0)))
$$;
revoke execute on function sheaf.disputed(uuid, text, uuid) from public;
grant execute on function sheaf.disputed(uuid, text, uuid) to sheaf_executor;

-- whether a line of the bank's is explained, for who asks what may hide a payment that the bank does not know
grant select (branch_id, statement_line_id, result) on sheaf.reconciliation to sheaf_executor;
