"""The system's own tables. They stand below the firms, so they hold firm and user ids as plain columns."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mes.core.choices import InstallationKind, JobState
from mes.core.clock import DatabaseNow
from mes.core.ids import new_id
from mes.core.tenancy import ADD, APPEND, NONE, READ, THE_FIRM, WEB_LOGIN, WRITE, Right, Tenancy, private, system
from mes.core.transactions import OwnCluster, OwnTransaction, TransactionIdField

IN_NO_OTHER_NAME = f"(firm_id IS NULL OR firm_id = {THE_FIRM})"


class Record(models.Model):
    """Base of all tables: a UUIDv7 key and the database's time of creation."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=DatabaseNow(), editable=False)

    class Meta:
        abstract = True


class Installation(models.Model):
    """One row: what kind of database this is, and how its business clock runs. Only the owner writes it.

    `business_at` without `started_at`: the clock stands there. With both, it has run on from `business_at` since
    the database's time `started_at`. With neither, it is the database's own time; production has no other choice.
    """

    tenancy: ClassVar[Tenancy] = system(
        firm=READ,
        staff=READ,
        planner=READ,
        exchange=READ,
        door=(Right(WEB_LOGIN, READ), Right("mes_worker", READ)),
    )

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)
    kind = models.CharField(_("kind"), max_length=12, choices=InstallationKind.choices)
    business_at = models.DateTimeField(_("business clock set to"), null=True)
    started_at = models.DateTimeField(_("running since"), null=True)

    class Meta:
        verbose_name = _("installation")
        verbose_name_plural = _("installation")
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="installation_is_one_row"),
            models.CheckConstraint(condition=Q(kind__in=InstallationKind.values), name="installation_kind_known"),
            models.CheckConstraint(
                condition=~Q(kind=InstallationKind.PRODUCTION) | Q(business_at=None, started_at=None),
                name="production_has_no_shifted_clock",
            ),
            models.CheckConstraint(
                condition=Q(started_at=None) | Q(business_at__isnull=False), name="running_clock_was_set"
            ),
        ]

    def __str__(self) -> str:
        return self.kind


