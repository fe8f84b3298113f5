-- Which server's life this is: what no other has.
create or replace function sheaf.feed_identity() returns bigint language sql stable as $$
  select (extract(epoch from pg_postmaster_start_time()) * 1000000)::bigint # ('sheaf.change_feed'::regclass::oid::bigint << 30)
$$;
grant execute on function sheaf.feed_identity to public;

-- What this server's transaction numbers are to be raised by. Settled before the first turn of a life is given: nothing of
-- earlier lives runs any more, and whatever runs now has a number from the snapshot's oldest on, so all turns of this life
-- come after all that are stored. Undoing the block gives the lock back at once, and leaves the sequences as they were set.
create or replace function sheaf.feed_ahead() returns bigint language plpgsql security definer set search_path = sheaf, pg_temp as $$
declare oldest bigint;
begin
  -- the server's word is set last, so what is read after it is settled
  if pg_sequence_last_value('sheaf.feed_server') = (extract(epoch from pg_postmaster_start_time()) * 1000000)::bigint
      # ('sheaf.change_feed'::regclass::oid::bigint << 30) then
    return pg_sequence_last_value('sheaf.feed_ahead');
  end if;
  begin
    perform pg_advisory_xact_lock(7235470);
    if pg_sequence_last_value('sheaf.feed_server') is distinct from feed_identity() then
      oldest := pg_snapshot_xmin(pg_current_snapshot())::text::bigint;
      perform setval('feed_ahead', greatest(coalesce(pg_sequence_last_value('sheaf.feed_ahead'), 0),
                                            feed_last_turn()::text::bigint + 1 - oldest));
      if not exists (select from feed_life)
          or exists (select from feed_life l where l.server = pg_sequence_last_value('sheaf.feed_server')) then
        perform setval('feed_first', oldest + pg_sequence_last_value('sheaf.feed_ahead'));
      end if;
      perform setval('feed_server', feed_identity());
    end if;
    raise exception 'settled' using errcode = 'SH130';
  exception when sqlstate 'SH130' then null;
  end;
  return pg_sequence_last_value('sheaf.feed_ahead');
end $$;
grant execute on function sheaf.feed_ahead to sheaf_api, sheaf_everywhere, sheaf_executor, sheaf_statements;

-- The turn of the running transaction.
create or replace function sheaf.feed_turn() returns xid8 language sql volatile as $$
  select (pg_current_xact_id()::text::bigint + sheaf.feed_ahead())::text::xid8
$$;
grant execute on function sheaf.feed_turn to sheaf_api, sheaf_everywhere, sheaf_executor, sheaf_statements;

-- The present life, written by the first reader.
create or replace function sheaf.feed_life_now() returns sheaf.feed_life
language plpgsql security definer set search_path = sheaf, pg_temp as $$
declare life feed_life; begun feed_life;
begin
  perform feed_ahead();
  for attempt in 1..3 loop
    select * into life from feed_life order by number desc limit 1;
    if life.server = feed_identity() then
      return life;
    end if;
    begun.number := coalesce(life.number, 0) + 1;
    begun.token := left(replace(gen_random_uuid()::text, '-', ''), 12);
    begun.server := feed_identity();
    begun.system := (select system_identifier from pg_control_system());
    begun.timeline := left(pg_walfile_name(pg_current_wal_insert_lsn()), 8);
    begun.feed := 'sheaf.change_feed'::regclass;
    begun.history := case
      when (life.system, life.timeline, life.feed) = (begun.system, begun.timeline, begun.feed) then life.history
      else begun.number end;
    begun.first_turn := pg_sequence_last_value('sheaf.feed_first')::text::xid8;
    insert into feed_life select begun.* on conflict do nothing;
  end loop;
  raise exception 'the present life of the server is not seen in this transaction' using errcode = 'SH131';
end $$;

-- What a reader must know before it reads: below which turn everything has ended, how the present life is called, and how
-- its own place stands to this database. A place is `ahead` when it names a life that is unknown here, or a turn beyond the
-- end of its life: its desk has seen what this database has not. It has `moved` when it is known, in another history.
create or replace function sheaf.feed_look(p_token text, p_turn xid8, out before xid8, out token text, out standing text)
language plpgsql security definer set search_path = sheaf, pg_temp as $$
declare life feed_life := feed_life_now(); seen feed_life; ends xid8;
begin
  before := (pg_snapshot_xmin(pg_current_snapshot())::text::bigint + feed_ahead())::text::xid8;
  token := life.token;
  if p_token = '' then
    standing := case when p_turn = '0' then 'goes_on' when p_turn >= before then 'ahead' else 'moved' end;
    return;
  end if;
  select * into seen from feed_life l where l.token = p_token;
  select l.first_turn into ends from feed_life l where l.number > seen.number order by l.number limit 1;
  standing := case
    when seen.number is null or p_turn >= coalesce(ends, before) then 'ahead'
    when seen.history <> life.history then 'moved'
    else 'goes_on' end;
end $$;
grant execute on function sheaf.feed_look to sheaf_api;

-- From now on no desk goes on from what it has, each begins anew: this database was put back, and no number tells it.
create or replace function sheaf.begin_feed_history() returns void language plpgsql security definer set search_path = sheaf, pg_temp as $$
declare life feed_life := feed_life_now();
begin
  insert into feed_life
    select life.number + 1, left(replace(gen_random_uuid()::text, '-', ''), 12), life.number + 1, life.server, life.system,
      life.timeline, life.feed, (pg_snapshot_xmin(pg_current_snapshot())::text::bigint + feed_ahead())::text::xid8;
end $$;

-- One turn for all rows of a statement, and a plan that is kept where the feed's key is the row's own id.
create or replace function sheaf.feed() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
declare turn xid8 := feed_turn();
begin
  if tg_argv[1] = 'id' then
    insert into change_feed (xid, branch_id, entity, entity_id) select turn, c.branch_id, tg_argv[0], c.id from changed c;
  else
    execute format('insert into change_feed (xid, branch_id, entity, entity_id) select distinct $1, branch_id, %L, %I from changed',
                   tg_argv[0], tg_argv[1]) using turn;
  end if;
  return null;
end $$;
