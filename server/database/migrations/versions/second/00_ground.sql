-- Version 2 begins here. Version 1 has landed and does not change any more.
comment on schema sheaf is 'Sheaf, from version 2: money at speed.';
