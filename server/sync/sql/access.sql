-- Whose rows they are and who may do what; where a grant is missing, the answer is no.

call sheaf.belongs_to_branch('change_feed');

grant select on sheaf.change_feed to sheaf_api, sheaf_everywhere;
