-- Whose rows they are and who may do what; where a grant is missing, the answer is no.

call sheaf.belongs_to_branch('bank_change', 'document', 'document_view');
call sheaf.never_changes('document_view');
call sheaf.walks('bank_change', 'bank_change');
call sheaf.tells_desks('bank_change', 'bank_change', 'id', updates => true);
call sheaf.tells_desks('document', 'bank_change', 'bank_change_id');

grant select on sheaf.bank_change to sheaf_api, sheaf_auditor, sheaf_everywhere, sheaf_executor;
grant insert on sheaf.bank_change to sheaf_api;
grant update (changed_at, state, version) on sheaf.bank_change to sheaf_api, sheaf_executor;
grant select, insert on sheaf.document, sheaf.document_view to sheaf_api;
grant usage on sequence sheaf.case_numbers to sheaf_api;
