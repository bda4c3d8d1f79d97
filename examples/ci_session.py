"""One session in CI: a protocol is given with a simulated gun, its result is kept as JSON, and anything less fails the job.

python examples/ci_session.py [PROTOCOL] [PORT]
"""

import json
import sys
from pathlib import Path

import mesogun


def main(protocol: str = "face/mesolift", port: str = "sim://?seed=1") -> int:
    try:
        result = mesogun.give(mesogun.load(protocol), port, records="ci-records.db")
        Path("result.json").write_text(json.dumps(result.to_dict(), indent=1))
        print(result)
        off_um = result.shots["measured_depth_um"] - result.shots["commanded_depth_um"]
        print(f"depth is off by at most {abs(off_um).max()} um in {len(off_um)} shots")
        result.raise_for_outcome()
    except mesogun.MesogunError as error:  # bad input, a lost gun, a lost record, or a session that did not complete
        print(json.dumps(error.to_dict()), file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
