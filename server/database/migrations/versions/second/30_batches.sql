-- Batches of tens of thousands of lines: written, counted and closed without looking at each line one by one.

-- how many lines stand in which state, and whether one still keeps its batch open
create index intent_batch_state on sheaf.intent (batch_id, state) where batch_id is not null;

-- Write one call's new lines, all or none. Answers with the lines that are no longer what they were decided from (a weigh
-- ticket was taken, a member has changed); then none was written. The funding account's lock orders the branch's submissions.
create function sheaf.add_batch_lines(p_branch int, p_items jsonb, p_at timestamptz) returns int[] language plpgsql as $$
declare
  items sheaf.planned_intent[] := array(select i from jsonb_populate_recordset(null::sheaf.planned_intent, p_items) i order by i.line);
  stale int[] := sheaf.overdrawn(items);
begin
  perform sheaf.lock_free(array(select distinct i.source_id from unnest(items) i));
  stale := stale || array(
    select i.line from unnest(items) i
    where not exists (select from sheaf.member m where m.id = i.member_id and m.version = i.member_version)
       or exists (select from sheaf.intent t
                  where t.branch_id = p_branch and t.weigh_ticket = i.weigh_ticket and t.weigh_ticket <> ''
                    and t.state in ('created', 'validated', 'authorized', 'sent', 'in_doubt', 'settled', 'reconciled')));
  if cardinality(stale) = 0 then
    perform sheaf.write_intents(items, p_branch, 'submitted', p_at);
  end if;
  return stale;
end $$;
revoke execute on function sheaf.add_batch_lines(int, jsonb, timestamptz) from public;
grant execute on function sheaf.add_batch_lines(int, jsonb, timestamptz) to sheaf_api;
