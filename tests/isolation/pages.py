"""The routes that are not below /api/v1: what each names, and what each caller is answered there.

Routes come from the resolver. A list of the desk is recognised by its model, each other route stands in the tables
here with what it is; one that is missing fails in test_other_doors.py with the words that say so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote

from django.contrib import admin
from django.db import models
from django.urls import get_resolver

from mes.core.desk.lists import DeskAdmin
from mes.core.walls import tenancy_of
from mes.firms.access import STAFF_VIEWS
from mes.firms.choices import Role
from tests.api.test_page import ADDRESSES, OPEN, patterns

DESK, ACCOUNT = "desk", "account"
OUTSIDERS = ("anonymous", "other firm", "key of another firm", "expired key", "revoked key")
"""Whoever is not signed in as one of the association: a page leads them to the page of signing in."""
STAFF = {
    "barred staff": Role.DISPATCHER,
    "staff without session": Role.ADMINISTRATOR,
    "round officer": Role.ROUND_OFFICER,
}

# What the desk serves of each list, below the list's own address.
OF_A_LIST = {"", "add/", "act/{name}/"}
# The same of a row → what somebody with the list is answered, by GET and by POST, about a row that he does not see.
OF_A_ROW = {
    "{id}/change/": (404, 403),  # nobody changes or deletes but by an act
    "{id}/delete/": (403, 403),
    "{id}/history/": (404, 404),
    "{id}/": (302, 302),  # to the page of the key that was sent
    "{id}/act/{name}/": (404, 404),
    "{id}/progress/": (404, 404),
}
# The same for somebody without the list, where it is not 403.
WITHOUT_THE_LIST = {"{id}/history/": 404, "{id}/": 302}
# Routes that name no firm's object: whose pages they are, and why. "" is everybody's.
OF_NO_OBJECT: dict[str, tuple[str, str]] = {
    "": ("", "leads to the desk"),
    "admin/": (DESK, "counts, each of which is its list's (test_every_page)"),
    "admin/gantt/": (DESK, "rows of all machines that its reader sees (test_barred)"),
    "admin/new-scenario/": (DESK, "a form; choices are what its reader sees (test_barred)"),
    "admin/savings/": (DESK, "rounds without those in which its reader has an interest (tests/savings)"),
    "admin/scheduled-jobs/": (DESK, "the machinery's schedules"),
    "admin/search/": (DESK, "names of lists alone (test_leaks)"),
    "admin/autocomplete/": (DESK, "rows of a list that its reader sees (test_leaks, test_barred)"),
    "admin/jsi18n/": (DESK, "words of the library"),
    "admin/password_change/": (DESK, "the person's own"),
    "admin/password_change/done/": (DESK, "the person's own"),
    "admin/login/": ("", "leads to the page of signing in"),
    "admin/logout/": ("", "ends the caller's own session"),
    "admin/{app_label}/": (DESK, "names of an app's lists"),
    "admin/{url}": (DESK, "nothing: not found"),
    "account/": (ACCOUNT, "the person's own"),
    "account/password": (ACCOUNT, "the person's own"),
    "account/keys": (ACCOUNT, "the keys of the person's firm"),
    "account/export": (ACCOUNT, "what the person's firm has (test_export)"),
    "account/sign-in": ("", "a form"),
    "account/second-factor": ("", "the caller's own, halfway in"),
    "account/second-factor/set-up": ("", "the caller's own, halfway in"),
    "account/second-factor/own": ("", "the person's own"),
    "account/sign-out": ("", "ends the caller's own session"),
    "account/welcome": ("", "a form; codes are tried in test_codes"),
    "i18n/setlang/": ("", "a cookie"),
    "livez": ("", "whether the process lives"),
    "readyz": ("", "whether the database answers"),
    "api/v1/schema": ("", "the schema, alike for all"),
    "api/v1/docs": ("", "the schema's page"),
}
# Routes of the account that name a row, and the rows.
OF_AN_OBJECT = {"account/keys/{id}/revoke": "firms.ApiKey"}


@dataclass(frozen=True)
class Page:
    """An address of a list of the desk; `rest` is what of it follows the list's own."""

    model: type[models.Model]
    rest: str
    act: str = ""

    @property
    def is_of_a_row(self) -> bool:
        return "{id}" in self.rest

    def path(self, key: object = "") -> str:
        return f"/{base_of(self.model)}{self.rest}".replace("{id}", str(key)).replace("{name}", self.act)

    def status(self, who: str, method: str) -> int:
        """What one of the association is answered about a row that he does not see."""
        if not has_list(who, self.model):
            return WITHOUT_THE_LIST.get(self.rest, 403)
        return OF_A_ROW[self.rest][method == "post"]


def base_of(model: type[models.Model]) -> str:
    return f"admin/{model._meta.app_label}/{model._meta.model_name}/"


def has_list(who: str, model: type[models.Model]) -> bool:
    """Whether one of the association has the list at all."""
    return STAFF[who] in STAFF_VIEWS[model._meta.label_lower]


def is_opened(model: type[models.Model]) -> bool:
    """Whether a read session opens a firm's rows of it."""
    return tenancy_of(model).name == "own_or_standard"


def sign_in(path: str, of: str = DESK) -> str:
    """Where a page leads somebody who may not have it."""
    return f"/admin/login/?next={quote(path)}" if of == DESK else f"/account/sign-in?next={quote(path)}"


@cache
def routes() -> frozenset[str]:
    """All routes but the API's doors, with the names of what they take in braces."""
    doors = {f"api/v1{address}" for address in ADDRESSES if address not in OPEN}
    found = {re.sub(r"<(?:uuid|path):\w+>", "{id}", address) for address, _pattern in patterns(get_resolver())}
    return frozenset(map(_plain, found)) - doors


def _plain(address: str) -> str:
    """Without the resolver's own signs."""
    named = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", re.sub(r"\(\?P(<\w+>)[^)]*\)", r"\1", address))
    return named.replace("^", "").replace("$", "")


@cache
def pages_of(model: type[models.Model]) -> tuple[Page, ...]:
    """The addresses of a model's list that there are, with the name of each of its acts."""
    its_admin, found = admin.site._registry[model], list[Page]()
    assert isinstance(its_admin, DeskAdmin)
    for rest in (*OF_A_LIST, *OF_A_ROW):
        if base_of(model) + rest in routes():
            acts = its_admin.all_acts_on_row if "{id}" in rest else its_admin.acts_on_list
            names = [act.name for act in acts] or ["none"]
            found += [Page(model, rest, name) for name in (names if "{name}" in rest else [""])]
    return tuple(found)


def unlisted() -> list[str]:
    """Routes of which it is not said what they name."""
    of_lists = {base_of(page.model) + page.rest for model in admin.site._registry for page in pages_of(model)}
    return sorted(routes() - of_lists - OF_NO_OBJECT.keys() - OF_AN_OBJECT.keys())
