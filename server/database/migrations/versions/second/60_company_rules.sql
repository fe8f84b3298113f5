-- Company rules: fees and limits as versioned, effective-dated expressions under maker-checker, and the counters of limits.

insert into sheaf.lifecycle_edges (machine, source, target) values
  ('company_rule', 'proposed', 'approved'),
  ('company_rule', 'proposed', 'expired'),
  ('company_rule', 'proposed', 'rejected');
insert into sheaf.lifecycle_initial (machine, state) values ('company_rule', 'proposed');

-- Fees of a branch: what it paid on top and what it kept back meet in one account.
alter table sheaf.ledger_account drop constraint ledger_account_purpose_check;
alter table sheaf.ledger_account add constraint ledger_account_purpose_check check (purpose in ('capital', 'treasury',
  'clearing', 'funding', 'transit', 'paid', 'payable', 'fees'));

-- What rules may ask about a member; a payment keeps what was true when it was submitted.
alter table sheaf.member add column tags text[] not null default '{}' check (cardinality(tags) <= 32);
alter table sheaf.intent add column tags text[] not null default '{}' check (cardinality(tags) <= 32);

-- One revision of a rule. In force on a day: the highest approved revision that has begun, when it is enabled.
create table sheaf.company_rule (
  id uuid primary key,
  branch_id int not null references sheaf.branch check (branch_id = 0),
  code text not null check (code ~ '^[a-z][a-z0-9-]{1,39}$'),
  revision int not null check (revision >= 1),
  kind text not null check (kind in ('pre_fee', 'post_fee', 'limit')),
  scope text not null check (scope in ('', 'member', 'branch', 'maker', 'approver', 'company')),
  name_th text not null check (length(name_th) between 1 and 80),
  name_en text not null check (length(name_en) between 1 and 80),
  expression text not null check (length(expression) between 1 and 1000),
  -- caps; an absent one is no rule, 0 lets nothing through, a negative one does not exist
  single_amount bigint check (single_amount >= 0),
  day_amount bigint check (day_amount >= 0),
  day_count int check (day_count >= 0),
  month_amount bigint check (month_amount >= 0),
  month_count int check (month_count >= 0),
  enabled boolean not null,
  effective_from date not null,
  reason text not null,
  state text not null,
  maker_id uuid not null references sheaf.app_user,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  changed_at timestamptz not null,
  version int not null default 1,
  unique (branch_id, id),
  unique (code, revision),
  check ((kind = 'limit') = (scope <> '')),
  check ((kind = 'limit') = (num_nonnulls(single_amount, day_amount, day_count, month_amount, month_count) > 0))
);
-- one open proposal per rule: two at once could undo each other unseen
create unique index company_rule_open on sheaf.company_rule (code) where state = 'proposed';
-- the rules in force, read by every submission
create index company_rule_in_force on sheaf.company_rule (code, revision desc) where state = 'approved';

create table sheaf.rule_sign_off (
  id uuid primary key,
  branch_id int not null,
  rule_id uuid not null,
  user_id uuid not null references sheaf.app_user,
  role text not null,
  device_id uuid not null references sheaf.device,
  decision text not null check (decision in ('approve', 'reject')),
  reason text not null,
  digest text not null,
  signature bytea not null,
  at timestamptz not null,
  unique (rule_id, user_id),
  foreign key (branch_id, rule_id) references sheaf.company_rule (branch_id, id)
);

-- What one intent is charged beside its amount: each row becomes a leg when it settles.
create table sheaf.intent_charge (
  intent_id uuid not null,
  ordinal int not null check (ordinal >= 1),
  branch_id int not null,
  kind text not null check (kind in ('pre_fee', 'post_fee', 'advance')),
  amount bigint not null check (amount > 0),
  account_id uuid not null,
  rule_id uuid references sheaf.company_rule,
  primary key (intent_id, ordinal),
  foreign key (branch_id, intent_id) references sheaf.intent (branch_id, id),
  foreign key (branch_id, account_id) references sheaf.ledger_account (branch_id, id)
);

-- How much of a limit is used, by whom (`member:<id>`, `company` ...) and when (a day or a month in Asia/Bangkok). No
-- branch owns a row: an approver's and the company's count in all of them. Only the functions below touch it.
create table sheaf.limit_usage (
  rule text not null,
  subject text not null,
  period text not null check (period ~ '^[0-9]{4}-[0-9]{2}(-[0-9]{2})?$'),
  amount bigint not null default 0 check (amount >= 0),
  count bigint not null default 0 check (count >= 0),
  primary key (rule, subject, period)
);

-- Which counters an intent has taken from, so that they get back the same, once.
create table sheaf.limit_take (
  intent_id uuid not null,
  rule text not null,
  subject text not null,
  period text not null,
  branch_id int not null,
  amount bigint not null check (amount > 0),
  primary key (intent_id, rule, subject, period),
  foreign key (branch_id, intent_id) references sheaf.intent (branch_id, id),
  foreign key (rule, subject, period) references sheaf.limit_usage
);

