-- What is known of a try is a word of shared/evidence.py, with the bank's code or a technical detail beside it; why a
-- channel is not used is a code, with the same beside it. Nothing is decided by what was told.
alter table sheaf.attempt add column told text not null default '',
  add constraint attempt_evidence check (evidence ~ '^[a-z_]*$');
grant update (told) on sheaf.attempt to sheaf_executor;
alter table sheaf.channel_state add column told text not null default '';
grant update (told) on sheaf.channel_state to sheaf_executor;
