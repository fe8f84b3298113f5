-- Whose rows they are and who may do what; where a grant is missing, the answer is no.
-- Postings are written by functions and proved by trigger; nobody else moves a balance.

call sheaf.belongs_to_branch('ledger_account', 'ledger_transfer', 'ledger_entry', 'ledger_hold');
call sheaf.never_changes('ledger_transfer', 'ledger_entry');
create or replace trigger append_only before delete or update of id, branch_id, name, currency or truncate on sheaf.ledger_account
  for each statement
  execute function sheaf.append_only();

grant select on sheaf.ledger_account, sheaf.ledger_transfer, sheaf.ledger_entry, sheaf.ledger_hold
  to sheaf_api, sheaf_auditor, sheaf_executor, sheaf_statements;
grant insert (branch_id, currency, id, member_id, minimum, name, purpose) on sheaf.ledger_account
  to sheaf_api, sheaf_executor, sheaf_statements;
grant insert on sheaf.ledger_transfer, sheaf.ledger_entry to sheaf_api, sheaf_executor, sheaf_statements;
