"""The shape of the code, read from the files themselves."""

from __future__ import annotations

import ast
import re
from importlib import import_module

from celery import current_app

from mes.core import jobs, outbox, schedule
from mes.core.tenancy import Tenancy
from mes.core.walls import walled_models
from tests.architecture.source import CHECKOUT, Source, called, sources

MOST_LINES = 400
MOST_FUNCTION_LINES = 60
MOST_KERNEL_FUNCTION_LINES = 120
BANNED_NAMES = {"utils", "util", "helpers", "helper", "misc", "common"}
CLOCKS = {"business_now", "database_now"}
DOORS = {"account", "api", "admin", "tasks", "management", "middleware"}
# The machinery's own task bodies, which no door calls with a time: beat and the outbox run by themselves.
CLOCK_READERS = {"mes.core.clock", "mes.core.schedule", "mes.core.outbox", "mes.hooks.services.sending"}
# The sample park plays the people at the doors.
PLAYED_DOORS = {"mes.demo"}


def test_files_are_short() -> None:
    everything = [*sources(), *sources("tests"), Source(CHECKOUT / "manage.py")]
    assert {source.name: source.lines for source in everything if source.lines > MOST_LINES} == {}


def test_functions_are_short() -> None:
    long = {}
    for source in (*sources(), *sources("tests")):
        most = MOST_KERNEL_FUNCTION_LINES if "kernel" in source.name else MOST_FUNCTION_LINES
        for function in source.functions():
            lines = (function.end_lineno or function.lineno) - function.lineno + 1
            if lines > most:
                long[f"{source.name}:{function.name}"] = lines
    assert long == {}


def test_no_file_is_named_for_leftovers() -> None:
    assert [source.name for source in (*sources(), *sources("tests")) if source.parts & BANNED_NAMES] == []


def services() -> list[tuple[Source, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Public functions of service modules that act for somebody."""
    return [
        (source, node)
        for source in sources()
        if "services" in source.parts and "embedded" not in source.parts
        for node in source.tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_")
        if any(argument.arg == "actor" for argument in (*node.args.args, *node.args.kwonlyargs, *node.args.posonlyargs))
    ]


def test_services_take_keywords_only_and_say_their_types() -> None:
    assert len(services()) > 10
    for source, function in services():
        where = f"{source.name}:{function.name}"
        assert not function.args.args, where
        assert not function.args.posonlyargs, where
        assert function.args.vararg is None, where
        assert function.returns is not None, where


def test_a_service_that_authorises_and_tells_is_one_transaction() -> None:
    whole = [
        (source, function)
        for source, function in services()
        if {"require", "record"} <= {called(node) for node in ast.walk(function) if isinstance(node, ast.Call)}
    ]
    assert len(whole) > 5
    for source, function in whole:
        decorators = {ast.unparse(decorator) for decorator in function.decorator_list}
        assert "transaction.atomic" in decorators, f"{source.name}:{function.name}"


def test_each_model_says_its_tenancy_class_itself() -> None:
    silent = [model._meta.label for model in walled_models() if not isinstance(vars(model).get("tenancy"), Tenancy)]
    assert silent == []


def bodies_of_jobs() -> set[str]:
    """Modules with functions that jobs and events call: they open walls and read the clock as doors do."""
    handlers = [handler for topic in outbox._handlers.values() for handler in topic]
    return {function.__module__ for function in (*jobs._functions.values(), *handlers)}


def test_clocks_are_read_in_doors_and_bodies_of_jobs_alone() -> None:
    found = [
        source.name
        for source in sources()
        for clock in CLOCKS
        if any(source.calls(clock))
        if not source.parts & DOORS and source.module not in CLOCK_READERS | bodies_of_jobs()
        if not any(source.module.startswith(played) for played in PLAYED_DOORS)
    ]
    assert found == []


def test_no_other_clock_is_read() -> None:
    forbidden = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "timezone.now", "time.time"}
    found = [
        f"{source.name}:{node.lineno}"
        for source in sources()
        if "embedded" not in source.parts  # it waits for servers; it knows no business time
        if source.module != "mes.core.healthy"  # it asks a file's age, without a database
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and ".".join(ast.unparse(node.func).split(".")[-2:]) in forbidden
    ]
    assert found == []


def test_django_signals_are_not_used() -> None:
    found = [
        source.name
        for source in sources()
        for name in source.imported()
        if name.startswith("django.dispatch") or re.match(r"django\..*\bsignals\b", name)
    ]
    assert found == []


def test_no_import_hides_in_a_function_unless_it_says_why() -> None:
    hidden = []
    for source in sources():
        text = source.path.read_text(encoding="utf-8").splitlines()
        for function in source.functions():
            hidden += [
                f"{source.name}:{node.lineno}"
                for node in ast.walk(function)
                if isinstance(node, ast.Import | ast.ImportFrom) and "PLC0415 - " not in text[node.lineno - 1]
                if (source.path.name, function.name) != ("apps.py", "ready")  # Django has no earlier moment
            ]
    assert hidden == []


def constant(source: Source, node: ast.expr) -> str:
    """The value of a literal or of a name that the source's module knows."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    value: object = import_module(source.module)
    for part in ast.unparse(node).split("."):
        value = getattr(value, part)
    return str(value)


def test_every_kind_of_job_that_is_enqueued_has_a_function() -> None:
    kinds = {
        constant(source, keyword.value)
        for source in sources()
        if source.module != "mes.core.schedule"
        for call in source.calls("enqueue")
        for keyword in call.keywords
        if keyword.arg == "kind"
    }
    assert kinds
    assert kinds <= jobs.registered_kinds()
    assert set(schedule._schedules) <= jobs.registered_kinds()


def test_every_topic_that_somebody_listens_to_is_told_somewhere() -> None:
    tellers = [source for source in sources() if any(source.calls("tell"))]
    words = {
        str(node.value)
        for source in tellers
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    for topic in outbox._handlers:
        family = topic.partition(".")[0] + "."
        assert topic in words or family in words, f"{topic} is told nowhere"


def test_the_tasks_of_the_machinery_are_known_and_beat_rings_them() -> None:
    current_app.loader.import_default_modules()
    wanted = {"core.run_job", "core.sweep", "core.tick", "core.tell", "hooks.deliver"}
    assert wanted <= set(current_app.tasks)
    assert {entry["task"] for entry in current_app.conf.beat_schedule.values()} == wanted - {"core.run_job"}


def test_sources_know_this_file() -> None:
    """The control: a wrong path would make every test above pass on nothing."""
    assert "tests/architecture/test_shape.py" in {source.name for source in sources("tests")}
    assert len(sources()) > 100
