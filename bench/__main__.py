"""`make bench`: every measure, or those named (`make bench ARGS="engine_speed pages"`)."""

import importlib
import sys
import time

SCRIPTS = (
    "engine_quality",
    "engine_speed",
    "autocomplete",
    "pages",
    "catalogue_list",
    "matrix",
    "queue",
    "imports",
    "funding",
)


def main() -> int:
    """Run the scripts named on the command line, or all of them."""
    names = sys.argv[1:] or list(SCRIPTS)
    unknown = [name for name in names if name not in SCRIPTS]
    if unknown:
        print(f"Mesures inconnues : {', '.join(unknown)}. Au choix : {', '.join(SCRIPTS)}")
        return 2
    for name in names:
        print(f"\n## {name}\n", flush=True)
        started = time.monotonic()
        sys.argv = [name]
        importlib.import_module(f"bench.{name}").main()
        print(f"\n({time.monotonic() - started:.0f} s)", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
