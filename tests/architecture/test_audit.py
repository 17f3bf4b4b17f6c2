"""Whoever writes leaves an audit row, and each verb in one has words, in English and in Chinese."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

from django.utils.translation import override

from mes.firms.access import ACCESS
from mes.firms.verbs import VERBS, in_words
from tests.architecture.calls import Function, functions, reached

RECORD = "mes.core.audit.record"
REQUIRE = "mes.firms.access.require"
WRITES = {"create", "bulk_create", "bulk_update", "update_or_create", "get_or_create", "save", "delete", "create_user"}
STATEMENT = re.compile(r"\s*(INSERT|UPDATE|DELETE)\b")
# They write what is told of elsewhere: rows for jobs and handlers, numbers, events.
MACHINERY = ("mes.core.",)
DYNAMIC = {"proposal.declined", "proposal.expired", "proposal.withdrawn"}

# Writers without an audit row of their own, and why.
SILENT = {
    "mes.batches.services.batches.batch_work": "the service of each item leaves its row",
    "mes.firms.services.walls.session_read_record": "writes the log of what was read, which the firm reads",
    "orders.sales.services.progress.plan_states_set": "in bulk for the planner; the publication's row stands for all",
    "production.plans.services.live_rows.lines_write": "in bulk for the planner; the publication's row stands for all",
    "orders.sales.services.lines.line_insert": "part of sales_order_create and sales_order_line_add, which leave rows",
}


def services() -> list[Function]:
    """Public functions of service modules with an actor, or in a transaction of their own."""
    return [
        function
        for function in functions().values()
        if "services" in function.module.split(".") and not function.module.startswith("mes.embedded")
        if not function.node.name.startswith("_")
        if "actor" in function.parameters
        or "transaction.atomic" in {ast.unparse(decorator) for decorator in function.node.decorator_list}
    ]


def _writes(name: str) -> bool:
    if name == "mes.core.states.move":
        return True
    if name.startswith(MACHINERY) or name not in functions():
        return False
    return any(_is_write(node) for node in ast.walk(functions()[name].node) if isinstance(node, ast.Call))


def _is_write(call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute):
        return False
    if call.func.attr == "update":
        return bool(call.keywords)  # of a queryset; a dictionary is not updated so
    if call.func.attr == "execute" and call.args and isinstance(call.args[0], ast.Constant):
        return STATEMENT.match(str(call.args[0].value)) is not None
    return call.func.attr in WRITES


def verbs_of(function: Function) -> Iterator[str]:
    """The verbs, written out, with which the function has audit rows written, here or by who gets them from it."""
    for name, call in function.calls():
        if name == RECORD or name in forwarding():
            given = functions()[name].given(call).get("verb")
            if isinstance(given, ast.Constant):
                yield str(given.value)


@cache
def forwarding() -> frozenset[str]:
    """Functions that record the verb which they are given."""
    found: set[str] = set()
    while True:
        more = {
            function.name
            for function in functions().values()
            if "verb" in function.parameters and function.name not in found
            for name, call in function.calls()
            if name == RECORD or name in found
            if ast.unparse(functions()[name].given(call).get("verb", ast.Constant(""))) == "verb"
        }
        if not more:
            return frozenset(found)
        found |= more


def recorded() -> set[str]:
    return {verb for function in functions().values() for verb in verbs_of(function)} | DYNAMIC


def test_a_service_that_writes_leaves_an_audit_row() -> None:
    assert len(services()) > 50
    silent = {
        service.name
        for service in services()
        if RECORD not in reached(service.name) and any(map(_writes, reached(service.name)))
    }
    assert silent == set(SILENT)
    assert all(SILENT.values())


def test_every_verb_of_the_access_table_is_required_by_a_service_that_leaves_an_audit_row_or_only_reads() -> None:
    required, read = set(), set()
    for function in functions().values():
        texts = {node.value for node in ast.walk(function.node) if isinstance(node, ast.Constant)}
        if RECORD in reached(function.name):
            required |= {text for text in texts if isinstance(text, str)}
        elif not any(map(_writes, reached(function.name))):
            read |= {text for text in texts if isinstance(text, str) and text.endswith(".read")}
    constants = {"calendar.edit", "pool.edit", "stock.book"}  # named once at the top of their modules
    assert set(ACCESS) - required - constants == read & set(ACCESS) == {"capacity_band.read"}


def test_every_verb_that_is_recorded_has_words_and_no_words_stand_for_nothing() -> None:
    assert len(recorded()) > 50
    assert recorded() == set(VERBS)


def test_the_words_are_chinese_in_chinese() -> None:
    for verb in VERBS:
        with override("zh-hans"):
            assert re.search(r"[\u4e00-\u9fff]", in_words(verb)), verb
        with override("en"):
            assert not re.search(r"[\u4e00-\u9fff]", in_words(verb)), verb
    assert in_words("of.yore") == "of.yore"


def test_an_event_of_procurement_that_names_a_firm_is_kept_to_the_round_officers() -> None:
    """Audit rows take it from their object's model; an event has none."""
    named = [
        {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
        for function in functions().values()
        if function.module.startswith("procurement.")
        for name, call in function.calls()
        if name == "mes.core.outbox.tell"
    ]
    named = [given for given in named if "firm_id" in given]
    assert len(named) > 5
    assert [given["topic"] for given in named if given.get("of_round") != "True"] == []
