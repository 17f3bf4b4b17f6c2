"""The database's own catalogue says what the tenancy classes say, for every table, without exception."""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.db import connection, models

from mes.core import feed
from mes.core.actors import DatabaseRole
from mes.core.tenancy import Right
from mes.core.walls import (
    BAR,
    LIBRARY_TABLES,
    PEOPLE,
    ROLES,
    bar_of,
    firm_columns,
    owner_keys,
    policies_of,
    seen_references,
    seen_trigger_name,
    statements,
    tenancy_of,
    walled_models,
)
from tests.database import as_owner

pytestmark = pytest.mark.django_db

WORKING_ROLES = [str(role) for role in ROLES]
FUNCTIONS = {
    "business_now", "audit_rows_drop", "api_key_actor", "api_key_used", "account_code_redeem", "api_keys_of_gone_end",
    "reference_is_seen", "refuse_unlisted_move", "refuse_calendar_without_hours", "refuse_last_shift_of_calendar",
    "refuse_line_due_before_order", "refuse_order_after_due_line", "second_factor_state", "sign_in_refund",
    "sign_in_try", "round_times_move_later_only", "market_quote_is_voided_only", "frozen_policy_stays",
    "round_has_barred_firm", "ledger_only_grows", "paper_stays", "savings_only_grow",
    "begins_undecided",
} | feed.function_names()  # fmt: skip
# They read, under a round's lock, what the writer may not; only triggers and each other call them.
WALLS_OF_TIME = {
    "refuse_commitment_to_closed_round", "commitment_while_round_is_open", "reserve_while_round_is_open",
    "refuse_quotation_to_closed_request", "quotation_while_request_is_open", "part_while_quotation_is_draft",
    "request_opens_after_its_close", "request_follows_its_round",
    "award_plan_adds_up", "award_part_stays", "share_answered_in_time",
    "posting_sums_to_zero", "deposits_are_a_fifth", "saving_joins_the_chain",
    "order_takes_from_its_agreement", "lot_is_shared_whole", "value_while_quarantined",
}  # fmt: skip
FOR_ONE_ROLE = {
    "round_has_barred_firm": "mes_staff",
    "api_key_actor": "mes_web",
    "api_key_used": "mes_web",
    "account_code_redeem": "mes_web",
    "api_keys_of_gone_end": "mes_staff",
    "audit_rows_drop": "mes_planner",
    "second_factor_state": "mes_web",
    "sign_in_refund": "mes_web",
    "sign_in_try": "mes_web",
}
# Tables of everybody, or of the association, that name a firm, and why they may.
NAMED_BY_A_COMMON_TABLE = {"firms.Firm": "the members' directory, which each member reads"}
# Rules of rows, which have nothing to do with who writes them.
RULES = (
    "status_moves", "calendar_has_hours", "calendars_keep_hours", "line_due_after_order", "order_before_due_lines",
    "while_round_is_open", "times_move_later_only", "while_request_is_open", "while_draft", "opens_after_its_close",
    "adds_up", "stays", "answered_in_time", "request_follows", "voided_only", "frozen_stays",
    "takes_from_agreement", "shared_whole", "begins_undecided", "while_quarantined",
    "only_grows", "sums_to_zero", "paper_stays", "a_fifth_at_most", "joins_the_chain",
)  # fmt: skip


