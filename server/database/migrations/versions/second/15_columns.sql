-- What an intent is made of, from version 2: whose money it is, where it goes, and what is kept back on the way.

alter table sheaf.intent
  -- the ledger account that pays: the branch's funding, or the balance of the member whose money it is; held there
  add column source_id uuid,
  add column destination text not null default 'bank' check (destination in ('bank', 'balance')),
  -- whose balance a transfer goes to; perhaps another branch's
  add column counterparty_branch_id int,
  add column counterparty_member_id uuid,
  add column post_fee bigint not null default 0 check (post_fee >= 0),
  add column advance bigint not null default 0 check (advance >= 0),
  add column payout bigint generated always as (amount - post_fee - advance) stored check (payout > 0),
  -- why something like it may be paid again; demands one more approver
  add column duplicate_reason text not null default '',
  alter column bank_account_id drop not null,
  add constraint intent_counterparty foreign key (counterparty_branch_id, counterparty_member_id)
    references sheaf.member (branch_id, id),
  add constraint intent_destination check (
    (bank_account_id is not null) = (destination = 'bank')
    and (counterparty_branch_id is null) = (counterparty_member_id is null)
    and (operation = 'transfer') = (counterparty_member_id is not null)
    and counterparty_member_id is distinct from member_id
    and (operation <> 'transfer' or destination = 'balance')
    and (operation <> 'withdrawal' or destination = 'bank')
    and (advance = 0 or operation = 'disbursement'));

-- Intents of version 1 were all paid from their branch's funding. Ended rows never change, so their guards look away
-- this once; the owner sees no rows where its own policy is forced.
alter table sheaf.intent disable trigger user, no force row level security;
alter table sheaf.ledger_account no force row level security;
update sheaf.intent i set source_id = a.id from sheaf.ledger_account a where a.branch_id = i.branch_id and a.purpose = 'funding';
alter table sheaf.ledger_account force row level security;
alter table sheaf.intent enable trigger user, force row level security, alter column source_id set not null;

-- As in version 1, with the new columns among what never changes, and a role counted as often as the quorum names it.
create or replace function sheaf.guard_intent() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
declare given text[];
begin
  if new.state = 'validated' and (new.hold_id is null or cardinality(new.quorum) = 0) then
    raise exception 'a submitted intent has its hold and its quorum' using errcode = 'SH036';
  end if;
  if tg_op = 'INSERT' then
    return new;
  end if;
  if (old.branch_id, old.number, old.operation, old.member_id, old.bank_account_id, old.account_version, old.amount, old.fee,
      old.currency, old.produce, old.weigh_ticket, old.note, old.documents, old.maker_id, old.batch_id, old.line,
      old.source_id, old.destination, old.counterparty_branch_id, old.counterparty_member_id, old.post_fee, old.advance,
      old.duplicate_reason)
     is distinct from
     (new.branch_id, new.number, new.operation, new.member_id, new.bank_account_id, new.account_version, new.amount, new.fee,
      new.currency, new.produce, new.weigh_ticket, new.note, new.documents, new.maker_id, new.batch_id, new.line,
      new.source_id, new.destination, new.counterparty_branch_id, new.counterparty_member_id, new.post_fee, new.advance,
      new.duplicate_reason) then
    raise exception 'what an intent asks for never changes' using errcode = 'SH030';
  end if;
  if old.state <> 'created' and (old.quorum, old.hold_id, old.expires_at) is distinct from
     (new.quorum, new.hold_id, new.expires_at) then
    raise exception 'quorum, hold and term of a submitted intent never change' using errcode = 'SH037';
  end if;
  if new.state <> old.state and (
       session_user = 'sheaf_api' and new.state in ('sent', 'in_doubt', 'settled', 'failed', 'reconciled', 'returned')
       or session_user = 'sheaf_statements' and new.state not in ('reconciled', 'returned')) then
    raise exception '% may not say that an intent is %', session_user, new.state using errcode = 'SH038';
  end if;
  if new.state = 'authorized' and old.state = 'validated' then
    select coalesce(array_agg(s.role order by s.role), '{}') into given
      from sign_off_item i join sign_off s on s.id = i.sign_off_id
      where i.intent_id = new.id and s.decision = 'approve' and s.user_id <> new.maker_id;
    if exists (select from unnest(new.quorum) q group by q
               having count(*) > (select count(*) from unnest(given) g where g = q)) then
      raise exception 'an intent needs its quorum of sign-offs, none by its maker' using errcode = 'SH031';
    end if;
  end if;
  if new.version <> old.version + 1 then
    raise exception 'every change of an intent is a new version' using errcode = 'SH032';
  end if;
  return new;
end $$;
