"""Entry of ``python -m mes.embedded``."""

import sys

from mes.embedded.cli import main

sys.exit(main(sys.argv[1:]))
