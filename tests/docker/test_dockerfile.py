"""docker/Dockerfile copies what is there, all that is imported, and runs as nobody special."""

from __future__ import annotations

import tomllib
from fnmatch import fnmatch

from django.conf import settings

from mes.core.api.pages import SCHEMA_FILE
from tests.docker.stack import DOCKER, ROOT, SERVICES, copied_from_the_checkout, dockerfile


def words(word: str) -> list[str]:
    return [item.text for item in dockerfile() if item.word == word]


def test_each_path_that_is_copied_is_there() -> None:
    missing = [path for path in copied_from_the_checkout() if not (ROOT / path).exists()]
    assert missing == []


def test_all_that_runs_is_copied() -> None:
    copied = set(copied_from_the_checkout())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert set(project["tool"]["importlinter"]["root_packages"]) <= copied
    assert {"manage.py", "requirements.lock", "docker/gunicorn.conf.py"} <= copied
    assert any(SCHEMA_FILE.startswith(path) for path in copied)


def test_the_builder_is_sent_just_what_is_copied() -> None:
    ignore = (DOCKER / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in ignore
    assert {line[1:] for line in ignore if line.startswith("!")} == set(copied_from_the_checkout())
    assert not any(
        fnmatch("mes/core/locale/zh_Hans/LC_MESSAGES/django.po", line) for line in ignore[2:] if line[0] != "!"
    )


def test_the_image_runs_as_an_ordinary_user_on_checked_packages() -> None:
    assert words("USER") == ["10001:10001"]
    assert len(words("FROM")) == 2
    install = next(text for text in words("RUN") if "pip install" in text)
    assert "--require-hashes --requirement /tmp/requirements.lock" in install
    assert "requirements-dev" not in "".join(item.text for item in dockerfile())


def test_no_secret_is_left_in_the_image() -> None:
    named = " ".join(words("ENV") + words("ARG"))
    assert not any(name in named for name in ("SECRET_KEY", "PEPPER", "PASSWORD", "DATABASE_URL"))


def test_the_files_are_collected_into_the_folder_that_is_served() -> None:
    collect = next(text for text in words("RUN") if "collectstatic" in text)
    assert "STATIC_ROOT=/opt/mes/static" in collect
    assert "STATIC_ROOT=/opt/mes/static" in words("ENV")[-1]
    needed = [variable.name for variable in settings.ENVIRONMENT_VARIABLES if variable.default is None]
    assert all(f"{name}=" in collect for name in needed)


def test_the_planner_is_compiled_where_it_will_run_and_for_the_same_machines() -> None:
    compiled = next(number for number, text in enumerate(words("RUN")) if text.endswith("production.planning compile"))
    assert "NUMBA_CPU_NAME=generic" in words("RUN")[compiled]
    assert "NUMBA_CPU_NAME=generic" in words("ENV")[-1]
    assert "NUMBA_CACHE_DIR" not in " ".join(words("RUN") + words("ENV"))
    assert words("WORKDIR")[0] == words("WORKDIR")[1]


def test_the_images_own_command_is_the_webs() -> None:
    assert words("CMD") == [str(SERVICES["web"]["command"]).replace("'", '"')]
