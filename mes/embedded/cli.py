"""Command line: ``python -m mes.embedded run|serve|provision|stop``."""

import argparse
import os
import sys
from collections.abc import Sequence

from mes.embedded.errors import MachineLacks, ServiceFailed
from mes.embedded.launchers import stop_launcher
from mes.embedded.processes import adopt_orphans, end_with_parent
from mes.embedded.provision import ROLE_PASSWORDS, provision_database, provision_roles, with_password
from mes.embedded.secret_values import given, secret_values
from mes.embedded.services import CHECKOUT, DATABASE, PURPOSES, Services
from mes.embedded.serving import Launcher
from mes.embedded.stack import Stack
from mes.embedded.supervise import Stopped, end_leftovers, handled, run, stop_by_exception, undisturbed

MACHINE_LACKS = 2
FAILED = 1
MOST_PORT = 65535


def main(arguments: Sequence[str]) -> int:
    """Run one subcommand; 2 and one line when the machine lacks something, 1 and one line when a service fails."""
    parsed = _parser().parse_args(arguments)
    try:
        return int(parsed.action(parsed))
    except MachineLacks as error:
        print(error, file=sys.stderr)
        return MACHINE_LACKS
    except ServiceFailed as error:
        print(error, file=sys.stderr)
        return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m mes.embedded", description=__doc__)
    actions = parser.add_subparsers(required=True, metavar="ACTION")

    running = actions.add_parser("run", help="start the services, run a command with their addresses, stop them")
    running.add_argument("--for", dest="purpose", choices=PURPOSES, default="demo")
    running.add_argument("command", nargs=argparse.REMAINDER, help="-- COMMAND ARGUMENTS")
    running.set_defaults(action=_run)

    serving = actions.add_parser("serve", help="serve the sample park: services, data, web, worker and beat")
    serving.add_argument("--port", type=_port, help="of the web; any free one when left out")
    serving.add_argument("--reset", action="store_true", help="make the data anew")
    serving.add_argument("--end-with-parent", action="store_true", help="stop when the calling process ends")
    serving.set_defaults(action=_serve)

    provisioning = actions.add_parser("provision", help="make roles and a database on a running server")
    provisioning.add_argument("--database", default=DATABASE)
    provisioning.add_argument("--fresh", action="store_true", help="drop a database of that name first")
    provisioning.set_defaults(action=_provision)

    stopping = actions.add_parser("stop", help="stop all services of this checkout")
    stopping.set_defaults(action=_stop)
    return parser


def _run(parsed: argparse.Namespace) -> int:
    command = parsed.command[1:] if parsed.command[:1] == ["--"] else parsed.command
    if not command:
        print("run needs a command after --", file=sys.stderr)
        return MACHINE_LACKS
    adopt_orphans()  # the servers too become children of ours, so that none stays behind as a zombie
    services = Services(parsed.purpose)
    with handled(stop_by_exception):
        try:
            try:
                return run(command, environment=services.acquire())
            finally:
                undisturbed()
                end_leftovers(keep=services.pids())
                services.release()
                end_leftovers(keep=services.pids())
        except Stopped as stopped:
            return 128 + int(stopped.args[0])


def _serve(parsed: argparse.Namespace) -> int:
    if parsed.end_with_parent:
        end_with_parent()
    return Launcher(CHECKOUT, port=parsed.port, arguments=["--reset"] if parsed.reset else []).serve()


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MOST_PORT:
        raise argparse.ArgumentTypeError(f"a port from 1 to {MOST_PORT} is wanted, not {text!r}")
    return int(text)


def _provision(parsed: argparse.Namespace) -> int:
    """As owner the database alone; with an administrator's address the roles too."""
    environment = os.environ.get("MES_ENVIRONMENT") or "production"
    if parsed.fresh and environment == "production":
        raise ServiceFailed("--fresh drops a database: only with MES_ENVIRONMENT set to demo, test or development")
    url = os.environ.get("DATABASE_OWNER_URL")
    if not url:
        if not os.environ.get("DATABASE_URL"):
            raise MachineLacks("set DATABASE_URL to an administrator's address, or DATABASE_OWNER_URL to the owner's")
        url = with_password(os.environ["DATABASE_URL"], given("DATABASE_PASSWORD"))
        provision_roles(admin_url=url, passwords=_role_passwords(), environment=environment)
    provision_database(url=url, database=parsed.database, fresh=parsed.fresh)
    return 0


def _role_passwords() -> dict[str, str]:
    """From the environment; what it does not give is made and kept in the checkout."""
    passwords = {name: given(name) for name in ROLE_PASSWORDS}
    if all(passwords.values()):
        return passwords
    services = Services("demo")
    services.make_home()
    kept = secret_values(services.home)
    print(f"passwords not given as MES_…_PASSWORD are in {services.home / 'secrets.json'}", file=sys.stderr)
    return kept


def _stop(_parsed: argparse.Namespace) -> int:
    stack = Stack(CHECKOUT)
    stop_launcher(stack.folder, stack.work)
    for purpose in PURPOSES:
        Services(purpose).stop()
    print("stopped: nothing of this checkout runs any more")
    return 0