do $$
declare tenant text;
begin
  foreach tenant in array array['rule_sign_off', 'intent_charge', 'limit_take'] loop
    execute format('alter table sheaf.%I enable row level security, force row level security', tenant);
    execute format('create policy branch on sheaf.%I using (branch_id = any ((select sheaf.branches())::int[]))
                    with check (branch_id = any ((select sheaf.branches())::int[]))', tenant);
    execute format('create policy everywhere on sheaf.%I to sheaf_everywhere using (true) with check (true)', tenant);
  end loop;
end $$;
-- The company's rules bind every branch: all may read them, only head office writes them.
alter table sheaf.company_rule enable row level security, force row level security;
create policy branch on sheaf.company_rule using (cardinality((select sheaf.branches())) > 0)
  with check (branch_id = any ((select sheaf.branches())::int[]));
alter table sheaf.limit_usage enable row level security, force row level security;
create policy somebody on sheaf.limit_usage using (cardinality((select sheaf.branches())) > 0);

grant select on sheaf.company_rule, sheaf.rule_sign_off, sheaf.intent_charge, sheaf.limit_take, sheaf.limit_usage to sheaf_api, sheaf_auditor;
grant select on sheaf.intent_charge, sheaf.company_rule to sheaf_executor, sheaf_statements;
grant insert on sheaf.company_rule, sheaf.rule_sign_off, sheaf.intent_charge to sheaf_api;
grant update (state, changed_at, version) on sheaf.company_rule to sheaf_api;
-- a fee needs its account in every branch; an account is born empty
grant insert (id, branch_id, name, purpose, member_id, currency, minimum) on sheaf.ledger_account to sheaf_api;

-- A rule says for ever what it said when it was proposed, and none begins without another person's signature.
create function sheaf.guard_rule() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if (to_jsonb(old) - '{state,changed_at,version}'::text[]) is distinct from (to_jsonb(new) - '{state,changed_at,version}'::text[]) then
    raise exception 'what a rule says never changes' using errcode = 'SH060';
  end if;
  if new.state = 'approved' and not exists (
       select from rule_sign_off s where s.rule_id = new.id and s.decision = 'approve' and s.role = 'treasurer'
         and s.user_id <> new.maker_id) then
    raise exception 'a rule needs the treasury''s signature, not its maker''s' using errcode = 'SH061';
  end if;
  return new;
end $$;
create trigger guard before update on sheaf.company_rule for each row execute function sheaf.guard_rule();
create trigger lifecycle before insert or update or delete on sheaf.company_rule
  for each row execute function sheaf.check_state('company_rule', 'state');
create trigger append_only before update or delete or truncate on sheaf.rule_sign_off
  for each statement execute function sheaf.append_only();
create trigger append_only before update or delete or truncate on sheaf.intent_charge
  for each statement execute function sheaf.append_only();
create trigger append_only before update or delete or truncate on sheaf.limit_take
  for each statement execute function sheaf.append_only();

create function sheaf.effective_rules(p_at timestamptz) returns setof sheaf.company_rule language sql stable as $$
  select r.* from (
    select distinct on (c.code) c.* from sheaf.company_rule c
    where c.state = 'approved' and c.effective_from <= (p_at at time zone 'Asia/Bangkok')::date
    order by c.code, c.revision desc) r
  where r.enabled order by r.code
$$;

-- The same as submissions read it: the fields of server.company_rules.rules.Rule.
create function sheaf.rules_in_force(p_at timestamptz) returns json language sql stable as $$
  select coalesce(json_agg(json_build_object('id', r.id, 'code', r.code, 'revision', r.revision, 'kind', r.kind,
    'scope', nullif(r.scope, ''), 'name_th', r.name_th, 'name_en', r.name_en, 'expression', r.expression,
    'single_amount', r.single_amount, 'day_amount', r.day_amount, 'day_count', r.day_count,
    'month_amount', r.month_amount, 'month_count', r.month_count) order by r.code), '[]')
  from sheaf.effective_rules(p_at) r
$$;

-- What an intent wants of one counter, and the caps against it (null: none). Functions take a JSON array of them.
create type sheaf.limit_claim as (intent_id uuid, rule text, subject text, period text, amount bigint, most bigint, times bigint);

-- Make the counters and lock them in one order: after advances, before ledger accounts, as the triggers of an ending intent
-- do (end_reservations runs before give_limits_back by its name).
create function sheaf.lock_limits(p_claims jsonb) returns void
language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if coalesce(p_claims, '[]') = '[]' then
    return;
  end if;
  insert into limit_usage (rule, subject, period)
    select distinct c.rule, c.subject, c.period from jsonb_populate_recordset(null::limit_claim, p_claims) c
    order by 1, 2, 3 on conflict do nothing;
  perform from limit_usage u
    where (u.rule, u.subject, u.period) in (
      select c.rule, c.subject, c.period from jsonb_populate_recordset(null::limit_claim, p_claims) c)
    order by u.rule, u.subject, u.period for update;
end $$;

-- Add the claims to their counters if all fit: null, or the first counter that would run over, with what is left of it
-- (null: no such cap). The counters are locked already.
create function sheaf.use_limits(p_claims jsonb) returns jsonb
language plpgsql security definer set search_path = sheaf, pg_temp as $$
declare over jsonb;
begin
  select jsonb_build_object('rule', u.rule, 'period', u.period, 'left_amount', min(c.most) - u.amount,
                            'left_count', min(c.times) - u.count) into over
    from jsonb_populate_recordset(null::limit_claim, p_claims) c
    join limit_usage u on (u.rule, u.subject, u.period) = (c.rule, c.subject, c.period)
    group by u.rule, u.subject, u.period
    having u.amount + sum(c.amount) > min(c.most) or u.count + count(*) > min(c.times)
    order by u.rule, u.period limit 1;
  if over is null then
    update limit_usage u set amount = u.amount + c.amount, count = u.count + c.count
      from (select c.rule, c.subject, c.period, sum(c.amount)::bigint amount, count(*) count
            from jsonb_populate_recordset(null::limit_claim, p_claims) c group by c.rule, c.subject, c.period) c
      where (u.rule, u.subject, u.period) = (c.rule, c.subject, c.period);
  end if;
  return over;
end $$;

-- Remember what was used, so that it can be given back. The intents' rows are there already.
create function sheaf.record_claims(p_claims jsonb, p_branch int) returns void
language sql security definer set search_path = sheaf, pg_temp as $$
  insert into limit_take (intent_id, branch_id, rule, subject, period, amount)
    select c.intent_id, p_branch, c.rule, c.subject, c.period, c.amount
    from jsonb_populate_recordset(null::limit_claim, p_claims) c
$$;

-- All of it for a set that stands or falls together (a batch, a sign-off): null when taken, else the first counter over.
create function sheaf.take_limits(p_claims jsonb, p_branch int) returns jsonb
language plpgsql security definer set search_path = sheaf, pg_temp as $$
declare over jsonb;
begin
  perform lock_limits(p_claims);
  over := use_limits(p_claims);
  if over is null then
    perform record_claims(p_claims, p_branch);
  end if;
  return over;
end $$;

-- An intent that ends without a payment gives back what it took, once: a row in such a state has come there just now, as
-- an ended row never changes again (check_state), whoever brought it about.
create function sheaf.give_limits_back() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
declare ended uuid[];
begin
  select array_agg(a.id) into ended from after a where a.state in ('rejected', 'cancelled', 'expired', 'failed');
  if ended is null or not exists (select from limit_take t where t.intent_id = any(ended)) then
    return null;
  end if;
  perform from limit_usage u
    where exists (select from limit_take t where t.intent_id = any(ended)
                  and (t.rule, t.subject, t.period) = (u.rule, u.subject, u.period))
    order by u.rule, u.subject, u.period for update;
  update limit_usage u set amount = u.amount - t.amount, count = u.count - t.count
    from (select t.rule, t.subject, t.period, sum(t.amount)::bigint amount, count(*) count
          from limit_take t where t.intent_id = any(ended) group by t.rule, t.subject, t.period) t
    where (u.rule, u.subject, u.period) = (t.rule, t.subject, t.period);
  return null;
end $$;
create trigger give_limits_back after update on sheaf.intent referencing new table as after
  for each statement execute function sheaf.give_limits_back();

-- When the transaction ends, an intent is charged what its rows say.
create function sheaf.check_charges() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if (select (new.fee, new.post_fee, new.advance) is distinct from (
                coalesce(sum(amount) filter (where kind = 'pre_fee'), 0)::bigint,
                coalesce(sum(amount) filter (where kind = 'post_fee'), 0)::bigint,
                coalesce(sum(amount) filter (where kind = 'advance'), 0)::bigint)
      from intent_charge where intent_id = new.id) then
    raise exception 'an intent''s charges add up to its fees and its advance' using errcode = 'SH062';
  end if;
  return null;
end $$;
create constraint trigger charges_add_up after insert on sheaf.intent deferrable initially deferred
  for each row when (new.fee + new.post_fee + new.advance > 0) execute function sheaf.check_charges();

revoke execute on function sheaf.lock_limits(jsonb), sheaf.use_limits(jsonb), sheaf.record_claims(jsonb, int), sheaf.take_limits(jsonb, int)
  from public;
grant execute on function sheaf.lock_limits(jsonb), sheaf.use_limits(jsonb), sheaf.record_claims(jsonb, int), sheaf.take_limits(jsonb, int)
  to sheaf_api;
