-- Run first, by each of the two owners: all that is granted is granted anew below, so what is no longer written is gone.

alter default privileges revoke execute on routines from public;
do $$
declare
  everybody text := 'public, sheaf_api, sheaf_executor, sheaf_statements, sheaf_auditor, sheaf_owner, sheaf_everywhere';
  mine record;
begin
  everybody := replace(everybody, ', ' || current_user, '');
  for mine in
      select 'routine' kind, p.oid::regprocedure::text name from pg_proc p
      where p.pronamespace = 'sheaf'::regnamespace and p.proowner = current_user::regrole
      union all
      select 'table', c.oid::regclass::text from pg_class c
      where c.relnamespace = 'sheaf'::regnamespace and c.relowner = current_user::regrole and c.relkind in ('r', 'v', 'S') loop
    execute format('revoke all on %s %s from %s', mine.kind, mine.name, everybody);
  end loop;
end $$;
