from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mes.core.states import Moves, table


class PlanRunState(models.TextChoices):
    QUEUED = "queued", _("queued")
    RUNNING = "running", _("running")
    CANDIDATE = "candidate", _("candidate")
    PUBLISHED = "published", _("published")
    ADVISED = "advised", pgettext_lazy("plan run", "advice")
    DISCARDED = "discarded", _("discarded")
    FAILED = "failed", _("failed")


PLAN_RUN_NEXT: Moves = table(
    queued=("running", "discarded", "failed"),
    running=("candidate", "published", "advised", "failed", "discarded"),
    candidate=("published", "discarded", "failed"),
    advised=("discarded",),
)


class ScenarioState(models.TextChoices):
    """A scenario is compared and dropped; no state leads to the live plan."""

    QUEUED = "queued", _("queued")
    RUNNING = "running", _("running")
    COMPUTED = "computed", pgettext_lazy("scenario", "computed")
    FAILED = "failed", _("failed")
    DISCARDED = "discarded", _("discarded")


SCENARIO_NEXT: Moves = table(
    queued=("running", "discarded", "failed"),
    running=("computed", "failed", "discarded"),
    computed=("discarded",),
    failed=("discarded",),
)
OPEN_SCENARIO_STATES = (ScenarioState.QUEUED, ScenarioState.RUNNING)


class OverrideKind(models.TextChoices):
    """What a scenario has otherwise: the planning core's kinds."""

    MACHINE_MORE = "machine_more", _("one machine more, like another")
    HOURS_MORE = "hours_more", _("longer hours: a shift or overtime more")
    NO_WORK = "no_work", _("no work: a machine away or down, a holiday")
    OFFER_MORE = "offer_more", _("a machine more on offer, on another offer's terms")
    OFFER_LESS = "offer_less", _("an offer withdrawn")
    OFFER_CHANGE = "offer_change", _("another share of an offer")
    LINE_MORE = "line_more", _("one order line more, like another")
    LINE_LESS = "line_less", _("an order line less")
    LINE_CHANGE = "line_change", _("an order line with other pieces, date, priority or consent")


class ScenarioFault(models.TextChoices):
    """Why an override or a whole scenario cannot be used: the planning core's codes, and the job's own."""

    KIND_UNKNOWN = "kind_unknown", _("There is no such kind of change.")
    FIELD_UNKNOWN = "field_unknown", _("This kind of change has no such field.")
    MISSING = "missing", _("This field is needed.")
    NOT_WHOLE = "not_whole", _("A whole number is wanted.")
    NOT_TEXT = "not_text", _("A text is wanted.")
    NOT_A_LIST = "not_a_list", _("A list is wanted.")
    NOT_AN_OBJECT = "not_an_object", _("An object is wanted.")
    TOO_MANY = "too_many", _("At most %(most)s are taken.")
    OUT_OF_RANGE = "out_of_range", _("It must be from %(least)s to %(most)s.")
    CHOICE_UNKNOWN = "choice_unknown", _("There is no such choice.")
    KEY_UNKNOWN = "key_unknown", _("There is no such thing in the plan.")
    TARGET_WANTED = "target_wanted", _("Name a machine alone, or a firm, a machine class or both.")
    ENDS_BEFORE_START = "ends_before_start", _("The end must be after the beginning.")
    CHANGES_NOTHING = "changes_nothing", _("This changes nothing.")
    CHANGED_TWICE = "changed_twice", _("Another change is about the same.")
    RULES_BROKEN = "rules_broken", _("The plan broke a rule and was thrown away.")
    GIVEN_UP = "given_up", _("The computation was given up after several attempts.")


class PlanScope(models.TextChoices):
    PARK = "park", _("the whole park")
    FIRM_ALONE = "firm_alone", _("one firm without the others' capacity")


class RunStatus(models.TextChoices):
    """A machine run's state. Confirmed and started work never moves."""

    PROPOSED = "proposed", _("proposed")
    APPROVED = "approved", _("approved")
    CONFIRMED = "confirmed", _("confirmed")
    STARTED = "started", _("started")
    COMPLETED = "completed", _("completed")
    CANCELLED = "cancelled", _("cancelled")


RUN_NEXT: Moves = table(
    proposed=("approved", "confirmed", "cancelled"),
    approved=("proposed", "confirmed", "cancelled"),
    confirmed=("started", "cancelled"),
    started=("completed",),
)
LIVE_RUN_STATUSES = (RunStatus.PROPOSED, RunStatus.APPROVED, RunStatus.CONFIRMED, RunStatus.STARTED)
FROZEN_RUN_STATUSES = (RunStatus.APPROVED, RunStatus.CONFIRMED, RunStatus.STARTED)


class ProposalStatus(models.TextChoices):
    PROPOSED = "proposed", _("proposed")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")
    EXPIRED = "expired", _("expired")
    WITHDRAWN = "withdrawn", _("withdrawn")