def rows(statement: str, parameters: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def plain(condition: str | None) -> str | None:
    """A condition without what PostgreSQL adds when it prints one."""
    return None if condition is None else re.sub(r"::text|::uuid\[\]|[()\s]", "", condition).lower()


def rights_by_table() -> dict[str, tuple[Right, ...]]:
    ours = {model._meta.db_table: tenancy_of(model).rights for model in walled_models()}
    return ours | {table: rights for table, (rights, _reason) in LIBRARY_TABLES.items()}


def test_every_table_is_walled_or_listed_with_a_reason() -> None:
    found = rows(
        "SELECT relname, relrowsecurity FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'f')"
    )
    walled = {str(name) for name, secured in found if secured}
    assert walled == {model._meta.db_table for model in walled_models()}
    assert {str(name) for name, secured in found if not secured} == set(LIBRARY_TABLES)
    assert all(reason for _rights, reason in LIBRARY_TABLES.values())


def test_there_are_no_views_that_would_look_over_the_wall() -> None:
    assert (
        rows(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm')"
            " AND NOT coalesce(reloptions @> ARRAY['security_invoker=true'], false)"
        )
        == []
    )


def test_policies_are_those_of_the_classes() -> None:
    found = {
        (str(table), str(name)): (str(command), list(roles), plain(seen), plain(written))  # type: ignore[call-overload, arg-type]
        for table, name, command, roles, seen, written in rows(
            "SELECT tablename, policyname, cmd, roles::text[], qual, with_check FROM pg_policies"
            " WHERE schemaname = 'public' AND permissive = 'PERMISSIVE'"
        )
    }
    wanted = {
        (model._meta.db_table, name): (command, [str(right.role)], plain(seen), plain(written))
        for model in walled_models()
        for right in tenancy_of(model).rights
        for name, command, seen, written in policies_of(right)
    }
    assert found == wanted


def test_what_names_a_firm_is_barred_for_the_associations_people_by_a_restrictive_policy() -> None:
    found = {
        str(table): (str(name), str(command), list(roles), plain(seen), plain(written))  # type: ignore[call-overload, arg-type]
        for table, name, command, roles, seen, written in rows(
            "SELECT tablename, policyname, cmd, roles::text[], qual, with_check FROM pg_policies"
            " WHERE schemaname = 'public' AND permissive = 'RESTRICTIVE'"
        )
    }
    wanted = {
        model._meta.db_table: (BAR, bar[0], [str(DatabaseRole.STAFF)], plain(bar[1]), plain(bar[2]))
        for model in walled_models()
        if (bar := bar_of(model)) is not None
    }
    assert found == wanted


def test_what_names_a_firm_is_nobodys_common_knowledge_but_with_a_reason() -> None:
    named = {
        model._meta.label
        for model in walled_models()
        if tenancy_of(model).name in {"public", "association"} and list(firm_columns(model))
    }
    assert named == set(NAMED_BY_A_COMMON_TABLE)
    assert all(NAMED_BY_A_COMMON_TABLE.values())


def test_each_table_that_the_association_reads_and_that_points_at_a_firm_is_barred() -> None:
    """Asked of the database: columns that refer to firms, and those whose name says so."""
    found = rows(
        "SELECT DISTINCT c.relname, a.attname"
        " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0"
        " LEFT JOIN pg_constraint f ON f.conrelid = c.oid AND f.contype = 'f' AND f.conkey = ARRAY[a.attnum]"
        " AND f.confrelid = 'firms_firm'::regclass"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND (f.oid IS NOT NULL"
        " OR a.attname LIKE '%%firm_id') AND (has_any_column_privilege('mes_staff', c.oid, 'SELECT, INSERT, UPDATE'))"
    )
    bars = {model._meta.db_table: (bar_of(model) or ("", ""))[1] for model in walled_models()}
    assert len(found) > 40
    assert [(table, column) for table, column in found if f"{column} <> ALL" not in bars[str(table)]] == []


def test_grants_on_tables_are_those_of_the_classes() -> None:
    found = {
        (str(table), str(role), str(privilege))
        for table, role, privilege in rows(
            "SELECT c.relname, coalesce(r.rolname, 'PUBLIC'), a.privilege_type FROM pg_class c,"
            " aclexplode(c.relacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee"
            " WHERE c.relnamespace = 'public'::regnamespace AND coalesce(r.rolname, 'PUBLIC') <> 'mes_owner'"
            " AND c.relkind <> 'S'"
        )
    }
    wanted = {
        (table, str(right.role), privilege)
        for table, rights in rights_by_table().items()
        for right in rights
        for privilege in right.privileges
    }
    assert found == wanted


def test_grants_on_columns_are_those_of_the_classes() -> None:
    found = {
        (str(table), str(role), str(column), str(privilege))
        for table, column, role, privilege in rows(
            "SELECT c.relname, t.attname, a.grantee::regrole::text, a.privilege_type"
            " FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid, aclexplode(t.attacl) a"
            " WHERE c.relnamespace = 'public'::regnamespace"
        )
    }
    wanted = {
        (table, str(right.role), column, privilege)
        for table, rights in rights_by_table().items()
        for right in rights
        for privilege, columns in (("UPDATE", right.update_columns), ("SELECT", right.read_columns))
        for column in columns
    }
    assert found == wanted


def test_nobody_has_rights_on_sequences() -> None:
    assert (
        rows(
            "SELECT c.relname FROM pg_class c, aclexplode(c.relacl) a"
            " WHERE c.relkind = 'S' AND a.grantee::regrole::text <> 'mes_owner'"
        )
        == []
    )


def test_our_functions_are_known_and_those_with_the_owners_rights_have_a_fixed_path() -> None:
    found = rows(
        "SELECT proname, prosecdef, proconfig FROM pg_proc"
        " WHERE pronamespace = 'public'::regnamespace AND proowner::regrole::text = 'mes_owner'"
    )
    assert {str(name) for name, _secdef, _config in found} == FUNCTIONS | WALLS_OF_TIME
    powerful = {str(name): config for name, secdef, config in found if secdef}
    with_owners_rights = {*FOR_ONE_ROLE, *WALLS_OF_TIME, *feed.function_names()}
    assert powerful == {name: ["search_path=pg_catalog, pg_temp"] for name in with_owners_rights}


@pytest.mark.parametrize("role", WORKING_ROLES)
def test_a_function_with_the_owners_rights_is_one_roles_alone(role: str) -> None:
    for name, whose in FOR_ONE_ROLE.items():
        found = rows("SELECT has_function_privilege(%s, oid, 'EXECUTE') FROM pg_proc WHERE proname = %s", (role, name))
        assert found == [(role == whose,)], name
    for name in WALLS_OF_TIME:
        found = rows("SELECT has_function_privilege(%s, oid, 'EXECUTE') FROM pg_proc WHERE proname = %s", (role, name))
        assert found == [(False,)], name


def test_working_roles_bypass_nothing_and_own_nothing() -> None:
    found = rows(
        "SELECT rolname, rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication,"
        " EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid), rolcanlogin FROM pg_roles"
        " WHERE rolname = ANY (%s) ORDER BY rolname",
        (WORKING_ROLES,),
    )
    assert found == [(role, False, False, role in {"mes_web", "mes_worker"}) for role in sorted(WORKING_ROLES)]


def test_the_web_cannot_become_the_planner_and_inherits_nothing() -> None:
    assert rows(
        "SELECT pg_has_role('mes_web', 'mes_planner', 'MEMBER'), pg_has_role('mes_worker', 'mes_planner', 'MEMBER'),"
        " bool_or(pg_has_role(login, role, 'USAGE'))"
        " FROM unnest(ARRAY['mes_web', 'mes_worker']) AS login,"
        " unnest(ARRAY['mes_firm', 'mes_staff', 'mes_planner', 'mes_exchange', 'mes_owner']) AS role"
    ) == [(False, True, False)]


def single_owner(model: type[models.Model]) -> str | None:
    columns = tenancy_of(model).firm_columns
    return columns[0] if tenancy_of(model).name in {"private", "system"} and len(columns) == 1 else None


def test_each_reference_from_a_firms_row_to_a_firms_row_carries_the_firm() -> None:
    found = {
        (str(table), tuple(columns), str(parent), tuple(targets))  # type: ignore[arg-type]
        for table, columns, parent, targets in rows(
            "SELECT conrelid::regclass::text, confrelid::regclass::text,"
            " (SELECT array_agg(attname::text ORDER BY o) FROM unnest(conkey) WITH ORDINALITY AS k(n, o)"
            "  JOIN pg_attribute ON attrelid = conrelid AND attnum = n),"
            " (SELECT array_agg(attname::text ORDER BY o) FROM unnest(confkey) WITH ORDINALITY AS k(n, o)"
            "  JOIN pg_attribute ON attrelid = confrelid AND attnum = n)"
            " FROM pg_constraint WHERE contype = 'f' AND cardinality(conkey) = 2 AND NOT condeferrable"
        )
        for columns, parent in [(parent, columns)]
    }
    for model in walled_models():
        owner = single_owner(model)
        for field in model._meta.concrete_fields:
            parent = field.related_model
            if owner is None or not isinstance(field, models.ForeignKey) or not isinstance(parent, type):
                continue
            if parent in walled_models() and single_owner(parent):
                its_owner = tenancy_of(model).owners.get(field.name, owner)
                if its_owner == "":  # any row that the writer sees: the next test
                    continue
                wanted = (
                    model._meta.db_table,
                    (its_owner, field.column),
                    parent._meta.db_table,
                    (single_owner(parent), "id"),
                )
                assert wanted in found, f"{model._meta.label}.{field.name} is a plain reference"


def test_every_other_reference_that_people_write_is_public_or_must_be_seen() -> None:
    triggers = {
        (str(table), str(name))
        for table, name in rows(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger"
            " WHERE NOT tgisinternal AND tgenabled = 'O' AND NOT tgname = ANY(%s)",
            (list(RULES),),
        )
    }
    expected = set()
    for model in walled_models():
        rights = [right for right in tenancy_of(model).rights if right.role in PEOPLE and right.writes]
        keyed = {column for column, _owner, _parent in owner_keys(model)}
        for field in model._meta.concrete_fields:
            if not rights or not isinstance(field, models.ForeignKey) or field.column in keyed:
                continue
            assert isinstance(field.related_model, type)
            if tenancy_of(field.related_model).name != "public":
                expected.add((model._meta.db_table, seen_trigger_name(field.column)))
    told = {(model._meta.db_table, name) for model in walled_models() for name in feed.trigger_names(model)}
    assert triggers == expected | told
    assert expected == {
        (model._meta.db_table, seen_trigger_name(column))
        for model in walled_models()
        for column, _parent in seen_references(model)
    }


def test_no_table_joins_two_others_without_a_class_of_its_own() -> None:
    for model in apps.get_models(include_auto_created=True):
        if model in walled_models():
            assert not model._meta.auto_created
            assert not model._meta.local_many_to_many


def test_no_condition_holds_an_or_on_the_setting_itself() -> None:
    for model in walled_models():
        for right in tenancy_of(model).rights:
            assert not re.search(r"current_setting\([^)]*\)[^=]*\bIS\b", right.condition)


def test_applying_the_walls_again_changes_nothing() -> None:
    question = (
        "SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM ("
        " SELECT tablename || policyname || cmd || roles::text || coalesce(qual, '') || coalesce(with_check, '') AS t"
        " FROM pg_policies UNION ALL SELECT conname || conrelid::regclass::text FROM pg_constraint"
        " UNION ALL SELECT tgname || tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"
        " UNION ALL SELECT relname || coalesce(relacl::text, '') FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace) AS everything"
    )
    before = rows(question)
    with as_owner(), connection.cursor() as cursor:
        for statement in statements():
            cursor.execute(statement)
    assert rows(question) == before


def test_a_policy_or_key_that_is_no_longer_wanted_goes() -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("CREATE POLICY forgotten ON sales_salesorder TO mes_firm USING (true)")
        cursor.execute("GRANT SELECT ON sales_salesorderterms TO mes_planner, PUBLIC")
        cursor.execute("ALTER TABLE lots_lot ADD CONSTRAINT owner_0 UNIQUE (firm_id, id, code)")
        for statement in statements():
            cursor.execute(statement)
    test_policies_are_those_of_the_classes()
    test_grants_on_tables_are_those_of_the_classes()
    assert rows("SELECT conname FROM pg_constraint WHERE conname = 'owner_0'") == []


def test_no_role_but_the_owner_may_make_things() -> None:
    assert (
        rows(
            "SELECT role FROM unnest(%s::text[]) AS role WHERE has_schema_privilege(role, 'public', 'CREATE')",
            ([*WORKING_ROLES, "public"],),
        )
        == []
    )
    assert set(DatabaseRole) < set(ROLES)
