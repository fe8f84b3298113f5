-- Version 3 begins here. Versions 1 and 2 have landed and do not change any more.
comment on schema sheaf is 'Sheaf, from version 3: what strangers found is mended.';