class AuditRow(models.Model):
    """Who did what to which object, with the old and the new value of each changed field. Append-only.

    `firm_id` is the firm whose affair it is: that firm reads it, also when the association acted; the association
    reads what concerns no firm and what its own people did, of rounds (`of_round`) their officers alone. The planner's
    role reads all rows, to seal them (`mes.core.seals`); `transaction` and `cluster` say which rows a seal may take. A
    person is a key, never a name.
    """

    tenancy: ClassVar[Tenancy] = system(
        firm=APPEND,
        staff=APPEND,
        planner=APPEND,
        exchange=ADD,
        firm_condition=f"firm_id = {THE_FIRM}",
        staff_condition="(firm_id IS NULL OR (actor_firm_id IS NULL AND actor_user_id IS NOT NULL))",
        staff_write_condition="true",
        of_round="of_round",
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField(_("at"))
    firm_id = models.UUIDField(_("firm"), null=True)
    actor_user_id = models.UUIDField(_("user"), null=True)
    actor_firm_id = models.UUIDField(_("acting firm"), null=True)
    channel = models.CharField(_("door"), max_length=12)
    verb = models.CharField(_("verb"), max_length=60)
    object_type = models.CharField(_("object"), max_length=60)
    object_id = models.UUIDField(_("object key"))
    changes = models.JSONField(_("changes"), default=dict)
    of_round = models.BooleanField(_("of a round"), default=False, db_default=False)
    transaction = TransactionIdField(_("transaction"), db_default=OwnTransaction(), editable=False)
    cluster = models.BigIntegerField(_("server"), db_default=OwnCluster(), editable=False)

    class Meta:
        verbose_name = _("audit row")
        verbose_name_plural = _("audit rows")
        indexes = [
            models.Index(fields=["cluster", "transaction"], name="audit_to_seal"),
            models.Index(fields=["firm_id", "at"], name="audit_by_firm"),
            models.Index(fields=["object_type", "object_id", "at"], name="audit_by_object"),
        ]

    def __str__(self) -> str:
        return self.verb


class AuditSeal(models.Model):
    """One link of the chain over audit rows: their keys and digests, and the hash of the link before.

    A link holds all rows of `cluster` with a transaction below `horizon` that no earlier one holds. `purged_to`: the
    number up to which links have outlived their rows. The planner's role adds links and changes none.
    """

    tenancy: ClassVar[Tenancy] = system(planner=APPEND)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.BigIntegerField(_("number"), unique=True)
    at = models.DateTimeField(_("at"))
    cluster = models.BigIntegerField(_("server"))
    horizon = models.BigIntegerField(_("transactions below"))
    purged_to = models.BigIntegerField(_("purged up to number"), default=0)
    first_at = models.DateTimeField(_("first row"), null=True)
    last_at = models.DateTimeField(_("last row"), null=True)
    row_keys = ArrayField(models.UUIDField(), verbose_name=_("keys of the rows"))
    digests = ArrayField(models.BinaryField(), verbose_name=_("digests of the rows"))
    previous = models.BinaryField(_("previous hash"))
    hash = models.BinaryField(_("hash"))

    class Meta:
        verbose_name = _("audit seal")
        verbose_name_plural = _("audit seals")
        indexes = [models.Index(fields=["cluster", "-number"], name="seal_by_cluster")]

    def __str__(self) -> str:
        return str(self.number)


class OutboxEvent(models.Model):
    """Something that happened, to be told after its transaction: to handlers here, later to webhooks.

    Who tells it claims it first: `not_before` moves on, `attempts` grows. The association reads what waits and what
    failed, never the payload; whose event of a round (`of_round`) it is, its officers alone.
    """

    tenancy: ClassVar[Tenancy] = system(
        firm=ADD,
        staff=ADD,
        planner=WRITE,
        exchange=ADD,
        firm_condition=IN_NO_OTHER_NAME,
        staff_reads=("id", "at", "topic", "firm_id", "not_before", "told_at", "attempts", "error", "of_round"),
        of_round="of_round",
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField(_("at"))
    topic = models.CharField(_("topic"), max_length=60)
    firm_id = models.UUIDField(_("firm"), null=True)
    payload = models.JSONField(_("payload"), default=dict)
    not_before = models.DateTimeField(_("not before"), null=True)
    told_at = models.DateTimeField(_("told"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.TextField(_("error"), blank=True, default="")
    of_round = models.BooleanField(_("of a round"), default=False)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [models.Index(fields=["at"], condition=Q(told_at=None), name="outbox_untold")]

    def __str__(self) -> str:
        return self.topic


class BackgroundJob(models.Model):
    """A piece of work for a worker. The row is the truth; the broker only rings.

    `token` grows with each lease: who commits must still hold the last one. `key` makes a scheduled tick unique
    within its kind. The payload holds ids, never business data.
    """

    tenancy: ClassVar[Tenancy] = system(
        firm=ADD, staff=APPEND, planner=WRITE, exchange=ADD, firm_condition=IN_NO_OTHER_NAME
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(_("kind"), max_length=60)
    key = models.CharField(_("key"), max_length=80, null=True)
    firm_id = models.UUIDField(_("firm"), null=True)
    payload = models.JSONField(_("payload"), default=dict)
    state = models.CharField(_("state"), max_length=12, choices=JobState.choices, default=JobState.QUEUED)
    token = models.PositiveBigIntegerField(_("fencing token"), default=0)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    queued_at = models.DateTimeField(pgettext_lazy("time", "queued"))
    not_before = models.DateTimeField(_("not before"), null=True)
    lease_until = models.DateTimeField(_("lease until"), null=True)
    started_at = models.DateTimeField(pgettext_lazy("time", "started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    error = models.TextField(_("error"), blank=True, default="")

    class Meta:
        verbose_name = _("background job")
        verbose_name_plural = _("background jobs")
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="job_key_once_per_kind"),
            models.CheckConstraint(condition=Q(state__in=JobState.values), name="job_state_known"),
            models.CheckConstraint(
                condition=~Q(state=JobState.RUNNING) | Q(lease_until__isnull=False),
                name="running_job_has_lease",
            ),
        ]
        indexes = [
            models.Index(fields=["queued_at"], condition=Q(state__in=["queued", "running"]), name="job_open"),
            models.Index(fields=["kind", "-queued_at"], name="job_last_of_kind"),
        ]

    def __str__(self) -> str:
        return self.kind


class Routine(Record):
    """The last turn of something that beat rings every few seconds (`mes.core.routines`). One row a routine."""

    tenancy: ClassVar[Tenancy] = system(staff=READ, planner=WRITE)

    name = models.CharField(_("name"), max_length=60, unique=True)
    finished_at = models.DateTimeField(_("finished"))
    duration_ms = models.PositiveIntegerField(_("duration (ms)"))
    error = models.TextField(_("error"), blank=True, default="")

    class Meta:
        verbose_name = _("routine")
        verbose_name_plural = _("routines")

    def __str__(self) -> str:
        return self.name


class KeptAnswer(Record):
    """The answer to a request under an Idempotency-Key, kept for a day. `digest`: of method, address and body.

    `caller_id`: the program, or the person where there is none. `roles`: those in which the caller got it.
    """

    tenancy: ClassVar[Tenancy] = private(firm=APPEND, staff=NONE, planner=("SELECT", "DELETE"))

    firm_id = models.UUIDField(_("firm"))
    caller_id = models.UUIDField(_("caller"))
    roles = ArrayField(models.CharField(max_length=16), verbose_name=_("roles"))
    key = models.CharField(_("key"), max_length=255)
    digest = models.CharField(_("digest"), max_length=64)
    status = models.PositiveSmallIntegerField(_("status"))
    body = models.TextField(_("body"))
    headers = models.JSONField(_("headers"), default=dict, blank=True)

    class Meta:
        verbose_name = _("kept answer")
        verbose_name_plural = _("kept answers")
        constraints = [models.UniqueConstraint(fields=["firm_id", "caller_id", "key"], name="answer_once_per_key")]
        indexes = [models.Index(fields=["created_at"], name="answer_by_age")]

    def __str__(self) -> str:
        return self.key


class NumberSeries(models.Model):
    """The last number given in one series of one firm (order numbers and the like)."""

    tenancy: ClassVar[Tenancy] = private(firm=WRITE, staff=NONE, planner=WRITE, exchange=WRITE)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    firm_id = models.UUIDField(_("firm"))
    name = models.CharField(_("series"), max_length=40)
    last = models.PositiveBigIntegerField(_("last number"), default=0)

    class Meta:
        verbose_name = _("number series")
        verbose_name_plural = _("number series")
        constraints = [models.UniqueConstraint(fields=["firm_id", "name"], name="series_once_per_firm")]

    def __str__(self) -> str:
        return self.name


class Change(models.Model):
    """Something that a firm is shown became otherwise in a transaction (`mes.core.feed`). Written by triggers alone.

    Without a firm it is told to all. The last row of an object, by `id`, says whether it is `deleted`; the order of
    the feed is that of `xid`. `at`: when it was written, `begun_at`: when its transaction began.
    """

    tenancy: ClassVar[Tenancy] = system(
        firm=READ, firm_condition=IN_NO_OTHER_NAME, planner=("SELECT", "DELETE"), owner="firm_id"
    )

    id = models.BigAutoField(primary_key=True)
    firm_id = models.UUIDField(_("firm"), null=True)
    kind = models.CharField(_("kind"), max_length=40)
    object_id = models.UUIDField(_("object key"))
    xid = TransactionIdField(_("transaction"))
    begun_at = models.DateTimeField(_("transaction begun"))
    at = models.DateTimeField(_("at"))
    deleted = models.BooleanField(_("deleted"), default=False)

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        constraints = [
            models.UniqueConstraint(
                fields=["firm_id", "xid", "kind", "object_id"], name="change_once", nulls_distinct=False
            )
        ]
        indexes = [
            models.Index(fields=["object_id", "id"], name="change_by_object"),
            models.Index(fields=["firm_id", "kind", "at"], name="change_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"
