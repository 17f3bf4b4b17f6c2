"""A park's order book of any size, written by the owner in a few statements: two years of orders of some forty firms.

Some firms have many orders and some few. Older orders are closed, later ones in all states; they have one to four lines
with prices, some of them ceilings, excluded firms and completed pieces, and the rows of the change feed and of the
audit that the API would have left behind.
"""

from __future__ import annotations

from typing import Any

import psycopg

Sql = psycopg.Connection[Any]

DAYS = 720
PRODUCTS = 60

# A key as the application makes them (UUIDv7): in the order of time.
_KEY = """
    CREATE FUNCTION pg_temp.key_at(at timestamptz) RETURNS uuid LANGUAGE sql VOLATILE AS $$
        SELECT (left(h, 8) || '-' || right(h, 4) || '-7' || substr(gen_random_uuid()::text, 16))::uuid
          FROM lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') AS h
    $$
"""
_TABLES = (
    "sales_salesorder",
    "sales_salesorderterms",
    "sales_salesorderline",
    "sales_salesorderlineterms",
    "sales_salesorderlineceiling",
    "sales_lineexclusion",
    "sales_linecompletion",
)
_BOOK = """
    CREATE TEMPORARY TABLE book AS
    SELECT n, pg_temp.key_at(at) AS id, at, firm_id, age, pg_temp.status_at(age, random()) AS status
      FROM (SELECT n, (%(firms)s::uuid[])[1 + floor(%(number)s * random() ^ 2)::int] AS firm_id,
                   now() - make_interval(secs => (%(orders)s - n) * %(days)s * 86400.0 / %(orders)s) AS at,
                   (%(orders)s - n) * %(days)s::float / %(orders)s AS age
              FROM generate_series(1, %(orders)s) AS n) AS drawn
"""
_STATUS = """
    CREATE FUNCTION pg_temp.status_at(age float, chance float) RETURNS text LANGUAGE sql IMMUTABLE AS $$
        SELECT CASE WHEN chance < 0.03 THEN 'cancelled'
                    WHEN age < 4 AND chance < 0.5 THEN 'draft'
                    WHEN age < 15 THEN 'confirmed'
                    WHEN age < 40 AND chance < 0.7 THEN 'planned'
                    WHEN age < 50 THEN 'in_production'
                    WHEN age < 60 AND chance < 0.3 THEN 'completed'
                    WHEN age < 90 AND chance < 0.6 THEN 'delivered'
                    ELSE 'closed' END
    $$
"""
_LINES = """
    CREATE TEMPORARY TABLE book_line AS
    SELECT pg_temp.key_at(at) AS id, b.id AS order_id, firm_id, at, status, age, number, random() AS chance,
           (5 + floor(random() * 400))::int AS pieces,
           (%(products)s::uuid[])[1 + floor(random() * cardinality(%(products)s::uuid[]))::int] AS product_id,
           date_trunc('hour', at) + make_interval(days => 10 + floor(random() * 50)::int) AS due_at
      FROM book AS b, generate_series(1, 1 + (n * 7919 %% 100 < 55)::int + (n * 7919 %% 100 < 25)::int
                                           + (n * 7919 %% 100 < 10)::int) AS number
"""
_ROWS = (
    """INSERT INTO sales_salesorder (id, created_at, number, external_ref, origin, status, ordered_on, decline_reason,
                                     firm_id)
       SELECT id, at, 'B' || lpad((n + %(before)s)::text, 7, '0'), 'ERP-' || n + %(before)s, 'own', status,
              (at AT TIME ZONE 'Asia/Shanghai')::date, '', firm_id FROM book""",
    """INSERT INTO sales_salesorderterms (id, created_at, customer_name, order_id, firm_id)
       SELECT pg_temp.key_at(at), at, '客户' || n %% 500, id, firm_id FROM book""",
    """INSERT INTO sales_salesorderline (id, created_at, number, external_ref, pieces, due_at, priority, consent,
                                         revision, plan_state, planned_finish_at, firm_id, order_id, product_id)
       SELECT id, at, number, NULL, pieces, due_at, (ARRAY[1, 1, 1, 3, 9])[1 + floor(chance * 5)::int],
              (ARRAY['never', 'ask', 'allowed'])[1 + floor(chance * 3)::int], 1,
              CASE WHEN status IN ('draft', 'confirmed') THEN 'unplanned' WHEN chance < 0.9 THEN 'on_time' ELSE 'late'
              END, CASE WHEN status NOT IN ('draft', 'confirmed') THEN due_at - interval '20 hours' END,
              firm_id, order_id, product_id FROM book_line""",
    """INSERT INTO sales_salesorderlineterms (id, created_at, price_cny_per_t, line_id, firm_id)
       SELECT pg_temp.key_at(at), at, 12000 + floor(chance * 8000), id, firm_id FROM book_line""",
    """INSERT INTO sales_salesorderlineceiling (id, created_at, fee_cny_per_t, line_id, firm_id)
       SELECT pg_temp.key_at(at), at, 2500, id, firm_id FROM book_line WHERE chance > 0.8""",
    """INSERT INTO sales_lineexclusion (id, created_at, firm_id, line_id, excluded_firm_id)
       SELECT pg_temp.key_at(at), at, firm_id, id, other FROM book_line, unnest((%(firms)s::uuid[])[1:2]) AS other
        WHERE chance > 0.97 AND other <> firm_id""",
    """INSERT INTO sales_linecompletion (id, created_at, pieces, completed_at, firm_id, line_id)
       SELECT pg_temp.key_at(at), at, pieces, due_at - interval '1 day', firm_id, id FROM book_line
        WHERE status IN ('completed', 'delivered', 'closed')""",
    """INSERT INTO core_change (firm_id, kind, object_id, xid, begun_at, at, deleted)
       SELECT firm_id, 'sales_order', id, pg_current_xact_id(), at, at, false FROM book""",
    """INSERT INTO core_auditrow (id, at, firm_id, actor_user_id, actor_firm_id, channel, verb, object_type, object_id,
                                  changes)
       SELECT pg_temp.key_at(at), at, firm_id, firm_id, firm_id, 'api', 'sales_order.create', 'sales.salesorder', id,
              '{"lines": [null, 2]}' FROM book""",
)
_MORE_PRODUCTS = """
    INSERT INTO catalog_product (id, created_at, firm_id, code, name_zh, name_en, form, length_mm, width_mm,
                                 thickness_mm, unit_mass_g, grade_id, colour, needs)
    SELECT gen_random_uuid(), now(), NULL, 'B-' || n, '板 ' || n, 'panel ' || n, form, length_mm, width_mm, 10 + n,
           (10 + n) * 1900, grade_id, colour, needs FROM catalog_product, generate_series(1, %s) AS n WHERE code = %s
    ON CONFLICT DO NOTHING
"""
_PRODUCTS = "SELECT id FROM catalog_product WHERE firm_id IS NULL ORDER BY code"
_COUNTS = "SELECT (SELECT count(*) FROM sales_salesorder), (SELECT count(*) FROM sales_salesorderline)"


