-- What the statements say of a payment is the net of all lines of its reference, and it may change in any direction.

alter table sheaf.reconciliation
  drop constraint reconciliation_result_check,
  add constraint reconciliation_result_check check (result in ('matched', 'mismatched', 'settlement_pending',
    'missing_settlement', 'unexpected', 'returned', 'fee', 'set_aside'));

-- What reconciliation alone may do (guard_intent): take back what it concluded before.
insert into sheaf.lifecycle_edges (machine, source, target) values
  ('intent', 'reconciled', 'settled'),
  ('intent', 'returned', 'reconciled'),
  ('intent', 'returned', 'settled');

-- Which payment this one pays again: one that did not happen, or one that came back and is owed to its member.
alter table sheaf.intent add column pays_again uuid,
  add constraint intent_pays_again foreign key (branch_id, pays_again) references sheaf.intent (branch_id, id),
  add constraint intent_pays_another check (pays_again is distinct from id);
-- a payment has at most one that pays it again; one that ended unpaid leaves its place
create unique index intent_paid_again on sheaf.intent (pays_again)
  where pays_again is not null and state not in ('rejected', 'cancelled', 'expired', 'failed');

-- As in version 2, with `pays_again` and the ticket's key (10_texts.sql) among what never changes; and only reconciliation takes back what it concluded.
create or replace function sheaf.guard_intent() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if new.state = 'validated' and (new.hold_id is null or cardinality(new.quorum) = 0) then
    raise exception 'a submitted intent has its hold and its quorum' using errcode = 'SH036';
  end if;
  if tg_op = 'INSERT' then
    if new.ticket_twin <> 0 then
      raise exception 'no ticket is paid twice any more' using errcode = 'SH030';
    end if;
    return new;
  end if;
  if (old.branch_id, old.number, old.operation, old.member_id, old.bank_account_id, old.account_version, old.amount, old.fee,
      old.currency, old.produce, old.weigh_ticket, old.note, old.documents, old.maker_id, old.batch_id, old.line,
      old.source_id, old.destination, old.counterparty_branch_id, old.counterparty_member_id, old.post_fee, old.advance,
      old.duplicate_reason, old.tags, old.pays_again, old.ticket_key, old.ticket_twin)
     is distinct from
     (new.branch_id, new.number, new.operation, new.member_id, new.bank_account_id, new.account_version, new.amount, new.fee,
      new.currency, new.produce, new.weigh_ticket, new.note, new.documents, new.maker_id, new.batch_id, new.line,
      new.source_id, new.destination, new.counterparty_branch_id, new.counterparty_member_id, new.post_fee, new.advance,
      new.duplicate_reason, new.tags, new.pays_again, new.ticket_key, new.ticket_twin) then
    raise exception 'what an intent asks for never changes' using errcode = 'SH030';
  end if;
  if old.state <> 'created' and (old.quorum, old.hold_id, old.expires_at) is distinct from
     (new.quorum, new.hold_id, new.expires_at) then
    raise exception 'quorum, hold and term of a submitted intent never change' using errcode = 'SH037';
  end if;
  if new.state <> old.state and (
       session_user = 'sheaf_api' and new.state in ('sent', 'in_doubt', 'settled', 'failed', 'reconciled', 'returned')
       or session_user = 'sheaf_statements' and new.state not in ('reconciled', 'returned')
         and not (new.state = 'settled' and old.state in ('reconciled', 'returned'))
       or session_user = 'sheaf_executor' and old.state in ('reconciled', 'returned')) then
    raise exception '% may not say that an intent is %', session_user, new.state using errcode = 'SH038';
  end if;
  if new.version <> old.version + 1 then
    raise exception 'every change of an intent is a new version' using errcode = 'SH032';
  end if;
  return new;
end $$;

-- As in version 2; a payment that is settled once more, because a statement does not count any more, repays nothing anew.
create or replace function sheaf.end_reservations() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
declare made uuid[]; ended uuid[];
begin
  select array_agg(n.id) filter (where n.state = 'settled'), array_agg(n.id) filter (where n.state <> 'settled')
    into made, ended
    from after n
    -- hashed, not joined: a plan made for one row is kept, and a join would be quadratic for a batch
    where n.advance > 0 and (n.id, n.state) not in (select o.id, o.state from before o)
      and n.id not in (select o.id from before o where o.state in ('reconciled', 'returned'))
      and n.state in ('settled', 'rejected', 'cancelled', 'expired', 'failed');
  if made is null and ended is null then
    return null;
  end if;
  perform lock_advances(array(select advance_id from intent_charge where intent_id = any(made || ended) and kind = 'advance'));
  update advance a set reserved = a.reserved - c.amount, deducted = a.deducted + c.made,
      state = case when a.deducted + c.made = a.amount then 'repaid' else a.state end
    from (select advance_id, sum(amount)::bigint amount, coalesce(sum(amount) filter (where intent_id = any(made)), 0)::bigint made
          from intent_charge where intent_id = any(made || ended) and kind = 'advance' group by advance_id) c
    where a.id = c.advance_id;
  return null;
end $$;

-- The lines that count: of statements that stand.
create view sheaf.accepted_line with (security_invoker = true) as
  select l.* from sheaf.statement_line l join sheaf.accepted_statement s on s.id = l.statement_id;
grant select on sheaf.accepted_line to sheaf_api, sheaf_executor, sheaf_statements, sheaf_auditor;

-- a payment without a line waits in a row of its own, which goes when its line has one already
grant delete on sheaf.reconciliation to sheaf_statements;
-- returned payments of which no line speaks any more and which people must look at: judged anew in each run
create index reconciliation_unproven on sheaf.reconciliation (id) where statement_line_id is null and result = 'unexpected';

-- Which returned payments' money is not with their members any more, whole and all the time since: it was given out, is
-- promised to somebody, or the payment is being paid again. Locks nothing; the caller has locked the accounts.
create function sheaf.returns_taken(p_intents uuid[]) returns uuid[]
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
revoke execute on function sheaf.returns_taken(uuid[]) from public;
grant execute on function sheaf.returns_taken(uuid[]) to sheaf_statements;
