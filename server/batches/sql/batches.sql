-- Write one call's new lines, all or none. Answers with the lines that are no longer what they were decided from (a weigh
-- ticket was taken, a member has changed); then none was written, and no lock is kept: who decides again locks other advances,
-- and these come before accounts. The funding account's lock orders the branch's submissions.
create or replace function sheaf.add_batch_lines(p_branch int, p_items jsonb, p_at timestamptz) returns int[] language plpgsql
set enable_seqscan = off as $$
declare
  items sheaf.planned_intent[] := array(select i from jsonb_populate_recordset(null::sheaf.planned_intent, p_items) i order by i.line);
  stale int[];
begin
  begin
    stale := sheaf.overdrawn(items);
    perform sheaf.lock_free(array(select distinct i.source_id from unnest(items) i));
    stale := stale || array(
      select i.line from unnest(items) i
      where not exists (select from sheaf.member m where m.id = i.member_id and m.version = i.member_version)
         or exists (select from sheaf.intent t
                    where t.branch_id = p_branch and t.ticket_key = i.ticket_key and t.ticket_key <> ''
                      and sheaf.is_living(t.state)));
    if cardinality(stale) > 0 then
      raise exception 'decide again' using errcode = 'SH076';
    end if;
  exception when sqlstate 'SH076' then
    return stale;
  end;
  perform sheaf.write_intents(items, 'submitted', p_at);
  return stale;
end $$;
grant execute on function sheaf.add_batch_lines to sheaf_api;

-- The first line of an open batch that looks like a payment of before, and how. A batch takes no locks for its lines:
-- it waits at the gate for all submissions that are under way, and those that begin later see the lines.
create or replace function sheaf.suspect_line(p_batch uuid, p_branch int, p_since timestamptz)
returns table (line int, kind text, branch_id int, number text, at timestamptz) language plpgsql as $$
begin
  begin
    perform pg_advisory_xact_lock(7235460);
    -- a lock that was taken in what is undone is given back at once
    raise exception 'through the gate' using errcode = 'SH075';
  exception when sqlstate 'SH075' then null;
  end;
  return query
    select d.place, d.kind, d.branch_id, d.number, d.at from (
      select array_agg(i.line) places, array_agg(p_branch) branches, array_agg(i.member_id) members, array_agg(i.amount) amounts,
        array_agg(i.ticket_key) tickets, array_agg(i.bank_account_id is not null) banks, array_agg(i.id) own
      from sheaf.intent i where i.batch_id = p_batch and i.duplicate_reason = '') g
    cross join lateral sheaf.likely_duplicates(g.places, g.branches, g.members, g.amounts, g.tickets, g.banks, g.own, p_since,
      p_batch) d
    order by d.place limit 1;
end $$;
grant execute on function sheaf.suspect_line to public;

-- The largest sum that any member or account of an open batch gets on this business day, the batch's own lines included
-- (satang). Asked after the gate of the radar: what was submitted at the same time is seen.
create or replace function sheaf.batch_day_sum(p_batch uuid, p_day timestamptz) returns bigint language plpgsql stable
set enable_seqscan = off as $$
begin
  return (
    select coalesce(max(s.paid), 0) from (
      select array_agg(l.member_id) members, array_agg(l.bank) banks from (
        select distinct i.member_id, i.destination = 'bank' bank from sheaf.intent i where i.batch_id = p_batch) l) g
    cross join lateral unnest(sheaf.day_sums(g.members, array_fill('disbursement'::text, array[cardinality(g.members)]), g.banks,
      array_fill(p_day, array[cardinality(g.members)]))) s (paid));
end $$;
grant execute on function sheaf.batch_day_sum to sheaf_api;
