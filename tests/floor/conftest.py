from tests.plans.conftest import park, sql, standing_clock  # noqa: F401 - the same small park
