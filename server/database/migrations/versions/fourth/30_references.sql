-- A reference at the bank follows from its intent, and has one attempt, which each try takes over (payments/references.py).

-- spent: the bank holds the reference and has ended it unpaid, so the next try is under another one.
-- mismatched_at: since when it is known that the bank has another amount or payee under it.
alter table sheaf.attempt add column spent boolean not null default false, add column mismatched_at timestamptz;
grant update (id, prepared_at, spent, mismatched_at) on sheaf.attempt to sheaf_executor;

insert into sheaf.lifecycle_edges (machine, source, target) values ('attempt', 'rejected', 'prepared');

-- lines that were nobody's when they came: a restored database learns of their payments later
create index reconciliation_nobodys on sheaf.reconciliation (reference)
  where statement_line_id is not null and attempt_id is null and result = 'unexpected';

-- The fence, as it was; and one that was rejected changes only when the next try of its reference takes it over, under an
-- id of its own and by whatever executor: nobody is at work on it.
create or replace function sheaf.guard_attempt() returns trigger language plpgsql as $$
begin
  if old.state = 'rejected' then
    if new.state <> 'prepared' or old.spent or new.id = old.id then
      raise exception 'an attempt that was rejected has ended' using errcode = 'SH003';
    end if;
  elsif new.id <> old.id then
    raise exception 'an attempt keeps its id until it has ended' using errcode = 'SH035';
  elsif new.executor_id < old.executor_id then
    raise exception 'a younger executor has taken this attempt over' using errcode = 'SH034';
  end if;
  if (old.intent_id, old.branch_id, old.bank_reference, old.ordinal) is distinct from
     (new.intent_id, new.branch_id, new.bank_reference, new.ordinal) then
    raise exception 'what an attempt is about never changes' using errcode = 'SH035';
  end if;
  return new;
end $$;
