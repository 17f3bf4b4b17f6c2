"""The only proposal there is, and acts that race on connections of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.db import connection

from mes.core.actors import DatabaseRole
from mes.core.errors import DomainError
from mes.core.wall import wall
from production.plans.models import Proposal


def the_proposal() -> Proposal:
    with wall(DatabaseRole.PLANNER):
        return Proposal.objects.get()


def race(acts: list[Callable[[], None]]) -> int:
    """Runs all acts at once on connections of their own. Returns how many acceptances went through."""
    barrier = threading.Barrier(len(acts))
    through: list[str] = []
    broken: list[BaseException] = []

    def run(act: Callable[[], None]) -> None:
        try:
            barrier.wait()
            act()
            through.append(act.__name__)
        except DomainError:
            pass
        except BaseException as error:
            broken.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert broken == []
    return through.count("accept")
