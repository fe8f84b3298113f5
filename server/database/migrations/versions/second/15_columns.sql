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
