from tests.factories.logins import worker_db, worker_login

__all__ = ["worker_db", "worker_login"]