def fill(owner: Sql, *, firms: list[str], orders: int, product_code: str) -> dict[str, int]:
    """Brings the book of these firms (ids) to `orders` orders, on products like the one named; how many rows it has.

    The triggers that look at single rows are off meanwhile: what is written keeps their rules.
    """
    owner.execute(_MORE_PRODUCTS, [PRODUCTS, product_code])
    products = [row[0] for row in owner.execute(_PRODUCTS).fetchall()]
    before, _lines = _counts(owner)
    values = {"firms": firms, "number": len(firms), "orders": orders - before, "before": before, "days": DAYS}
    values |= {"products": products}
    with owner.transaction():
        owner.execute("SELECT setseed(0.5)")
        owner.execute("SET CONSTRAINTS ALL IMMEDIATE")  # no trigger may wait where the table is altered
        for statement in (_KEY, _STATUS):
            owner.execute(statement)
        for statement in (_BOOK, _LINES):
            owner.execute(statement, values)
        for table in _TABLES:
            owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in _ROWS:
            owner.execute(statement, values)
        for table in _TABLES:
            owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        for name in ("TABLE book", "TABLE book_line", "FUNCTION pg_temp.key_at", "FUNCTION pg_temp.status_at"):
            owner.execute(f"DROP {name}")
    owner.execute("VACUUM (ANALYZE)")
    there, lines = _counts(owner)
    return {"orders": there, "lines": lines, "firms": len(firms)}


def _counts(owner: Sql) -> tuple[int, int]:
    found = owner.execute(_COUNTS).fetchone()
    assert found is not None
    return found
