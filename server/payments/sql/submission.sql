-- Everything that `decide` is given (server/payments/facts.py has the same names), for what is asked at several branches: each
-- element of `p_asked` is a branch with its items, and with what those who ask there may see, which is set before anything of
-- theirs is read. Read outside of any lock: what may have
-- changed by the time of writing is looked at again by submit_intents. Each fact is one entry of the object; a fact that
-- another file provides is a function of that file, called here.
create or replace function sheaf.submission_facts(p_asked jsonb, p_numbers int, p_at timestamptz, p_since timestamptz) returns json
language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
set enable_material = off set enable_bitmapscan = off as $$
declare asked record; items sheaf.asked_intent[]; branches json[] := '{}';
begin
  for asked in select a.* from jsonb_to_recordset(p_asked) a (branch int, sight int[], items jsonb) loop
    perform set_config('sheaf.branches', asked.sight::text, true);
    items := array(select i from jsonb_populate_recordset(null::sheaf.asked_intent, asked.items) i);
    branches := branches || json_build_object(
      'payees', (
        select coalesce(json_object_agg(m.id, json_build_object(
          'code', m.code, 'name', m.name, 'status', m.status, 'tags', m.tags, 'version', m.version, 'account_id', a.id,
          'account_version', a.version, 'bank', a.bank, 'last4', a.number_last4, 'account_name', a.name,
          'digest', encode(a.number_digest, 'hex'), 'effective_at', a.effective_at, 'checked_at', c.checked_at, 'bank_name', c.bank_name,
          'account_status', c.account_status, 'match', c.match)), '{}')
        from sheaf.member m
        left join lateral (select v.* from sheaf.bank_account v where v.member_id = m.id order by v.version desc limit 1) a on true
        left join lateral (select k.* from sheaf.account_check k where k.bank_account_id = a.id and k.state = 'done'
                           order by k.checked_at desc limit 1) c on true
        where m.id = any (array(select i.member_id from unnest(items) i)) and m.branch_id = asked.branch),
      'tickets', (
        select coalesce(json_object_agg(t.ticket_key, json_build_object('id', t.id, 'number', t.number, 'state', t.state)), '{}')
        from sheaf.intent t
        where t.branch_id = asked.branch and t.ticket_key = any (array(select i.ticket_key from unnest(items) i))
          and t.ticket_key <> ''
          and sheaf.is_living(t.state)),
      'originals', case when asked.items @? '$[*] ? (@.pays_again != null)' then sheaf.originals_of(items, asked.branch) else '{}' end,
      'keys', (
        select coalesce(json_agg(json_build_object('user_id', k.user_id, 'key', k.key, 'fingerprint', k.body_digest,
          'status', k.status, 'reply', convert_from(k.reply, 'UTF8'))), '[]')
        from unnest(items) i cross join lateral (
          select * from sheaf.idempotency_key k
          where k.user_id = i.user_id and k.verb = 'submit_intent' and k.key = i.key offset 0) k),
      'tokens', (
        select coalesce(json_agg(o.id), '[]') from sheaf.operation_token o
        where o.id = any (array(select i.token_id from unnest(items) i)) and o.used_at is null),
      'recipients', case when asked.items @? '$[*] ? (@.to_member != "")' then sheaf.recipients_of(items) else '{}' end,
      'balances', case when asked.items @? '$[*] ? (@.operation != "disbursement")' then sheaf.balances_of(items) else '{}' end,
      'advances', sheaf.advances_of(items)
    );
  end loop;
  return json_build_object(
    'branches', array_to_json(branches),
    'suspects', sheaf.suspects_of(p_asked, p_since),
    'rules', sheaf.rules_in_force(p_at),
    'routes', sheaf.routes_in_force(p_at),
    'numbers', array(select nextval('sheaf.voucher_numbers') from generate_series(1, p_numbers))
  );
end $$;
grant execute on function sheaf.submission_facts to sheaf_api;

