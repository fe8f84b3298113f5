-- Whose rows they are and who may do what; where a grant is missing, the answer is no.
-- Only the statements worker takes statements in; the API sets aside what two people agreed on.

call sheaf.belongs_to_branch('statement_line');
-- the company's own statements: every branch may know that they came; their lines are the tenant's
call sheaf.belongs_to_company('company_account', 'statement_fetch', 'statement_file', 'statement', 'set_aside');
call sheaf.never_changes('statement_line');
create or replace trigger append_only before delete or truncate on sheaf.statement for each statement
  execute function sheaf.append_only();
call sheaf.walks('set_aside', 'set_aside');

grant select on sheaf.company_account, sheaf.statement, sheaf.statement_line, sheaf.accepted_statement, sheaf.accepted_line
  to sheaf_api, sheaf_auditor, sheaf_executor, sheaf_statements;
grant insert, update (active, changed_at) on sheaf.company_account to sheaf_statements;
grant select, insert on sheaf.statement_fetch to sheaf_api, sheaf_statements;
grant update (files, finished_at, lines, matched, problems, state) on sheaf.statement_fetch to sheaf_statements;
grant select, update (changed_at, outcome, problem, problem_line) on sheaf.statement_file to sheaf_api, sheaf_statements;
grant insert on sheaf.statement_file, sheaf.statement, sheaf.statement_line to sheaf_statements;
grant update (set_aside_at, set_aside_by) on sheaf.statement to sheaf_api;
grant select on sheaf.set_aside to sheaf_api, sheaf_auditor, sheaf_everywhere, sheaf_statements;
grant insert, update (changed_at, state, version) on sheaf.set_aside to sheaf_api;
