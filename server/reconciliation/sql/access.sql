-- Whose rows they are and who may do what; where a grant is missing, the answer is no.

call sheaf.belongs_to_branch('reconciliation');

grant select on sheaf.reconciliation to sheaf_api, sheaf_auditor, sheaf_everywhere, sheaf_statements;
grant select (branch_id, result, statement_line_id) on sheaf.reconciliation to sheaf_executor;
grant insert, update (amount_expected, amount_found, at, date, reason, result, statement_line_id), delete on
  sheaf.reconciliation
  to sheaf_statements;
