"""Makes the kernels ready: each format's warm-up calls them with the types of production, so none compiles later."""

from production.planning.command.formats import MODULES, format_named
from production.planning.kernel.compiler import FOLDER, KERNELS, forget_old
from production.planning.kernel.generator import draw, generator_state


def compile_kernels() -> dict[str, object]:
    """Compiles what the cache lacks; says how many kernels there are, how many had to be compiled, and where."""
    draw(generator_state(seed=0), 2)
    for name in sorted(MODULES):
        format_named(name).warm_up()
    forget_old(FOLDER)
    compiled = sum(sum(one.stats.cache_misses.values()) for one in KERNELS if hasattr(one, "stats"))
    return {"kernels": len(KERNELS), "compiled": compiled, "folder": str(FOLDER)}
