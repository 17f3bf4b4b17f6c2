from django.db import migrations

# No line is due before the day on which its order came. Days are the park's.
FORWARD = """
CREATE FUNCTION refuse_line_due_before_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM sales_salesorder
        WHERE id = NEW.order_id AND NEW.due_at < ordered_on::timestamp AT TIME ZONE 'Asia/Shanghai'
    ) THEN
        RAISE EXCEPTION 'the line is due before its order came' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER line_due_after_order BEFORE INSERT OR UPDATE OF due_at, order_id ON sales_salesorderline FOR EACH ROW
EXECUTE FUNCTION refuse_line_due_before_order();

CREATE FUNCTION refuse_order_after_due_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM sales_salesorderline
        WHERE order_id = NEW.id AND due_at < NEW.ordered_on::timestamp AT TIME ZONE 'Asia/Shanghai'
    ) THEN
        RAISE EXCEPTION 'a line is due before the order came' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER order_before_due_lines BEFORE UPDATE OF ordered_on ON sales_salesorder FOR EACH ROW
EXECUTE FUNCTION refuse_order_after_due_line();
"""
BACK = """
DROP TRIGGER order_before_due_lines ON sales_salesorder;
DROP FUNCTION refuse_order_after_due_line();
DROP TRIGGER line_due_after_order ON sales_salesorderline;
DROP FUNCTION refuse_line_due_before_order();
"""


class Migration(migrations.Migration):
    dependencies = [("sales", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
