"""From the sample's shapes to rows of the database, under the working roles."""

from mes.demo.seed.index import Index
from mes.demo.seed.whole import sample_seed

__all__ = ["Index", "sample_seed"]
