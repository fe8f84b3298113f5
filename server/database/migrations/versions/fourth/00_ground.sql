-- Version 4 begins here. Versions 1 to 3 have landed and do not change any more.
comment on schema sheaf is 'Sheaf, from version 4: what runs it is mended.';
