from __future__ import annotations

from typing import Any

from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState, StateApps

from mes.core.migrating import quick_states


def described(apps: StateApps) -> dict[str, Any]:
    """What operations ask of the classes: columns, relations both ways, indexes and constraints."""
    return {
        model._meta.label: (
            [str(field.deconstruct()) for field in model._meta.local_fields],
            sorted(str(relation) for relation in model._meta.related_objects),
            [index.deconstruct() for index in model._meta.indexes],
            [constraint.deconstruct() for constraint in model._meta.constraints],
        )
        for model in apps.get_models(include_auto_created=True, include_swapped=True)
    }


def test_after_all_migrations_the_classes_are_those_that_the_last_state_makes() -> None:
    loader = MigrationLoader(None)
    state = ProjectState(real_apps=set(loader.unmigrated_apps))
    plan = {node: None for leaf in loader.graph.leaf_nodes() for node in loader.graph.forwards_plan(leaf)}
    with quick_states():
        assert state.apps is not None  # made at first asking, and kept up from then on
        for node in plan:
            loader.graph.nodes[node].mutate_state(state, preserve=False)
    kept = described(state.apps)
    assert len(kept) > 100
    assert kept == described(StateApps(state.real_apps, state.models))
