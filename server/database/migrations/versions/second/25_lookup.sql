-- Looking members up in one round trip: each call says itself what it may see.

-- Members by id, or by code, with the effective account and the bank's newest answer about it; in no order.
create function sheaf.look_up_members(p_sight int[], p_ids uuid[], p_codes text[])
returns table (id uuid, branch_id int, branch text, code text, name text, national_id_last4 text, phone text, status text,
  version int, account_id uuid, account_version int, bank text, number_cipher bytea, number_digest bytea, number_last4 text,
  account_name text, effective_at timestamptz, checked_at timestamptz, bank_name text, account_status text, match int)
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
        c.checked_at, c.bank_name, c.account_status, c.match
      from sheaf.member m
      join sheaf.branch b on b.id = m.branch_id
      left join lateral (select v.* from sheaf.bank_account v where v.member_id = m.id order by v.version desc limit 1) a on true
      left join lateral (select k.* from sheaf.account_check k where k.bank_account_id = a.id and k.state = 'done'
                         order by k.checked_at desc limit 1) c on true
      where m.id = any (p_ids);
  else
    return query
      select m.id, m.branch_id, b.code, m.code, m.name, m.national_id_last4, m.phone, m.status, m.version,
        a.id, a.version, a.bank, a.number_cipher, a.number_digest, a.number_last4, a.name, a.effective_at,
        c.checked_at, c.bank_name, c.account_status, c.match
      from sheaf.member m
      join sheaf.branch b on b.id = m.branch_id
      left join lateral (select v.* from sheaf.bank_account v where v.member_id = m.id order by v.version desc limit 1) a on true
      left join lateral (select k.* from sheaf.account_check k where k.bank_account_id = a.id and k.state = 'done'
                         order by k.checked_at desc limit 1) c on true
      where m.code = any (p_codes);
  end if;
end $$;

-- A page of members in Thai order: texts are compared literally, without patterns. `p_whole` is the vault's digest of the
-- query when it might be a whole id card or account. Planned anew each time: most of its conditions fall away.
create function sheaf.find_members(p_sight int[], p_query text, p_whole bytea, p_after uuid, p_limit int) returns uuid[]
language plpgsql set plan_cache_mode = force_custom_plan as $$
begin
  perform set_config('sheaf.branches', p_sight::text, true);
  return array(
    select m.id from sheaf.member m
    where (p_after is null
           or (m.name_sort, m.id) > (select l.name_sort, l.id from sheaf.member l where l.id = p_after))
      and (p_query = ''
           or position(lower(p_query) in lower(m.name)) > 0
           or starts_with(lower(m.code), lower(p_query))
           or m.national_id_last4 = p_query
           or m.national_id_digest = p_whole
           or m.id = any (array(
                select v.member_id from sheaf.bank_account v
                where (v.number_last4 = p_query or v.number_digest = p_whole)
                  and not exists (select from sheaf.bank_account n
                                  where n.member_id = v.member_id and n.version > v.version))))
    order by m.name_sort, m.id
    limit p_limit);
end $$;

revoke execute on function sheaf.look_up_members(int[], uuid[], text[]), sheaf.find_members(int[], text, bytea, uuid, int) from public;
grant execute on function sheaf.look_up_members(int[], uuid[], text[]) to sheaf_api, sheaf_executor;
grant execute on function sheaf.find_members(int[], text, bytea, uuid, int) to sheaf_api;
