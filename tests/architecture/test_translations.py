"""Every string of ours is said in Chinese, with the glossary's words, and in English where English is asked for."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages import Catalog
from django.apps import AppConfig, apps
from django.contrib import admin
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext, override

from mes.catalog.choices import MachineKind
from mes.catalog.models import ChangeoverFamily, ChangeoverRule, MachineClass, Routing, RoutingStep
from mes.core.errors import DomainError, NotPermitted
from mes.firms.access import STAFF_VIEWS
from mes.firms.choices import Role
from mes.firms.models import Firm
from mes.lots.models import Lot
from orders.outsourcing.models import OutsourceOrder
from orders.sales.models import LineCompletion, SalesOrder, SalesOrderLine
from production.floor.models import ProductionReport
from production.machines.models import CapacityOffer, Downtime, Machine, Shift
from production.plans.choices import RunStatus
from production.plans.models import PlannedLot, Proposal
from tests.architecture.catalogue import (
    CATALOGUE,
    HEADER,
    KEYWORDS,
    ROOT,
    faults,
    from_source,
    stored,
    template_messages,
)
from tests.core.people import make_officer, make_party

CHINESE = re.compile(r"[\u4e00-\u9fff]")

GLOSSARY = [
    (CapacityOffer._meta, "产能发布"),
    (SalesOrder._meta, "销售订单"),
    (SalesOrderLine._meta, "订单行"),
    (Machine._meta, "设备"),
    (Routing._meta, "工艺路线"),
    (RoutingStep._meta, "工序"),
    (ChangeoverFamily._meta, "换型"),
    (ChangeoverRule._meta, "换型"),
    (Lot._meta, "批次"),
    (PlannedLot._meta, "批次"),
    (OutsourceOrder._meta, "外协"),
    (Proposal._meta, "外协"),
    (Downtime._meta, "停机"),
    (Shift._meta, "班次"),
    (ProductionReport._meta, "报工"),
    (MachineClass._meta.get_field("daylights"), "开口"),
    (MachineClass._meta.get_field("platen_length_mm"), "热板"),
    (SalesOrderLine._meta.get_field("consent"), "外协"),
    (ProductionReport._meta.get_field("good_pieces"), "合格数"),
    (ProductionReport._meta.get_field("scrap_pieces"), "报废数"),
    (Lot._meta.get_field("code"), "批号"),
]


def own_apps() -> list[AppConfig]:
    return [app for app in apps.get_app_configs() if ROOT in Path(app.path).parents and ".venv" not in app.path]


def own_models() -> list[type[models.Model]]:
    return [model for app in own_apps() for model in app.get_models()]


def names(model: type[models.Model]) -> dict[str, str]:
    """What people read of a model: its names, its fields' names and texts, and their choices."""
    meta = model._meta
    found = {"verbose_name": str(meta.verbose_name), "verbose_name_plural": str(meta.verbose_name_plural)}
    for field in meta.fields:
        if field.primary_key:  # never shown
            continue
        found[field.name] = str(field.verbose_name)
        found[f"{field.name} (help)"] = str(field.help_text)
        for value, label in field.flatchoices:
            found[f"{field.name} {value}"] = str(label)
    return {name: text for name, text in found.items() if text}


def test_every_string_of_the_source_is_translated_with_its_placeholders() -> None:
    assert faults(from_source(), stored()) == []


def test_what_the_skin_says_and_django_does_not_translate_is_in_the_catalogue() -> None:
    source = from_source()
    ours = [message for message in source if message.locations == [("unfold", 0)]]
    assert len(ours) > 40
    assert source.get("Apply Filters") is not None
    assert source.get("Change password") is None  # Django says it


def test_the_catalogue_names_no_person_date_or_machine() -> None:
    text = CATALOGUE.read_text(encoding="utf-8")
    assert text.startswith(HEADER)
    assert "fuzzy" not in text
    for noise in ("Last-Translator", "Language-Team", "Creation-Date", "Revision-Date", "#: /"):
        assert noise not in text


@pytest.mark.parametrize(
    ("text", "fuzzy", "fault"),
    [
        ("", False, "is not translated"),
        ("从 %(now)s 起", True, "is marked as fuzzy"),
        ("从 %(then)s 起", False, "has other placeholders"),
        ("从现在起", False, "has other placeholders"),
    ],
)
def test_a_broken_entry_is_named(text: str, *, fuzzy: bool, fault: str) -> None:
    source, catalog = Catalog(), Catalog()
    source.add("From %(now)s on")
    catalog.add("From %(now)s on", text, flags={"fuzzy"} if fuzzy else ())
    assert [found for found in faults(source, catalog) if fault in found]


