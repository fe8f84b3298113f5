-- `asked_state` is of the newest question about the account that has no answer: the bank is being asked, or gave none.
create or replace function sheaf.look_up_members(p_sight int[], p_ids uuid[], p_codes text[])
returns table (id uuid, branch_id int, branch text, code text, name text, national_id_last4 text, phone text, status text,
  version int, account_id uuid, account_version int, bank text, number_cipher bytea, number_digest bytea, number_last4 text,
  account_name text, effective_at timestamptz, checked_at timestamptz, bank_name text, account_status text, match int,
  asked_state text, asked_at timestamptz)
language plpgsql
-- planned once for any number of members, and never as a scan because the register was young
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
set enable_material = off set enable_bitmapscan = off as $$
#variable_conflict use_column
begin
  perform set_config('sheaf.branches', p_sight::text, true);
  if p_ids is not null then
    return query
      select m.id, m.branch_id, b.code, m.code, m.name, m.national_id_last4, m.phone, m.status, m.version,
        a.id, a.version, a.bank, a.number_cipher, a.number_digest, a.number_last4, a.name, a.effective_at,
        c.checked_at, c.bank_name, c.account_status, c.match, u.state, coalesce(u.checked_at, u.requested_at)
      from sheaf.member m
      join sheaf.branch b on b.id = m.branch_id
      left join lateral (select v.* from sheaf.bank_account v where v.member_id = m.id order by v.version desc limit 1) a on true
      left join lateral (select k.* from sheaf.account_check k where k.bank_account_id = a.id and k.state = 'done'
                         order by k.checked_at desc limit 1) c on true
      left join lateral (select k.* from sheaf.account_check k where k.bank_account_id = a.id and k.state <> 'done'
                         order by k.requested_at desc limit 1) u on true
      where m.id = any (p_ids);
  else
    return query
      select m.id, m.branch_id, b.code, m.code, m.name, m.national_id_last4, m.phone, m.status, m.version,
        a.id, a.version, a.bank, a.number_cipher, a.number_digest, a.number_last4, a.name, a.effective_at,
        c.checked_at, c.bank_name, c.account_status, c.match, u.state, coalesce(u.checked_at, u.requested_at)
      from sheaf.member m
      join sheaf.branch b on b.id = m.branch_id
      left join lateral (select v.* from sheaf.bank_account v where v.member_id = m.id order by v.version desc limit 1) a on true
      left join lateral (select k.* from sheaf.account_check k where k.bank_account_id = a.id and k.state = 'done'
                         order by k.checked_at desc limit 1) c on true
      left join lateral (select k.* from sheaf.account_check k where k.bank_account_id = a.id and k.state <> 'done'
                         order by k.requested_at desc limit 1) u on true
      where m.code_key = any (p_codes);
  end if;
end $$;
grant execute on function sheaf.look_up_members to sheaf_api, sheaf_executor;

-- `p_query` is the key of a name: every word of it is in the name, or all of it begins the code.
create or replace function sheaf.find_members(p_sight int[], p_query text, p_whole bytea, p_after uuid, p_limit int) returns uuid[]
language plpgsql set plan_cache_mode = force_custom_plan as $$
declare
  words text[] := string_to_array(p_query, ' ');
  digits text := translate(p_query, ' -', '');
begin
  perform set_config('sheaf.branches', p_sight::text, true);
  return array(
    select m.id from sheaf.member m
    where (p_after is null
           or (m.name_sort, m.id) > (select l.name_sort, l.id from sheaf.member l where l.id = p_after))
      and (p_query = ''
           or not exists (select from unnest(words) w where position(w in m.name_key) = 0)
           or starts_with(m.code_key, replace(p_query, ' ', ''))
           or m.national_id_last4 = digits
           or m.national_id_digest = p_whole
           or m.id = any (array(
                select v.member_id from sheaf.bank_account v
                where (v.number_last4 = digits or v.number_digest = p_whole)
                  and not exists (select from sheaf.bank_account n
                                  where n.member_id = v.member_id and n.version > v.version))))
    order by m.name_sort, m.id
    limit p_limit);
end $$;
grant execute on function sheaf.find_members to sheaf_api;
