-- Whose rows they are and who may do what; where a grant is missing, the answer is no.

grant select on sheaf.alarm_sender, sheaf.alarm_way, sheaf.alarm
  to sheaf_api, sheaf_auditor, sheaf_executor, sheaf_statements;
grant insert, update, delete on sheaf.alarm_sender, sheaf.alarm_way, sheaf.alarm to sheaf_api;
