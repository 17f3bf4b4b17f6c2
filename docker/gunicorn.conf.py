"""How gunicorn serves the web, in the container and under `make serve` alike. The environment may say otherwise."""

import gc
import os
from pathlib import Path

wsgi_app = "mes.wsgi"
bind = os.environ.get("WEB_BIND") or "127.0.0.1:8000"  # the loopback address: a proxy stands before it

# Threads wait for the database, processes use the processors. Each process opens a pool of its own, of at most
# DATABASE_POOL_SIZE connections, and only after the fork: the application is never loaded before it.
worker_class = "gthread"
workers = int(os.environ.get("WEB_PROCESSES") or 2)
threads = int(os.environ.get("WEB_THREADS") or 8)
preload_app = False

timeout = 60  # a process that stopped answering its parent is killed and replaced
graceful_timeout = 20  # what requests get to end after SIGTERM
keepalive = 5
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - heartbeats must not wait for a disk

accesslog = "-" if os.environ.get("WEB_ACCESS_LOG") == "1" else None
errorlog = "-"
loglevel = "warning"
control_socket_disable = True  # it would lie in the home folder, shared by all installations of one user

# What a process has loaded stays until its end, and a firm's board is many objects that stay as well. With Python's own
# thresholds a call waits now and then until the collector has looked through all of it.
FEWER_COLLECTIONS = (10_000, 10, 30)


def post_worker_init(_worker: object) -> None:
    """Once the application is loaded: the collector leaves what is there alone, and comes more seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*FEWER_COLLECTIONS)
