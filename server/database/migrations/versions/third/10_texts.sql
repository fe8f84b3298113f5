-- One normal form for each kind of text (shared/normal.py): Python computes the keys, the database stores them and lets in
-- no other alphabet. A weigh ticket is one ticket however it is written, and so is a member's code.

-- What old rows need, once: as shared/normal.py as far as SQL can; letter case was folded by Python before it was stored.
create function sheaf.key_of_old_row(p_text text) returns text language sql immutable as $$
  select regexp_replace(btrim(regexp_replace(
    regexp_replace(regexp_replace(regexp_replace(regexp_replace(replace(
      upper(translate(regexp_replace(regexp_replace(normalize(p_text, NFKC),
          '[\u00ad\u034f\u061c\u115f\u1160\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\ufe00-\ufe0f\ufeff]', '', 'g'),
          '[\u02d7\u058a\u05be\u2010-\u2015\u2043\u2053\u2212\u2e3a\u2e3b\u301c\u3030]', '-', 'g'),
        '๐๑๒๓๔๕๖๗๘๙', '0123456789')),
      'เเ', 'แ'),
      '(\u0e32)([\u0e48-\u0e4b])', '\2\1', 'g'),
      '(\u0e4d)([\u0e48-\u0e4b])', '\2\1', 'g'),
      '([\u0e48-\u0e4b])([\u0e31\u0e34-\u0e3a\u0e47])', '\2\1', 'g'),
      '\u0e4d\u0e32', 'ำ', 'g'),
    '[\s\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+', ' ', 'g')), '[\n]', '', 'g')
$$;

alter table sheaf.intent
  -- shared.normal.ticket_key of the weigh ticket
  add column ticket_key text not null default '',
  -- above 0 only in rows from before version 3 whose ticket was paid in two writings: nothing may undo that, and both count
  add column ticket_twin int not null default 0;
alter table sheaf.member
  -- shared.normal.code_key and name_key: what is looked up and searched
  add column code_key text,
  add column code_twin int not null default 0,
  add column name_key text;

-- Rows of before. Ended intents never change, so their guards look away this once.
alter table sheaf.intent disable trigger user, no force row level security;
update sheaf.intent
  set ticket_key = coalesce(nullif(regexp_replace(sheaf.key_of_old_row(weigh_ticket), '(?<![0-9]) | (?![0-9])', '', 'g'), ''), '?')
  where weigh_ticket <> '';
update sheaf.intent i set ticket_twin = t.place - 1 from (
    select id, row_number() over (partition by branch_id, ticket_key order by id) place from sheaf.intent
    where ticket_key <> '' and state in ('created', 'validated', 'authorized', 'sent', 'in_doubt', 'settled', 'reconciled', 'returned')) t
  where t.id = i.id and t.place > 1;
alter table sheaf.intent enable trigger user, force row level security;
alter table sheaf.member disable trigger user, no force row level security;
update sheaf.member set code_key = replace(sheaf.key_of_old_row(code), ' ', ''), name_key = sheaf.key_of_old_row(name);
update sheaf.member m set code_twin = t.place - 1 from (
    select id, row_number() over (partition by code_key order by id) place from sheaf.member) t
  where t.id = m.id and t.place > 1;
alter table sheaf.member enable trigger user, force row level security;
drop function sheaf.key_of_old_row(text);

-- A key in another alphabet would be a second name for the same thing.
alter table sheaf.intent add constraint intent_ticket_key check (
  (ticket_key = '') = (weigh_ticket = '')
  and ticket_key !~ '[a-z๐-๙\t\n\u00a0\u00ad\u200b-\u200f\u2010-\u2015\u202a-\u202e\u2060-\u2064\u2066-\u206f\u2212\ufeff\uff01-\uff5e]|(?<![0-9]) | (?![0-9])');
alter table sheaf.member
  alter column code_key set not null,
  alter column name_key set not null,
  add constraint member_keys check (
    code_key !~ '[ a-z๐-๙\t\n\u00a0\u00ad\u200b-\u200f\u2010-\u2015\u202a-\u202e\u2060-\u2064\u2066-\u206f\u2212\ufeff\uff01-\uff5e]'
    and code_key <> '' and name_key !~ '[a-z๐-๙\u00a0\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\uff01-\uff5e]');

drop index sheaf.intent_weigh_ticket;
-- a weigh ticket is paid once in its branch while the payment lives, in whatever writing, and is found in every branch
create unique index intent_ticket on sheaf.intent (ticket_key, branch_id, ticket_twin)
  where ticket_key <> '' and state in ('created', 'validated', 'authorized', 'sent', 'in_doubt', 'settled', 'reconciled', 'returned');
drop index sheaf.member_code;
-- a member's code is known company-wide, in whatever writing
create unique index member_code on sheaf.member (code_key, code_twin);

alter type sheaf.asked_intent rename attribute weigh_ticket to ticket_key;
alter type sheaf.planned_intent add attribute ticket_key text;
