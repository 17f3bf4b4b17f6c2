"""The way back for an administrator who has lost telephone, recovery codes and colleagues."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mes.core.actors import Actor, Channel, DatabaseRole
from mes.core.errors import DomainError
from mes.core.wall import actor_wall
from mes.firms.choices import Role
from mes.firms.models import User
from mes.signin.services import second_factor_reset


class Command(BaseCommand):
    help = "Resets the second factor of one of the association's people."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="the user name, without @")

    def handle(self, *args: Any, **options: Any) -> None:
        roles = frozenset({Role.ADMINISTRATOR.value})
        actor = Actor(database_role=DatabaseRole.STAFF, channel=Channel.COMMAND, roles=roles)
        try:
            with actor_wall(actor):
                user = User.objects.filter(username=options["username"], firm=None).first()
                if user is None:
                    raise CommandError("There is no such person of the association.")
                second_factor_reset(actor=actor, user_id=user.pk)
        except DomainError as error:
            raise CommandError(str(error.detail)) from error
        self.stdout.write(f"The second factor of {options['username']} is reset.")
