"""`python -m bench.growth [RUNS]` measures the model's constants on this machine, predicts a load of other sizes, runs
it and prints both, as medians of so many runs of three minutes each."""

import json
import sys
from pathlib import Path

from bench.ground import ground
from bench.growth import company
from bench.growth.constants import Constants, medians, rows
from bench.processes import raise_file_limit
from bench.tables import table

FILE = Path("var/growth.json")  # the constants, for whoever asks the model something else


def main(runs: int) -> None:
    raise_file_limit()
    with ground() as own:
        from bench.growth.measuring import Measuring
        from bench.growth.scene import scene_on
        from bench.growth.trial import compared, trial_on

        with scene_on(own, 1000) as scene:
            measuring, trial = Measuring(scene), trial_on(scene)
            found = [(measuring.run(), trial.run()) for _ in range(runs)]
            one = Constants(**medians([constants for constants, _ in found]))
            FILE.parent.mkdir(exist_ok=True)
            FILE.write_text(json.dumps(vars(one)))
            print(table(("constant", "measured"), rows(one)))
            print(compared(one, trial, [tried for _, tried in found]))
            print(
                table(
                    ("1,000 organizations, 100,000 people, 1,000,000 sockets", "by the model"),
                    company.rows(one),
                )
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