PROPOSAL_NEXT: Moves = table(proposed=("accepted", "declined", "expired", "withdrawn"))
BARRING_STATUSES = (ProposalStatus.DECLINED, ProposalStatus.EXPIRED, ProposalStatus.WITHDRAWN)


class PromiseStatus(models.TextChoices):
    """Told binds nobody; reserved holds the firm's machine time and material until it is released or its time is up."""

    TOLD = "told", pgettext_lazy("promise", "told")
    RESERVED = "reserved", pgettext_lazy("promise", "reserved")
    RELEASED = "released", pgettext_lazy("promise", "released")
    EXPIRED = "expired", pgettext_lazy("promise", "expired")


PROMISE_NEXT: Moves = table(
    told=("reserved",),
    reserved=("released", "expired"),
)


class TrialStatus(models.TextChoices):
    """Queued waits for its calculation; told may be accepted or declined."""

    QUEUED = "queued", pgettext_lazy("trial", "queued")
    TOLD = "told", pgettext_lazy("trial", "told")
    ACCEPTED = "accepted", pgettext_lazy("trial", "accepted")
    DECLINED = "declined", pgettext_lazy("trial", "declined")
    FAILED = "failed", pgettext_lazy("trial", "failed")


TRIAL_NEXT: Moves = table(
    queued=("told", "declined", "failed"),
    told=("accepted", "declined"),
)


class TrialOutcome(models.TextChoices):
    """What becomes of a line whose finish changes."""

    LATE = "late", pgettext_lazy("trial", "becomes late, or later")
    NO_PLACE = "no_place", pgettext_lazy("trial", "loses its place")
    LATER = "later", pgettext_lazy("trial", "later, in time")
    EARLIER = "earlier", pgettext_lazy("trial", "earlier")
    IN_TIME = "in_time", pgettext_lazy("trial", "new, in time")


class ReasonCode(models.TextChoices):
    """Why a line is late or has no place: the planner's codes, in words for those who have no data to fill in."""

    FIXED_LATE = "fixed_late", _("work that may not move is late")
    REFUSED = "refused", _("optional, and late or dearer than its refusal")
    DUE_BEFORE_RELEASE = "due_before_release", _("due before work may begin")
    ROUTING_LOOP = "routing_loop", _("the routing leads back to an operation that it has passed")
    PIECES_DO_NOT_SPLIT = "pieces_do_not_split", _("its quantities do not split into lots, batches and loads")
    NO_ROUTE = "no_route", _("the product has no routing")
    NO_MACHINE = "no_machine", _("the firm has no machine for it")
    POOL_MISSING = "pool_missing", _("the firm lacks the mould, the crew or the power")
    MATERIAL_MISSING = "material_missing", _("material is missing")
    MATERIAL_LATE = "material_late", _("material comes late")
    PLANNERS_HAND = "planners_hand", _("its planner has pinned it, kept it off machines or set a sequence")
    ROUTE_TOO_LONG = "route_too_long", _("too little time even on idle machines")
    MACHINE_BUSY = "machine_busy", _("the machine works for others")
    CLOSED_HOURS = "closed_hours", _("closed hours in between")
    HORIZON = "horizon", _("does not fit before the plan ends")
    CONSENT_NEVER = "consent_never", _("its firm does not give it away")
    OWN_PRODUCT = "own_product", _("a product of its firm's own, made at home only")
    NO_OFFER = "no_offer", _("no member offers such a machine")
    FIRMS_EXCLUDED = "firms_excluded", _("its firm excludes the members that offer")
    FEE_CEILING = "fee_ceiling", _("the offers cost more than its firm pays")
    LEAST_LOT = "least_lot", _("too little for the offers' least lots")
    OFFER_WINDOW = "offer_window", _("the offers are for another time")
    NO_MOULD = "no_mould", _("the members that offer lack the mould, die or frame")
    OFFERS_FULL = "offers_full", _("the offers have no room in time")
    RESCUE_OVERTIME = "rescue_overtime", _("sooner with overtime")
    RESCUE_OFFER = "rescue_offer", _("sooner at other members, if its firm consents")
    RESCUE_GIVE_WAY = "rescue_give_way", _("sooner if lines of its firm with time in hand give way")
    RESCUE_POOL = "rescue_pool", _("sooner with one more mould or crew")


class NoteCode(models.TextChoices):
    """Bad data that is nobody's reason by itself: it is named before the search, and work is planned around it."""

    NO_HOURS = "no_hours", _("no working hours")
    PIN_IMPOSSIBLE = "pin_impossible", _("pinned to a step or a machine that cannot be")
    FIXED_RUNS_OVERLAP = "fixed_runs_overlap", _("frozen runs overlap; new work is kept off both")


# Whom a firm excludes and what it pays at most are its own affair: the association is told no more than this.
REASONS_OF_TERMS = frozenset({ReasonCode.FIRMS_EXCLUDED, ReasonCode.FEE_CEILING})
