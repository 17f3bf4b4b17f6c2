from tests.demo.conftest import sample, seeded_park  # noqa: F401 - the sample park as committed rows
