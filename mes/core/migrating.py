"""Migrations without rendering the park's models again and again.

A migration keeps the models as they stand between two operations. For each new model, field, index or constraint Django
makes anew the classes of all models that are related to it, and here all are related to the firm: some ten thousand
classes, most of the time that an empty database took. A class that is made beside the others, as when the application
starts, and a field or an index that is added to its class say the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.migrations.state import ModelState, ProjectState
from django.db.models import NOT_PROVIDED, Field


@contextmanager
def quick_states() -> Iterator[None]:
    """Within the block migrations render what is new alone."""
    before = {name: getattr(ProjectState, name) for name in _QUICK}
    for name, quick in _QUICK.items():
        setattr(ProjectState, name, quick)
    try:
        yield
    finally:
        for name, slow in before.items():
            setattr(ProjectState, name, slow)


def _add_model(state: Any, model_state: ModelState) -> None:
    key = model_state.app_label, model_state.name_lower
    state.models[key] = model_state
    if state._relations is not None:  # noqa: SLF001 - as ProjectState.add_model does
        state.resolve_model_relations(key)
    if _is_rendered(state):
        state.apps.render_multiple([model_state])


def _add_field(
    state: Any, app_label: str, model_name: str, name: str, field: Field[Any, Any], preserve_default: object
) -> None:
    key = app_label, model_name
    if not preserve_default:
        field = field.clone()
        field.default = NOT_PROVIDED
    state.models[key].fields[name] = field
    if state._relations is not None:  # noqa: SLF001
        state.resolve_model_field_relations(key, name, field)
    if _is_rendered(state):
        state.apps.get_model(*key).add_to_class(name, field.clone())


def _append_option(state: Any, app_label: str, model_name: str, option_name: str, added: Any) -> None:
    options = state.models[app_label, model_name].options
    options[option_name] = [*options[option_name], added]
    if _is_rendered(state):
        meta = state.apps.get_model(app_label, model_name)._meta
        setattr(meta, option_name, [*getattr(meta, option_name), added])


def _is_rendered(state: Any) -> bool:
    return "apps" in vars(state)


_QUICK = {"add_model": _add_model, "add_field": _add_field, "_append_option": _append_option}
