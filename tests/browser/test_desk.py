"""Every page of the desk in Chromium, in Chinese; its lists and pages of their own in English as well.

Pictures of the Chinese ones are kept in var/screenshots.

The pages are those of the site's registry, the registered pages and the ways in and out: who adds a list or a page is
crawled without being named here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib import admin
from django.db import models
from django.test import Client
from django.urls import reverse

from mes.catalog.models import Routing
from mes.core.actors import DatabaseRole
from mes.core.desk.lists import DeskAdmin
from mes.core.desk.pages import PAGES
from mes.core.wall import wall
from mes.firms.models import User
from production.machines.models import ShiftPattern
from tests.browser.crawl import Seen, Visit, crawl
from tests.browser.words import english_left
from tests.database import CHECKOUT
from tests.plans.small_park import SmallPark

PICTURES = CHECKOUT / "var" / "screenshots"
LANGUAGES = ("zh-hans", "en")
OF_ONE_ROW = re.compile("-row$|-act-")
_OUTSIDE = (
    Visit("sign-in", "/account/sign-in", "#sign-in"),
    Visit("welcome", "/account/welcome", "#welcome"),
)


def visits() -> Iterator[Visit]:
    """What somebody who is signed in can open."""
    account = "#nav-sidebar-inner > div:last-child > div"
    yield Visit("index", reverse("admin:index"), "#content", drawer=account)
    yield Visit("password", reverse("admin:password_change"), "#id_old_password")
    for page in PAGES:
        keys = [] if page.about is None else [_first(page.about)]
        yield Visit(f"page-{page.name}", page.address(*keys), page.key_element)
    for model, its_admin in admin.site._registry.items():
        assert isinstance(its_admin, DeskAdmin)
        yield from _of_model(model, its_admin)


def _of_model(model: type[models.Model], its_admin: DeskAdmin) -> Iterator[Visit]:
    name = f"{model._meta.app_label}-{model._meta.model_name}"
    route = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    filters = "a:has-text('filter_list')" if its_admin.list_filter else ""
    yield Visit(f"{name}-list", reverse(f"{route}_changelist"), "#changelist", drawer=filters)
    yield Visit(f"{name}-row", reverse(f"{route}_change", args=[_first(model)]), "fieldset")
    for act in its_admin.acts_on_list:
        yield Visit(f"{name}-act-{act.name}", reverse(f"{route}_act_on_list", args=[act.name]), ".desk-form")
    for act in its_admin.all_acts_on_row:
        address = reverse(f"{route}_act_on_row", args=[_first(model), act.name])
        yield Visit(f"{name}-act-{act.name}", address, ".desk-form")


def _first(model: type[models.Model]) -> object:
    with wall(DatabaseRole.STAFF):
        key = model._base_manager.values_list("pk", flat=True).first()
    assert key is not None, f"the lively park has no {model._meta.label}"
    return key


def _names_in_rows() -> set[str]:
    """Latin words that rows hold and pages show: English names, people, codes that are words."""
    columns = (
        *((model, "name_en") for model in admin.site._registry if _has(model, "name_en")),
        (User, "username"),
        (ShiftPattern, "code"),
        (Routing, "variant"),
    )
    with wall(DatabaseRole.STAFF):
        found = {text for model, name in columns for text in model._base_manager.values_list(name, flat=True)}
    return {word for text in found for word in re.split(r"[\s@]", text)}


def _has(model: type[models.Model], name: str) -> bool:
    return any(field.name == name for field in model._meta.fields)


@pytest.fixture(scope="module")
def seen(served: str, park: SmallPark) -> dict[str, list[Seen]]:
    """What the browser saw, by language; both at once."""
    with wall(DatabaseRole.STAFF):
        chair = User.objects.get(username="chair")
    client = Client()
    client.force_login(chair)
    session = client.cookies["sessionid"].value
    wanted = list(visits())
    assert len({visit.name for visit in wanted}) == len(wanted)

    def both(language: str) -> list[Seen]:
        is_chinese = language == "zh-hans"
        pictures = PICTURES / language if is_chinese else None
        outside = crawl(served, _OUTSIDE, language=language, session=None, pictures=pictures)
        # What a row and a form of an act are made of stands on the lists, too: one language does for them.
        there = [visit for visit in wanted if is_chinese or not OF_ONE_ROW.search(visit.name)]
        return outside + crawl(served, there, language=language, session=session, pictures=pictures)

    # In threads of their own: the browser's library runs an event loop, which Django refuses beside its queries.
    with ThreadPoolExecutor(len(LANGUAGES)) as pool:
        return dict(zip(LANGUAGES, pool.map(both, LANGUAGES), strict=True))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_opens_without_a_fault_and_asks_no_other_machine(seen: dict[str, list[Seen]], language: str) -> None:
    assert {look.visit.name: look.faults for look in seen[language] if look.faults} == {}


def test_no_english_is_left_on_a_chinese_page(seen: dict[str, list[Seen]]) -> None:
    data = _names_in_rows()
    pages_of: dict[str, list[str]] = {}
    for look in seen["zh-hans"]:
        for word in english_left(look.text, data=data):
            pages_of.setdefault(word, []).append(look.visit.name)
    assert not pages_of, "\n".join(f"{word}: {pages[:3]}" for word, pages in sorted(pages_of.items()))


def test_english_is_spoken_where_it_is_asked_for(seen: dict[str, list[Seen]]) -> None:
    """Chinese stands on an English page as a name in a row, not in headings and buttons."""
    names = {look.visit.name for look in seen["zh-hans"]}
    assert {look.visit.name for look in seen["en"]} == {name for name in names if not OF_ONE_ROW.search(name)}
    index = next(look for look in seen["en"] if look.visit.name == "index")
    assert "今日" not in index.text
