-- The few functions that must see all branches, from version 2. They belong to one NOLOGIN role.

set local role sheaf_everywhere;

-- Where an executor has something to send: each lane (branch and channel) once, by stepping over the queues' index.
create function sheaf.executor_lanes() returns table (branch_id int, channel text)
language sql stable security definer set search_path = sheaf, pg_temp as $$
  with recursive lane as (
    (select i.branch_id, i.channel from intent i where i.state = 'authorized' order by i.branch_id, i.channel limit 1)
    union all
    select n.branch_id, n.channel from lane l cross join lateral (
      select i.branch_id, i.channel from intent i
      where i.state = 'authorized' and (i.branch_id, i.channel) > (l.branch_id, l.channel)
      order by i.branch_id, i.channel limit 1) n
  )
  select lane.branch_id, lane.channel from lane
$$;
revoke execute on function sheaf.executor_lanes() from public;
grant execute on function sheaf.executor_lanes() to sheaf_executor;
drop function sheaf.branches_with_executor_work();

-- Who takes over a payment that stays in doubt: a branch reads the names of head office's treasurers, and nothing else.
create function sheaf.treasurer_names() returns table (name text)
language sql stable security definer set search_path = sheaf, pg_temp as $$
  select u.name from app_user u join user_role r on r.user_id = u.id
  where u.branch_id = 0 and u.enabled and r.role = 'treasurer' order by u.name
$$;
revoke execute on function sheaf.treasurer_names() from public;
grant execute on function sheaf.treasurer_names() to sheaf_api;

-- Whom a transfer may go to: a member of any branch, by the whole code that the payer names, and by id to show it.
create function sheaf.recipients(codes text[]) returns table (id uuid, code text, name text, status text, branch_id int, branch text)
language sql stable security definer set search_path = sheaf, pg_temp as $$
  select m.id, m.code, m.name, m.status, m.branch_id, b.code from member m join branch b on b.id = m.branch_id
  where m.code = any(codes)
$$;
create function sheaf.members_anywhere(ids uuid[]) returns table (id uuid, code text, name text, status text, branch_id int, branch text)
language sql stable security definer set search_path = sheaf, pg_temp as $$
  select m.id, m.code, m.name, m.status, m.branch_id, b.code from member m join branch b on b.id = m.branch_id
  where m.id = any(ids)
$$;

-- The double-pay radar: for each asked disbursement the newest living one that looks like the same, in any branch. The
-- same member and amount; the same weigh ticket in another branch with the same amount or account (branches number their
-- tickets alike); the same account under another member's name. `p_own` are intents that stand for the asked ones; a line of
-- `p_batch` that has a reason was told of the lines before it, and does not count against them.
create function sheaf.likely_duplicates(p_places int[], p_branch int, p_members uuid[], p_amounts bigint[], p_tickets text[],
    p_banks boolean[], p_own uuid[], p_since timestamptz, p_batch uuid default null)
returns table (place int, kind text, branch_id int, number text, at timestamptz)
language sql stable security definer set search_path = sheaf, pg_temp as $$
  with floor as (
    -- ids begin with their time: nothing older than the window is read
    select (lpad(to_hex((extract(epoch from p_since) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid id
  )
  select w.place, d.kind, d.branch_id, d.number, d.created_at
  from unnest(p_places, p_members, p_amounts, p_tickets, p_banks, p_own) w (place, member, amount, ticket, bank, own)
  cross join floor
  left join lateral (
    select a.number_digest digest from bank_account a where w.bank and a.member_id = w.member order by a.version desc limit 1
  ) paid on true
  cross join lateral (
    -- each way by its own index and with its own limit: a plan that walks back through all intents is never the cheaper one
    select l.kind, l.branch_id, l.number, l.created_at from (
      (select 'amount' kind, i.id, i.branch_id, i.number, i.created_at from intent i
        where i.member_id = w.member and i.id >= floor.id and i.amount = w.amount
          and i.operation = 'disbursement' and i.id is distinct from w.own
          and (i.batch_id = p_batch and i.duplicate_reason <> '') is not true
          and i.state in ('created', 'validated', 'authorized', 'sent', 'in_doubt', 'settled', 'reconciled')
        order by i.id desc limit 1)
      union all
      (select 'ticket', i.id, i.branch_id, i.number, i.created_at from intent i left join bank_account a on a.id = i.bank_account_id
        where i.weigh_ticket = w.ticket and i.weigh_ticket <> '' and i.branch_id <> p_branch and i.id >= floor.id
          and (i.amount = w.amount or a.number_digest = paid.digest)
          and i.operation = 'disbursement' and i.id is distinct from w.own
          and i.state in ('created', 'validated', 'authorized', 'sent', 'in_doubt', 'settled', 'reconciled'))
      union all
      (select 'account', i.id, i.branch_id, i.number, i.created_at
        from (select a.id, a.member_id from bank_account a
              where a.number_digest = paid.digest and a.member_id <> w.member offset 0) a
        cross join lateral (
          select * from intent i where i.member_id = a.member_id and i.bank_account_id = a.id and i.id >= floor.id
            and i.operation = 'disbursement' and i.id is distinct from w.own
            and (i.batch_id = p_batch and i.duplicate_reason <> '') is not true
            and i.state in ('created', 'validated', 'authorized', 'sent', 'in_doubt', 'settled', 'reconciled')
          order by i.id desc limit 1) i)
    ) l order by l.id desc limit 1
  ) d
$$;

revoke execute on function sheaf.recipients(text[]), sheaf.members_anywhere(uuid[]),
  sheaf.likely_duplicates(int[], int, uuid[], bigint[], text[], boolean[], uuid[], timestamptz, uuid) from public;
grant execute on function sheaf.recipients(text[]) to sheaf_api;
grant execute on function sheaf.members_anywhere(uuid[]) to sheaf_api, sheaf_executor, sheaf_auditor;
grant execute on function sheaf.likely_duplicates(int[], int, uuid[], bigint[], text[], boolean[], uuid[], timestamptz, uuid) to sheaf_api;

set local role sheaf_owner;
