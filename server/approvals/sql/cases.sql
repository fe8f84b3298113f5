-- Every case that people decide, whatever its kind: whose it is, who asked for it, whether its signatures are still to be used
-- (then they must stand), and when it takes force if that was decided for later. A new kind is a line here.
create or replace view sheaf.approval_case with (security_invoker = true) as
  select 'batch' kind, id, branch_id, maker_id, state in ('validated', 'authorized') waits, null::timestamptz begins from sheaf.batch
  union all select 'bank_change', id, branch_id, maker_id, state = 'requested', null from sheaf.bank_change
  union all select 'funding', id, branch_id, maker_id, state = 'requested', null from sheaf.funding
  union all select 'advance', id, branch_id, maker_id, state = 'requested', null from sheaf.advance
  union all select 'deposit', id, branch_id, maker_id, state = 'requested', null from sheaf.deposit
  union all select 'set_aside', id, branch_id, maker_id, state = 'requested', null from sheaf.set_aside
  union all select 'restore', id, branch_id, maker_id, state in ('requested', 'approved'), null from sheaf.restore
  union all select 'rule', id, branch_id, maker_id, state = 'proposed',
    case state when 'approved' then effective_from::timestamp at time zone 'Asia/Bangkok' end from sheaf.company_rule
  union all select 'routes', id, 0, maker_id, state = 'proposed',
    case state when 'approved' then effective_from end from sheaf.route_table;

-- Nobody signs what they asked for themselves, and a signature is about a case that is there, of its branch. Payments of a
-- set have makers of their own: the quorum of each counts none of them.
create or replace function sheaf.guard_sign_off() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
declare maker uuid;
begin
  select c.maker_id into maker from approval_case c where c.kind = new.kind and c.id = new.case_id and c.branch_id = new.branch_id;
  if not found then
    raise exception 'a signature is about a case of its branch' using errcode = 'SH110';
  elsif maker = new.user_id then
    raise exception 'nobody signs a case of their own' using errcode = 'SH111';
  end if;
  return new;
end $$;
create or replace trigger guard before insert on sheaf.sign_off for each row when (new.kind <> 'intents')
  execute function sheaf.guard_sign_off();

-- Whether a case has its signatures: each role as often as it is asked for, by people who still stand, none by the maker.
create or replace function sheaf.is_signed(p_kind text, p_case uuid, p_maker uuid, p_quorum text[]) returns boolean language sql stable as $$
  select cardinality(p_quorum) > 0 and not exists (
    select from unnest(p_quorum) asked (role) group by asked.role
    having count(*) > (select count(*) from sheaf.sign_off s
                       where s.case_id = p_case and s.kind = p_kind and s.decision = 'approve' and s.role = asked.role
                         and s.user_id <> p_maker and sheaf.signature_stands(s.user_id, s.role, s.branch_id, s.device_id, s.at)))
$$;

create or replace function sheaf.check_signed() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if is_signed(tg_argv[0], new.id, new.maker_id, case when tg_nargs > 1 then tg_argv[1]::text[]
                 else array(select jsonb_array_elements_text(to_jsonb(new) -> 'quorum')) end) is not true then
    raise exception 'this % needs its quorum of sign-offs, none by its maker', tg_table_name using errcode = 'SH112';
  end if;
  return null;
end $$;

-- Rows of a table come to this state from that one by signatures only: of these roles, or of those in the row's `quorum`.
create or replace procedure sheaf.needs_signatures(kind text, tab text, source text, target text, quorum text[] default null)
language plpgsql as $$
begin
  execute format('create or replace trigger signed after update on sheaf.%I
                  for each row when (old.state = %L and new.state = %L) execute function sheaf.check_signed(%s)',
                 tab, source, target, concat_ws(', ', quote_literal(kind), quote_literal(quorum)));
end $$;