-- Intents, their first events and their charges, set-based: the write that single intents and lines of batches share.
create or replace function sheaf.write_intents(p_items sheaf.planned_intent[], p_evidence text, p_at timestamptz) returns void
language plpgsql as $$
begin
  insert into sheaf.intent (id, branch_id, number, operation, member_id, bank_account_id, account_version, amount, fee, currency,
      channel, produce, weigh_ticket, note, documents, maker_id, state, batch_id, line, quorum, hold_id, correlation_id,
      created_at, expires_at, changed_at, source_id, destination, counterparty_branch_id, counterparty_member_id, post_fee,
      advance, duplicate_reason, tags, ticket_key, pays_again)
    select i.id, i.branch_id, i.number, i.operation, i.member_id, i.bank_account_id, i.account_version, i.amount, i.fee, i.currency,
      i.channel, i.produce, i.weigh_ticket, i.note, i.documents, i.maker_id, i.state, i.batch_id, i.line, i.quorum, i.hold_id,
      i.correlation_id, p_at, i.expires_at, p_at, i.source_id, i.destination, i.counterparty_branch_id,
      i.counterparty_member_id, i.post_fee, i.advance, i.duplicate_reason, i.tags, i.ticket_key, i.pays_again
    from unnest(p_items) i;
  insert into sheaf.intent_event (intent_id, branch_id, version, state, at, actor, evidence)
    select i.id, i.branch_id, 1, i.state, p_at, i.actor, p_evidence from unnest(p_items) i;
  if exists (select from unnest(p_items) i where i.charges <> '[]') then
    insert into sheaf.intent_charge (intent_id, ordinal, branch_id, kind, amount, account_id, rule_id, advance_id)
      select i.id, c.ordinal, i.branch_id, c.kind, c.amount, c.account_id, c.rule_id, c.advance_id
      from unnest(p_items) i cross join lateral jsonb_to_recordset(i.charges)
        c (ordinal int, kind text, amount bigint, account_id uuid, rule_id uuid, advance_id uuid)
      where i.charges <> '[]';
  end if;
end $$;
grant execute on function sheaf.write_intents to sheaf_api;

-- Write a group of decided items, of several branches, in one transaction. `p_sight` is what all of them together may see, and
-- each looks only at what is its own branch's. Answers only for those that are not written: `stale` when something
-- is no longer what it was decided from (decide again), `funds` with what is still free, `limit` with the counter that would
-- run over. Items
-- are served in their order; one that is not written leaves its key and its token unused. Locks are taken in the one order
-- (CONTRIBUTING.md):
-- one-time tokens, advances, counters of limits, accounts, the radar's gate and keys, audit heads. The gate comes late: who
-- closes a batch waits for all who are through it, and all who come later wait for him.
create or replace function sheaf.submit_intents(p_sight int[], p_items jsonb, p_at timestamptz) returns json
language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
set enable_material = off set enable_bitmapscan = off as $$
declare
  items sheaf.planned_intent[] := array(select i from jsonb_populate_recordset(null::sheaf.planned_intent, p_items) i order by i.ordinal);
  good sheaf.planned_intent[]; written int[] := '{}'; refused json[] := '{}';
  tokens uuid[]; accounts uuid[]; free bigint[]; item record; place int; over jsonb; changed int[];
  limited boolean := p_items @? '$[*].claims[*]';