def test_a_missing_entry_is_named_and_another_context_does_not_replace_it() -> None:
    source, catalog = Catalog(), Catalog()
    source.add("started", context="time")
    catalog.add("started", "已开工")
    assert faults(source, catalog) == ["'started': is not in the catalogue"]


def test_strings_of_templates_are_found() -> None:
    template = b"""{% load i18n %}<p title="it's">
      {% translate "Sales orders" %} {% translate "May" context "month" %}
      {% blocktranslate count n=lines trimmed %}one line{% plural %}{{ n }} lines{% endblocktranslate %}</p>"""
    found = [(function, texts) for _line, function, texts, _comments in template_messages(
        BytesIO(template), KEYWORDS.keys(), (), {}
    )]  # fmt: skip
    assert found[0] == ("gettext", "Sales orders")
    assert found[1] == ("pgettext", ("month", "May"))
    assert found[2][1][:2] == ("one line", "%(n)s lines")


@pytest.mark.parametrize("model", own_models(), ids=lambda model: model._meta.label)
def test_a_models_names_are_chinese_in_chinese_and_english_in_english(model: type[models.Model]) -> None:
    with override("zh-hans"):
        assert {name: text for name, text in names(model).items() if not CHINESE.search(text)} == {}
    with override("en"):
        assert {name: text for name, text in names(model).items() if CHINESE.search(text)} == {}


@pytest.mark.parametrize("app", own_apps(), ids=lambda app: app.label)
def test_an_apps_name_is_chinese_in_chinese_and_english_in_english(app: AppConfig) -> None:
    with override("zh-hans"):
        assert CHINESE.search(str(app.verbose_name))
    with override("en"):
        assert str(app.verbose_name).isascii()


@pytest.mark.parametrize(("named", "word"), GLOSSARY, ids=str)
def test_the_glossarys_words_are_used(named: models.Field, word: str) -> None:
    with override("zh-hans"):
        assert word in str(named.verbose_name)


def test_a_press_is_a_ya_ji() -> None:
    with override("zh-hans"):
        assert MachineKind.PRESS.label == "压机"
    with override("en"):
        assert MachineKind.PRESS.label == "press"


def test_a_state_and_the_time_of_it_have_different_words() -> None:
    with override("zh-hans"):
        assert RunStatus.COMPLETED.label == "已完工"
        assert str(LineCompletion._meta.get_field("completed_at").verbose_name) == "完工时间"
    with override("en"):
        assert str(LineCompletion._meta.get_field("completed_at").verbose_name) == RunStatus.COMPLETED.label


def every_error() -> list[type[DomainError]]:
    found, open_classes = [], [DomainError]
    while open_classes:
        found.append(open_classes.pop())
        open_classes.extend(found[-1].__subclasses__())
    return [error for error in found if not error.__module__.startswith("tests.")]


def test_refusals_speak_the_readers_language() -> None:
    with override("zh-hans"):
        assert [error.__name__ for error in every_error() if not CHINESE.search(str(error.text))] == []
        assert str(NotPermitted().detail) == "您的角色无权执行此操作。"
        assert gettext("A move from %(now)s to %(to)s is not allowed.") % {"now": "a", "to": "b"} == (
            "不允许从 a 变更为 b。"
        )
    with override("en"):
        assert str(NotPermitted().detail) == "Your roles do not allow this."


@pytest.fixture
def officer(client: Client, db: None) -> Client:
    """The association's desk, with one firm to list."""
    make_party("A")
    client.force_login(make_officer("officer", Role.ADMINISTRATOR, Role.ROUND_OFFICER))
    return client


def columns(page: str) -> dict[str, str]:
    """The headings of a list in the admin, by field."""
    cell = r'<th class="[^"]*column-(\w+)[^"]*" scope="col">.*?<div class="text">\s*<a [^>]*>\s*([^<]*?)\s*</a>'
    return dict(re.findall(cell, page, re.DOTALL))


def test_the_associations_list_of_firms_has_chinese_headings(officer: Client) -> None:
    page = officer.get(reverse("admin:firms_firm_changelist")).content.decode()
    assert columns(page) == {"code": "编码", "name_zh": "中文名称", "name_en": "英文名称", "status": "状态"}


def test_the_associations_list_of_firms_has_english_headings_for_an_english_reader(officer: Client) -> None:
    page = officer.get(reverse("admin:firms_firm_changelist"), headers={"Accept-Language": "en"}).content.decode()
    assert columns(page)["status"] == "Status"


def test_every_list_of_the_admin_has_a_chinese_title(officer: Client) -> None:
    listed = [model for model in admin.site._registry if model._meta.label_lower in STAFF_VIEWS]
    assert Firm in listed
    for model in listed:
        page = officer.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"))
        with override("zh-hans"):
            assert str(model._meta.verbose_name) in page.context["title"]
            assert re.search(rf"<title>\s*{re.escape(page.context['title'])}", page.content.decode())
