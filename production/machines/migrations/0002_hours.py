from django.db import migrations

# A calendar whose pattern has no shift has no hours: nothing could ever be planned on its machines.
FORWARD = """
CREATE FUNCTION refuse_calendar_without_hours() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM machines_shift WHERE pattern_id = NEW.pattern_id) THEN
        RAISE EXCEPTION 'the calendar has no hours' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER calendar_has_hours BEFORE INSERT OR UPDATE OF pattern_id ON machines_calendarrule FOR EACH ROW
EXECUTE FUNCTION refuse_calendar_without_hours();

CREATE FUNCTION refuse_last_shift_of_calendar() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM machines_shift WHERE pattern_id = OLD.pattern_id)
        AND EXISTS (SELECT FROM machines_calendarrule WHERE pattern_id = OLD.pattern_id) THEN
        RAISE EXCEPTION 'a calendar would have no hours' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER calendars_keep_hours AFTER DELETE OR UPDATE OF pattern_id ON machines_shift FOR EACH ROW
EXECUTE FUNCTION refuse_last_shift_of_calendar();
"""
BACK = """
DROP TRIGGER calendars_keep_hours ON machines_shift;
DROP FUNCTION refuse_last_shift_of_calendar();
DROP TRIGGER calendar_has_hours ON machines_calendarrule;
DROP FUNCTION refuse_calendar_without_hours();
"""


class Migration(migrations.Migration):
    dependencies = [("machines", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
