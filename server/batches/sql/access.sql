-- Whose rows they are and who may do what; where a grant is missing, the answer is no.

call sheaf.belongs_to_branch('batch');
call sheaf.walks('batch', 'batch');
call sheaf.tells_desks('batch', 'batch', 'id', updates => true);

grant select on sheaf.batch to sheaf_api, sheaf_auditor, sheaf_everywhere, sheaf_executor;
grant insert, update (changed_at, expires_at, hold_id, quorum, state, version) on sheaf.batch to sheaf_api;
grant update (changed_at, state, version) on sheaf.batch to sheaf_executor;
grant usage on sequence sheaf.batch_numbers to sheaf_api;
