-- Whose rows they are and who may do what; where a grant is missing, the answer is no.
-- Head office gives and lends; a deposit's document is read by whoever signs, and its content by no auditor.

call sheaf.belongs_to_branch('funding', 'advance', 'deposit', 'deposit_document', 'deposit_document_view');
call sheaf.never_changes('deposit_document', 'deposit_document_view');
call sheaf.walks('funding', 'funding');
call sheaf.tells_desks('funding', 'funding', 'id', updates => true);
call sheaf.walks('advance', 'advance');
call sheaf.walks('deposit', 'deposit');

grant select on sheaf.funding to sheaf_api, sheaf_auditor, sheaf_everywhere, sheaf_executor;
grant insert on sheaf.funding, sheaf.advance, sheaf.deposit_document_view to sheaf_api;
grant update (changed_at, state, version) on sheaf.funding, sheaf.advance to sheaf_api, sheaf_executor;
grant select on sheaf.deposit_document_view to sheaf_api, sheaf_auditor;
grant select on sheaf.advance to sheaf_api, sheaf_auditor, sheaf_everywhere, sheaf_executor;
grant select on sheaf.deposit to sheaf_api, sheaf_auditor, sheaf_everywhere, sheaf_executor, sheaf_statements;
grant insert, update (changed_at, state, transfer_id, version) on sheaf.deposit to sheaf_api;
grant update (changed_at, state, version) on sheaf.deposit to sheaf_executor;
grant update (changed_at, state, statement_line_id, version) on sheaf.deposit to sheaf_statements;
grant select, insert on sheaf.deposit_document to sheaf_api;
grant select (branch_id, deposit_id, media_type, name, sha256, size) on sheaf.deposit_document to sheaf_auditor;
grant usage on sequence sheaf.funding_numbers, sheaf.advance_numbers, sheaf.deposit_numbers to sheaf_api;
