"""The association's first administrator, and the way back for one who has lost the password and the colleagues."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from mes.core.actors import Actor, Channel, DatabaseRole
from mes.core.clock import database_now
from mes.core.errors import DomainError
from mes.core.wall import actor_wall
from mes.firms.choices import Role
from mes.firms.models import User
from mes.firms.services import account_code_issue, user_create


class Command(BaseCommand):
    help = "Prints a code with which the administrator sets a password; makes the account if there is none."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="the user name, without @")

    def handle(self, *args: Any, **options: Any) -> None:
        actor = Actor(
            database_role=DatabaseRole.STAFF, channel=Channel.COMMAND, roles=frozenset({Role.ADMINISTRATOR.value})
        )
        try:
            with actor_wall(actor):
                user = User.objects.filter(username=options["username"]).first()
                if user is None:
                    roles = [Role.ADMINISTRATOR]
                    user = user_create(actor=actor, username=options["username"], firm=None, roles=roles)
                if Role.ADMINISTRATOR not in user.roles:
                    raise CommandError(f"{user.username} is no administrator.")
                issued = account_code_issue(actor=actor, user_id=user.pk, now=database_now())
        except DomainError as error:
            raise CommandError(str(error.detail)) from error
        until = issued.row.expires_at.isoformat(timespec="minutes")
        self.stdout.write(f"code {issued.code}\nto be used once at {reverse('account:welcome')}, until {until}")
