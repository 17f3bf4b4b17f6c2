"""Django's engine for PostgreSQL: ``ENGINE = "mes.core.postgres"``."""
