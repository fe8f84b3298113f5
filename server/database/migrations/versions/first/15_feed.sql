-- What desks are told: the change feed, and the lives of the servers that gave its turns.

-- What is reckoned with in the present life of a server, from the start of a PostgreSQL to its end. Sequences, for they are
-- not part of a transaction: whoever comes first settles them for all, and nobody waits for that transaction's end.
-- whose life it is: when its server began, and which table of it holds the feed
create sequence sheaf.feed_server minvalue 0 start 0;
-- what is added to this server's transaction numbers
create sequence sheaf.feed_ahead minvalue 0 start 0;
-- all turns of the lives that desks have heard of before are below it, all turns of this one are not
create sequence sheaf.feed_first minvalue 0 start 0;

-- The change feed. Readers take rows whose turn is below the oldest running one, so that a late commit is never skipped.
create table sheaf.change_feed (
  -- the turn of the transaction that made the change (sheaf.feed_turn), no number of any one server
  xid xid8 not null,
  id bigint generated always as identity,
  branch_id int not null,
  entity text not null,
  entity_id uuid not null,
  primary key (xid, id)
);
-- sync pages through one branch's changes in order
create index change_feed_branch on sheaf.change_feed (branch_id, xid, id);
-- and passes over what has changed again since
create index change_feed_entity on sheaf.change_feed (entity_id, xid, id);

-- The lives in which desks were given places. Another server, timeline or table begins a history, and so does who says so.
create table sheaf.feed_life (
  number int primary key,
  token text not null unique check (token ~ '^[0-9a-f]{12}$'),
  history int not null,
  server bigint not null,
  system bigint not null,
  timeline text not null,
  feed oid not null,
  first_turn xid8 not null
);
