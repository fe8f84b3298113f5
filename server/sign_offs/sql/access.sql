-- Whose rows they are and who may do what; where a grant is missing, the answer is no.

call sheaf.belongs_to_branch('sign_off_item');
call sheaf.never_changes('sign_off_item');
call sheaf.tells_desks('sign_off_item', 'intent', 'intent_id');

grant select on sheaf.sign_off_item to sheaf_api, sheaf_auditor, sheaf_everywhere, sheaf_executor;
grant insert on sheaf.sign_off_item to sheaf_api;
