-- Whose rows they are and who may do what; where a grant is missing, the answer is no.

call sheaf.never_changes('payment_route');
call sheaf.walks('route_table', 'route_table');

grant select on sheaf.route_table, sheaf.payment_route, sheaf.channel_state to sheaf_api, sheaf_auditor, sheaf_executor;
grant select on sheaf.route_table to sheaf_everywhere;
grant insert on sheaf.payment_route to sheaf_api;
grant insert, update (changed_at, state, version) on sheaf.route_table to sheaf_api;
grant insert, update (reason, since, state, told) on sheaf.channel_state to sheaf_executor;
