-- Every process asks before it serves which schema it has met.
grant select on sheaf.alembic_version to sheaf_executor, sheaf_statements;

-- The oldest code (by the newest version that it knows) whose processes survive this schema. A later migration that only
-- adds leaves it as it is: processes of before it go on while new ones are started. One that takes something away
-- replaces it by its own number.
create function sheaf.oldest_code() returns text language sql immutable parallel safe as $$ select '0004' $$;
grant execute on function sheaf.oldest_code() to sheaf_api, sheaf_executor, sheaf_statements;
