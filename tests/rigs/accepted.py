"""The other side of planning: whether the gun takes what was planned."""

from mesogun.clinical.plans import Plan
from mesogun_fw.config import Description
from mesogun_fw.device.program import Program
from mesogun_fw.stroke import drive
from mesogun_fw.stroke.audit import Audit
from mesogun_fw.stroke.language import Stroke
from mesogun_fw.talk import frames


def the_device_accepts(made: Plan, description: Description) -> None:
    """The firmware's own code stores the plan, derives the same from it, and compiles and audits every pass."""
    program = Program(description)
    program.load(frames.named("begin", list(made.head)))
    for one in made.passes:
        program.add(one.fields())
    assert program.commit(made.digest) == [made.digest, made.shots, made.deepest_um, made.volume_nl, made.duration_ms]
    for one in program.passes:
        wanted, stroke = one.settings(program.syringe_bore_um), Stroke()
        drive.compile(stroke, wanted, description)
        assert Audit(stroke, wanted, description).deepest_um == one.depth_um
