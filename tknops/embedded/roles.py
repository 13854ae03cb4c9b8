"""Roles of the embedded ledger: an owner for migrations, an application that cannot rewrite."""

import psycopg
from psycopg import sql

from tknops.embedded.layout import Layout
from tknops.embedded.liveness import PORT

SUPERUSER, OWNER, APP, DATABASE = "tknops_root", "tknops_owner", "tknops_app", "tknops"


def ensure_roles(layout: Layout) -> None:
    """Create roles, database and default rights where they are missing.

    A migration takes UPDATE and DELETE on the ledger's tables back from the application.
    """
    with _connect(layout, "postgres") as server:
        roles = {row[0] for row in server.execute("SELECT rolname FROM pg_roles")}
        for role, rights in ((OWNER, "LOGIN CREATEDB"), (APP, "LOGIN")):
            if role not in roles:
                statement = sql.SQL("CREATE ROLE {} " + rights)
                server.execute(statement.format(sql.Identifier(role)))
        if not server.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
        ).fetchone():
            server.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER} ENCODING 'UTF8'")
    for name in (DATABASE, "template1"):  # the template: for test and restored databases
        with _connect(layout, name) as database:
            database.execute(_DEFAULT_RIGHTS)


_DEFAULT_RIGHTS = f"""
    GRANT CREATE ON SCHEMA public TO {OWNER};
    GRANT USAGE ON SCHEMA public TO {APP};
    ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA public
        GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP};
    ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA public
        GRANT USAGE, SELECT ON SEQUENCES TO {APP};
"""


def _connect(layout: Layout, database: str) -> psycopg.Connection:
    return psycopg.connect(
        host=str(layout.sockets), port=PORT, user=SUPERUSER, dbname=database, autocommit=True
    )
