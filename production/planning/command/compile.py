"""Makes the kernels ready: each format's warm-up calls them with the types of production, so none compiles later."""

from pathlib import Path

from production.planning.command.formats import MODULES, format_named
from production.planning.kernel.compiler import FOLDER, KERNELS, forget_old
from production.planning.kernel.generator import draw, generator_state


def compile_kernels() -> dict[str, object]:
    """Compiles what the cache lacks; says how many kernels there are, how many had to be compiled, and where.

    Raises RuntimeError when a kernel was left out: some plan would wait for the compiler.
    """
    draw(generator_state(seed=0), 2)
    for name in sorted(MODULES):
        format_named(name).warm_up()
    forget_old(FOLDER)
    machine = [one for one in KERNELS if hasattr(one, "stats")]
    kept = sum(1 for _ in Path(FOLDER).glob("**/*.nbc"))
    if kept < len(machine):
        raise RuntimeError(f"{len(machine) - kept} kernels are called by no warm-up")
    compiled = sum(sum(one.stats.cache_misses.values()) for one in machine)
    return {"kernels": len(KERNELS), "compiled": compiled, "folder": str(FOLDER)}