begin
  perform set_config('sheaf.branches', p_sight::text, true);
  -- others wait while a group waits: it is undone early, that of several branches very early, and each goes alone
  if cardinality(items) > 1 then
    perform set_config('lock_timeout',
      case when (select count(distinct i.branch_id) from unnest(items) i) > 1 then '300ms' else '2s' end, true);
  end if;
  tokens := array(select o.id from sheaf.operation_token o
                  where o.id = any (array(select i.token_id from unnest(items) i)) and o.used_at is null
                  order by o.id for no key update);
  -- who pays again locks what it pays again: it may be paid again already, or come to be paid after all
  if p_items @? '$[*] ? (@.pays_again != null)' then
    perform from sheaf.intent o where o.id = any (array(select i.pays_again from unnest(items) i)) order by o.id for no key update;
  end if;
  changed := sheaf.overdrawn(items);
  if limited then
    perform sheaf.lock_limits((select jsonb_agg(c) from unnest(items) i cross join jsonb_array_elements(i.claims) c));
  end if;
  select array_agg(l.id), array_agg(l.free) into accounts, free
    from sheaf.lock_free(array(select distinct i.source_id from unnest(items) i)) l;
  changed := changed || sheaf.overtaken(items);
  -- `offset 0`: else the plan may be to read all tickets or keys that there are, once, and look each item up in them
  for item in
    select i.ordinal, i.source_id, i.held, i.claims,
      i.ordinal <> all (changed) and (i.token_id is null or i.token_id = any (tokens))
      and (i.key is null or not exists (
        select from sheaf.idempotency_key k where k.user_id = i.maker_id and k.verb = 'submit_intent' and k.key = i.key
        offset 0))
      and (i.ticket_key = '' or not exists (
        select from sheaf.intent t where t.branch_id = i.branch_id and t.ticket_key = i.ticket_key and t.ticket_key <> ''
          and sheaf.is_living(t.state) offset 0))
      and (i.pays_again is null or exists (
        select from sheaf.intent o where o.id = i.pays_again and o.branch_id = i.branch_id
          and o.state in ('failed', 'rejected', 'cancelled', 'expired', 'returned')
          and not exists (select from sheaf.intent n where n.pays_again = o.id
                          and n.state not in ('rejected', 'cancelled', 'expired', 'failed') offset 0)))
      and exists (select from sheaf.member m where m.id = i.member_id and m.branch_id = i.branch_id
                  and m.version = i.member_version offset 0) as fresh
    from unnest(items) i order by i.ordinal
  loop
    place := array_position(accounts, item.source_id);
    if not item.fresh or place is null then
      refused := refused || json_build_object('ordinal', item.ordinal, 'outcome', 'stale');
    elsif free[place] < item.held then
      refused := refused || json_build_object('ordinal', item.ordinal, 'outcome', 'funds', 'free', free[place]);
    else
      over := case when item.claims <> '[]' then sheaf.use_limits(item.claims) end;
      if over is not null then
        refused := refused || (over || jsonb_build_object('ordinal', item.ordinal, 'outcome', 'limit'))::json;
      else
        free[place] := free[place] - item.held;
        written := written || item.ordinal;
      end if;
    end if;
  end loop;
  if cardinality(written) = 0 then
    return array_to_json(refused);
  elsif cardinality(refused) = 0 then
    good := items;
  else
    good := array(select i from unnest(items) i where i.ordinal = any (written) order by i.ordinal);
  end if;
  insert into sheaf.idempotency_key (user_id, branch_id, verb, key, body_digest, status, reply, at)
    select i.maker_id, i.home_branch, 'submit_intent', i.key, i.fingerprint, i.status, convert_to(i.reply, 'UTF8'), p_at
    from unnest(good) i where i.key is not null order by i.maker_id, i.key;
  update sheaf.operation_token set used_at = p_at where id = any (array(select i.token_id from unnest(good) i));
  perform sheaf.write_intents(good, 'submitted', p_at);
  if limited then
    perform sheaf.record_claims(i.claims, i.branch_id) from unnest(good) i where i.claims <> '[]';
  end if;
  insert into sheaf.ledger_transfer (id, branch_id, kind, hold_id, subject, at)
    select i.hold_id, i.branch_id, 'hold', i.hold_id, i.id::text, p_at from unnest(good) i;
  insert into sheaf.ledger_entry (transfer_id, account_id, branch_id, held)
    select i.hold_id, i.source_id, i.branch_id, i.held from unnest(good) i;
  -- `good` is in the order of its items already
  perform sheaf.append_audits(p_at, array_agg(i.branch_id), array_agg(i.actor), array_agg(i.device_id),
    array_agg('submit_intent'::text), array_agg(i.id::text), array_agg(i.detail))
    from unnest(good) i;
  return array_to_json(refused);
end $$;
grant execute on function sheaf.submit_intents to sheaf_api;
