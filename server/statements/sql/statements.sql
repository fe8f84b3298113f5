create or replace function sheaf.guard_statement() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if (to_jsonb(old) - '{set_aside_at,set_aside_by}'::text[]) is distinct from (to_jsonb(new) - '{set_aside_at,set_aside_by}'::text[])
     or old.set_aside_at is not null or new.set_aside_at is null then
    raise exception 'a statement never changes' using errcode = 'SH005';
  end if;
  if not exists (select from set_aside c join statement s on s.id = c.statement_id
                 where c.id = new.set_aside_by and c.state = 'approved' and c.action = 'set_aside'
                   and s.account_digest = new.account_digest and s.position <= new.position) then
    raise exception 'a statement is set aside by an approved proposal' using errcode = 'SH085';
  end if;
  return new;
end $$;
create or replace trigger guard before update on sheaf.statement for each row
  execute function sheaf.guard_statement();

-- An account's statements form a chain without a gap, whoever writes them: the next position, the balance and the day go on.
create or replace function sheaf.check_statement_chain() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
declare head statement;
begin
  select * into head from statement where account_digest = new.account_digest and set_aside_at is null
    order by position desc limit 1;
  if new.position <> coalesce(head.position, 0) + 1
     or (head.id is not null and (new.opening <> head.closing or new.date < head.date)) then
    raise exception 'a statement follows the last one of its account' using errcode = 'SH080';
  end if;
  return new;
end $$;
create or replace trigger chain before insert on sheaf.statement for each row
  execute function sheaf.check_statement_chain();

-- With one go all that rest on it: at its end a transaction leaves no hole in a chain.
create or replace function sheaf.check_statement_hole() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if exists (select from statement s where s.account_digest = new.account_digest and s.set_aside_at is null
               and s.position > new.position
               and not exists (select from statement b where b.account_digest = s.account_digest and b.set_aside_at is null
                                 and b.position = s.position - 1)) then
    raise exception 'what rests on a statement is set aside with it' using errcode = 'SH086';
  end if;
  return null;
end $$;
drop trigger if exists no_hole on sheaf.statement;
create constraint trigger no_hole after update on sheaf.statement deferrable initially deferred for each row
  execute function sheaf.check_statement_hole();

-- What a proposal says never changes.
create or replace function sheaf.guard_set_aside() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if (to_jsonb(old) - '{state,changed_at,version}'::text[]) is distinct from (to_jsonb(new) - '{state,changed_at,version}'::text[]) then
    raise exception 'what a proposal says never changes' using errcode = 'SH082';
  end if;
  return new;
end $$;
create or replace trigger guard before update on sheaf.set_aside for each row
  execute function sheaf.guard_set_aside();

-- The statements that count: of accounts of ours, and not set aside.
create or replace view sheaf.accepted_statement with (security_invoker = true) as
  select s.* from sheaf.statement s
  where s.set_aside_at is null and exists (select from sheaf.company_account c where c.digest = s.account_digest);

-- The lines that count: of statements that stand.
create or replace view sheaf.accepted_line with (security_invoker = true) as
  select l.* from sheaf.statement_line l join sheaf.accepted_statement s on s.id = l.statement_id;
