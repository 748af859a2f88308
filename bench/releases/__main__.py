"""`python -m bench.releases try` makes a release and tries it; `... upgrade` takes one after the other under load;
`... before [COMMIT]` runs the tests of writing of the last release, or of a commit, on the database of this one."""

import argparse
import logging
import sys

from bench.faults.stage import Stage
from bench.ground import ground
from bench.releases.before import test_before
from bench.releases.trying import try_release


def upgrade() -> int:
    with ground() as own:
        from bench.releases.upgrading import try_upgrade  # needs Django set up

        logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
        scenes, releases = own.directory / "scenes", own.directory / "opt"
        scenes.mkdir()
        releases.mkdir()
        stage = Stage(scenes, own.environment | {"LOG_LEVEL": "INFO"}, own.redis, own.postgres)
        found = try_upgrade(stage, releases)
    print("; ".join([f"damage {found.damage}", *found.broken, *found.notes]))
    return 0 if found.is_clean else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.releases", description=__doc__)
    parser.add_argument("what", choices=("try", "upgrade", "before"))
    parser.add_argument("commit", nargs="?", default="")
    asked = parser.parse_args()
    match asked.what:
        case "try":
            sys.exit(try_release())
        case "upgrade":
            sys.exit(upgrade())
        case _:
            sys.exit(test_before(asked.commit))
