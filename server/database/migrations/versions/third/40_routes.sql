-- A route has a door: money between balances moves in our books and nowhere else, and no bank's money ever does.

-- Rows of tables from before stand as they are, and no payment is led by one that breaks this. What an earlier version has
-- inserted in this very transaction is checked for gaps first.
set constraints sheaf.no_gaps immediate;
alter table sheaf.payment_route add constraint payment_route_door check (
  (channel = 'internal') = (operation = 'transfer' or bank = 'ours') and not (operation = 'withdrawal' and bank = 'ours')) not valid;
set constraints sheaf.no_gaps deferred;

create function sheaf.refuse_impossible_way() returns trigger language plpgsql as $$
begin
  raise exception 'a payment to a % can''t take the channel %', new.destination, new.channel using errcode = 'SH043';
end $$;
create trigger possible_way before insert on sheaf.intent for each row
  when ((new.channel = 'internal') <> (new.destination = 'balance')) execute function sheaf.refuse_impossible_way();

-- Whether a channel is served: which executors live, and what they say of their channels.
grant select (id, beat_at) on sheaf.executor to sheaf_api, sheaf_auditor;
