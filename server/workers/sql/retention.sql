-- Delete up to `p_most` rows of one kind whose term is over; how many went. The terms stand here: whoever may call this can
-- not shorten them, and no clock but the database's own says that they are over when the caller's is ahead.
-- Never: audit, ledger, intents, attempts, sign-offs, statements, documents, and keys of verbs that move money.
create or replace function sheaf.prune(p_kind text, p_at timestamptz, p_most int) returns int
language plpgsql volatile security definer set search_path = sheaf, pg_temp as $$
declare present timestamptz := least(p_at, clock_timestamp()); gone int;
begin
  case p_kind
  when 'sessions' then
    delete from refresh_token where digest in (
      select digest from refresh_token where expires_at < present - interval '30 days' limit p_most);
  when 'operation_tokens' then
    delete from operation_token where id in (
      select id from operation_token where expires_at < present - interval '90 days' limit p_most);
  when 'enrolment_codes' then
    delete from enrolment_code where digest in (
      select digest from enrolment_code where expires_at < present - interval '30 days' limit p_most);
  when 'used_codes' then
    -- a step is 30 seconds; a code is refused by its age long before
    delete from used_code where (user_id, step) in (
      select user_id, step from used_code where step < extract(epoch from present - interval '2 days')::bigint / 30 limit p_most);
  when 'revocations' then
    delete from revocation where (kind, id, revocation.at) in (
      select r.kind, r.id, r.at from revocation r where r.until < present - interval '1 day' limit p_most);
  when 'sign_ins' then
    delete from sign_in_attempt where id in (
      select s.id from sign_in_attempt s where s.at < present - interval '400 days' limit p_most);
  when 'refusals' then
    delete from refusal_log where id in (
      select r.id from refusal_log r where r.at < present - interval '90 days' limit p_most);
  when 'keys' then
    delete from idempotency_key where (user_id, verb, key) in (
      select k.user_id, k.verb, k.key from idempotency_key k
      where k.verb in ('open_batch', 'request_bank_change') and k.at < present - interval '90 days' limit p_most);
  when 'callbacks' then
    delete from callback_inbox where id in (
      select c.id from callback_inbox c where c.outcome <> 'stored' and c.at < present - interval '400 days' limit p_most);
  when 'account_checks' then
    -- the newest answer of each account stays, and what a bank change was decided on
    delete from account_check where id in (
      select k.id from account_check k
      where k.state <> 'requested' and k.checked_at < present - interval '400 days' and k.bank_change_id is null
        and exists (select from account_check newer where newer.bank_account_id = k.bank_account_id
                    and newer.state = 'done' and newer.checked_at > k.checked_at)
      limit p_most);
  when 'fetches' then
    delete from statement_fetch where id in (
      select f.id from statement_fetch f
      where f.state in ('done', 'failed') and f.requested_at < present - interval '400 days'
        and f.id <> (select n.id from statement_fetch n order by n.requested_at desc limit 1)
      limit p_most);
  else
    raise exception 'nothing of the kind % is pruned', p_kind using errcode = '22023';
  end case;
  get diagnostics gone = row_count;
  return gone;
end $$;
grant execute on function sheaf.prune to sheaf_executor;

-- One page of the change feed behind a place: what has changed again since says nothing, for readers are given each thing once,
-- at its newest place. Only what every reader sees superseded goes, so no desk misses a thing, wherever its cursor stands.
create or replace function sheaf.compact_feed(p_turn xid8, p_id bigint, p_rows int, out turn xid8, out id bigint, out gone int)
language plpgsql volatile security definer set search_path = sheaf, pg_temp as $$
declare horizon xid8 := (select l.before from feed_look('', '0') l);
begin
  select p.xid, p.id into turn, id from (
    select f.xid, f.id from change_feed f where (f.xid, f.id) > (p_turn, p_id) and f.xid < horizon
    order by f.xid, f.id limit p_rows) p
  order by p.xid desc, p.id desc limit 1;
  delete from change_feed f where (f.xid, f.id) > (p_turn, p_id) and (f.xid, f.id) <= (turn, compact_feed.id)
    and exists (select from change_feed newer where newer.entity_id = f.entity_id and newer.entity = f.entity
                and (newer.xid, newer.id) > (f.xid, f.id) and newer.xid < horizon);
  get diagnostics gone = row_count;
end $$;
grant execute on function sheaf.compact_feed to sheaf_executor;
