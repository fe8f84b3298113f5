-- Who was told of what: alarms by mail and by a command. Numbers and causes only, nobody's name or account.

-- Who tells: one process at a time, until a moment that it moves on with every round. Whoever finds it passed takes over.
create table sheaf.alarm_sender (
  only_one boolean primary key default true check (only_one),
  holder uuid not null,
  process text not null,
  until_at timestamptz not null
);

-- How each way of telling does; the rows are those that the settings name.
create table sheaf.alarm_way (
  way text primary key,
  beat_at timestamptz not null,
  sent_at timestamptz,
  failing_since timestamptz,
  failure text not null default ''
);

-- What each way has told of a finding that is unwell, or was until lately; what has ended goes after an hour.
create table sheaf.alarm (
  way text not null references sheaf.alarm_way on delete cascade,
  name text not null,
  subject text not null,
  id text not null,
  level text not null,
  began_at timestamptz not null,
  says_en text not null,
  says_th text not null,
  told text,
  told_at timestamptz,
  count int not null default 0,
  better_at timestamptz,
  ended_at timestamptz,
  primary key (way, name, subject)
);
