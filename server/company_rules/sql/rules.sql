-- A rule says for ever what it said when it was proposed.
create or replace function sheaf.guard_rule() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if (to_jsonb(old) - '{state,changed_at,version}'::text[]) is distinct from (to_jsonb(new) - '{state,changed_at,version}'::text[]) then
    raise exception 'what a rule says never changes' using errcode = 'SH060';
  end if;
  return new;
end $$;
create or replace trigger guard before update on sheaf.company_rule for each row
  execute function sheaf.guard_rule();

-- The same as submissions read it: the fields of server.company_rules.rules.Rule.
create or replace function sheaf.rules_in_force(p_at timestamptz) returns json language sql stable as $$
  select coalesce(json_agg(json_build_object('id', r.id, 'code', r.code, 'revision', r.revision, 'kind', r.kind,
    'scope', nullif(r.scope, ''), 'name_th', r.name_th, 'name_en', r.name_en, 'expression', r.expression,
    'single_amount', r.single_amount, 'day_amount', r.day_amount, 'day_count', r.day_count,
    'month_amount', r.month_amount, 'month_count', r.month_count) order by r.code), '[]')
  from sheaf.effective_rules(p_at) r
$$;
grant execute on function sheaf.rules_in_force to public;

-- The rules whose day has come and whose approval stands.
create or replace function sheaf.effective_rules(p_at timestamptz) returns setof sheaf.company_rule language sql stable as $$
  select r.* from (
    select distinct on (c.code) c.* from sheaf.company_rule c
    where c.state = 'approved' and c.effective_from <= (p_at at time zone 'Asia/Bangkok')::date
      and not exists (select from sheaf.void_approval v where v.kind = 'rule' and v.id = c.id)
    order by c.code, c.revision desc) r
  where r.enabled order by r.code
$$;
grant execute on function sheaf.effective_rules to public;
