from mes.core.formats import *  # noqa: F403 - Django reads the names from here
