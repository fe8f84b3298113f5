-- Company rules: fees and limits as versioned, effective-dated expressions under maker-checker, and the counters of limits.

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

-- What an intent wants of one counter, and the caps against it (null: none). Functions take a JSON array of them.
create type sheaf.limit_claim as (intent_id uuid, rule text, subject text, period text, amount bigint, most bigint, times bigint);
