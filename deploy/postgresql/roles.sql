-- The database and three roles, for psql as a superuser, before the first `carillon migrate`. Harmless the second time.
-- Nobody has a password: on one machine each signs in as the system user of the same name (`peer`, as Debian has it).
-- For a server that is reached over the network give each its own: \password carillon
\set ON_ERROR_STOP on

SELECT 'CREATE ROLE ' || name || ' LOGIN'
FROM unnest(ARRAY['carillon_owner', 'carillon', 'carillon_backup']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec

SELECT 'CREATE DATABASE carillon OWNER carillon_owner TEMPLATE template0 ENCODING ''UTF8'' LOCALE ''C.UTF-8'''
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'carillon') \gexec

-- Only these three come in. TEMPORARY: rebuilding tasks and inboxes compares by a table of its own.
REVOKE ALL ON DATABASE carillon FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE carillon TO carillon;
GRANT CONNECT ON DATABASE carillon TO carillon_backup;

\connect carillon

-- `carillon_owner` migrates. It owns every table, and with them the triggers that keep the log.
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO carillon_owner;

-- `carillon` serves and follows. It owns nothing: it can neither drop or empty a table, nor turn a trigger off, and the
-- triggers refuse whatever would change the log.
GRANT USAGE ON SCHEMA public TO carillon;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO carillon;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO carillon;

-- `carillon_backup` reads, for dumps and audits.
GRANT USAGE ON SCHEMA public TO carillon_backup;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO carillon_backup;
GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO carillon_backup;

-- The same for what later migrations make.
ALTER DEFAULT PRIVILEGES FOR ROLE carillon_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO carillon;
ALTER DEFAULT PRIVILEGES FOR ROLE carillon_owner IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO carillon;
ALTER DEFAULT PRIVILEGES FOR ROLE carillon_owner IN SCHEMA public GRANT SELECT ON TABLES TO carillon_backup;
ALTER DEFAULT PRIVILEGES FOR ROLE carillon_owner IN SCHEMA public GRANT SELECT ON SEQUENCES TO carillon_backup;

-- Where no server sets them itself: a command that hangs holds no lock for ever.
ALTER ROLE carillon IN DATABASE carillon SET idle_in_transaction_session_timeout = '10min';
