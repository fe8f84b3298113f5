-- Which returned payments' money is not with their members any more, whole and all the time since: it was given out, is
-- promised to somebody, or the payment is being paid again. Locks nothing; the caller has locked the accounts.
create or replace function sheaf.returns_taken(p_intents uuid[]) returns uuid[]
language sql stable security definer set search_path = sheaf, pg_temp as $$
  select coalesce(array_agg(i.id), '{}')
  from intent i
  join ledger_account a on a.purpose = 'payable' and a.member_id = i.member_id
  cross join lateral (
    select (select e.transfer_id from ledger_transfer t join ledger_entry e on e.transfer_id = t.id
            where t.intent_id = i.id and e.account_id = a.id and e.posted = i.payout order by e.transfer_id desc limit 1) id) credit
  cross join lateral (
    -- the balance after each movement since is today's less what came later
    select min(a.posted - m.later) least from (
      select sum(e.posted) over (order by e.transfer_id desc) - e.posted later
      from ledger_entry e where e.account_id = a.id and e.transfer_id >= credit.id) m) since
  where i.id = any (p_intents) and i.state = 'returned'
    and (credit.id is null or a.posted - a.held < i.payout or since.least < i.payout
         or exists (select from intent n where n.pays_again = i.id and n.state not in ('rejected', 'cancelled', 'expired', 'failed')))
$$;
grant execute on function sheaf.returns_taken to sheaf_statements;
