from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test.testcases import LiveServerThread

from tests.desk.conftest import park  # noqa: F401 - the same lively park
from tests.plans.small_park import SmallPark


@pytest.fixture(scope="module")
def served(park: SmallPark) -> Iterator[str]:  # noqa: F811 - pytest hands it in by this name
    """Address of a server over the lively park, in a thread of its own, as mes_web."""
    thread = LiveServerThread("127.0.0.1", StaticFilesHandler)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    if thread.error:
        raise thread.error
    yield f"http://127.0.0.1:{thread.port}"
    thread.terminate()
