-- Roles and database of the system: one template for the launcher, the containers and CI.
-- Run by mes/embedded/provision.py, which fills the names in braces. May be run again at any time.
-- Rights on tables are not here: the command "migrate" writes them from the models.

-- [cluster] as superuser, in the database "postgres"

DO $$
DECLARE wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY[
        'mes_owner', 'mes_web', 'mes_worker', 'mes_firm', 'mes_staff', 'mes_planner', 'mes_exchange'
    ] LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I', wanted);
        END IF;
    END LOOP;
END $$;

-- The owner migrates and backs up. It may make databases only where they come and go: demo, tests, development.
ALTER ROLE mes_owner LOGIN INHERIT NOSUPERUSER {createdb} NOCREATEROLE NOREPLICATION NOBYPASSRLS
    PASSWORD {owner_password};
-- NOINHERIT: a server process has the rights of a working role only between SET ROLE and the end of its transaction.
ALTER ROLE mes_web LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
    PASSWORD {web_password};
ALTER ROLE mes_worker LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
    PASSWORD {worker_password};
ALTER ROLE mes_firm NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE mes_staff NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE mes_planner NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE mes_exchange NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;

-- Exactly these memberships: a missing one is granted, any other one of our roles is taken away.
-- PostgreSQL 16 and later freeze INHERIT into the grant, so there it is said outright.
DO $$
DECLARE
    inherited CONSTANT text :=
        CASE WHEN current_setting('server_version_num')::int >= 160000 THEN ' WITH INHERIT %s, SET TRUE' ELSE '' END;
    wanted CONSTANT text[] := {memberships};
    pair text;
    other record;
BEGIN
    FOR other IN
        SELECT g.rolname AS granted, m.rolname AS member, r.rolname AS grantor
        FROM pg_catalog.pg_auth_members a
        JOIN pg_catalog.pg_roles g ON g.oid = a.roleid
        JOIN pg_catalog.pg_roles m ON m.oid = a.member
        JOIN pg_catalog.pg_roles r ON r.oid = a.grantor
        WHERE m.rolname IN
            ('mes_owner', 'mes_web', 'mes_worker', 'mes_firm', 'mes_staff', 'mes_planner', 'mes_exchange')
          AND g.rolname || ' ' || m.rolname <> ALL (wanted)
    LOOP
        EXECUTE format('REVOKE %I FROM %I GRANTED BY %I', other.granted, other.member, other.grantor);
    END LOOP;
    FOREACH pair IN ARRAY wanted LOOP
        EXECUTE format('GRANT %I TO %I', split_part(pair, ' ', 1), split_part(pair, ' ', 2))
             || format(inherited, CASE WHEN split_part(pair, ' ', 2) = 'mes_owner' THEN 'TRUE' ELSE 'FALSE' END);
    END LOOP;
END $$;

-- Tests put rows back below triggers and foreign keys, as the owner; nobody else may go below them.
{below_triggers};

-- [database] as mes_owner, in the database itself

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO mes_web, mes_worker, mes_firm, mes_staff, mes_planner, mes_exchange;
-- Without IN SCHEMA, which could not take away what PUBLIC has by default.
-- No default rights on tables: a new table that nobody has classed is closed to all.
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
CREATE EXTENSION IF NOT EXISTS btree_gist;

-- [connect] as mes_owner; a copy made with TEMPLATE does not take these along

REVOKE ALL ON DATABASE {database} FROM PUBLIC;
GRANT CONNECT ON DATABASE {database} TO mes_web, mes_worker;
