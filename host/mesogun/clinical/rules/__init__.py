"""One table has the rules of DOMAIN 6 that a protocol can keep or break by itself. A rule that holds is silent.

What needs a patient, a course or a clinic is not judged here. Names of substances are matched as written: a rule sees a
substance under the name it knows, so the group of an ingredient is asked for as well.
"""

from mesogun.clinical.protocol import Protocol
from mesogun.clinical.rules import cocktail, settings
from mesogun.clinical.rules.finding import BLOCK, CONFIRM, WARN, Finding, Rule
from mesogun.clinical.sources import in_words
from mesogun.clinical.toml_places import located
from mesogun.refusal import Refused

__all__ = ["BLOCK", "CONFIRM", "RULES", "WARN", "Finding", "Rule", "check", "findings"]

RULES = (
    Rule(
        "P1",
        BLOCK,
        "003, A",
        "no deeper than the needle is long",
        "Set a shallower depth, or fit a longer needle",
        settings.beyond_needle,
    ),
    Rule(
        "P4",
        CONFIRM,
        "003, A",
        "hypodermic depth on face, scalp, neck, décolleté or hands",
        "Stay within 4 mm, or have a physician confirm",
        settings.hypodermic_where_skin_is_thin,
    ),
    Rule("P5", CONFIRM, "003", "joint, muscle or ligament by gun", "Have a physician confirm", settings.joint_muscle_ligament),
    Rule(
        "P6",
        BLOCK,
        "A; eyelid dermis 0.76 mm, H",
        "under the eyes at most 2 mm, never inside the orbital rim",
        "Set 2 mm or less",
        settings.deep_under_the_eyes,
    ),
    Rule(
        "P7",
        CONFIRM,
        "000, 003",
        "the scalp is injected superficially, at most 4 mm",
        "Stay within 4 mm, or have a physician confirm",
        settings.deep_in_the_scalp,
    ),
    Rule(
        "P8",
        CONFIRM,
        "000",
        "the face is injected in its first and middle layer, deeper than 4 mm by need only",
        "Stay within 4 mm, or have a physician confirm the need",
        settings.deep_in_the_face,
    ),
    Rule(
        "P11",
        WARN,
        "000, 001",
        "points lie at the regular spacing of their technique",
        "Compare spacing and number of points with the area",
        settings.odd_spacing,
    ),
    Rule(
        "P14",
        BLOCK,
        "003",
        "platelet-poor plasma and thrombin go on the surface after a roller, never through the gun",
        "Take it out of the cocktail",
        cocktail.for_the_surface,
    ),
    Rule(
        "P15",
        BLOCK,
        "H",
        "nothing oil- or alcohol-based: it can kill tissue",
        "Choose a preparation in water",
        cocktail.oil_or_alcohol,
    ),
    Rule(
        "D5",
        BLOCK,
        "003",
        "at most 5 ingredients in a syringe; the diluent is not counted (A)",
        "Leave some out",
        cocktail.too_many,
    ),
    Rule("D7", WARN, "003", "a vasodilator in the mix: flushing is to be expected", "Tell the patient", cocktail.vasodilator),
    Rule(
        "D10",
        CONFIRM,
        "000, 004",
        "a DHT blocker only for hair",
        "Take it out, or have a physician confirm",
        cocktail.dht_blocker_outside_hair,
    ),
    Rule(
        "D11",
        BLOCK,
        "000",
        "the volumes of all ingredients and the diluent add up to the volume filled",
        "Correct the volumes, or `filled_ml`",
        cocktail.volumes_do_not_add_up,
    ),
    Rule(
        "D12",
        BLOCK,
        "H; 003 names it",
        "buflomedil: European authorisations suspended in 2012",
        "Take it out of the cocktail",
        cocktail.buflomedil,
    ),
    Rule("D13", BLOCK, "H", "volumising fillers never go through the gun", "Take it out of the cocktail", cocktail.filler),
    Rule(
        "D14",
        BLOCK,
        "H",
        "deoxycholic acid: submental only, at most 50 points and 10 ml",
        "Keep to its label",
        cocktail.deoxycholic_beyond_label,
    ),
    Rule(
        "not mesotherapy",
        BLOCK,
        "003",
        "PRP, botulinum toxin and stem cells work on the same principle but are not mesotherapy",
        "Take it out of the cocktail",
        cocktail.other_therapies,
    ),
    Rule(
        "technique",
        WARN,
        "DOMAIN 2",
        "not how this technique is usually done",
        "Check mode, depth and dose",
        settings.unusual_for_the_technique,
    ),
    Rule(
        "usual",
        WARN,
        "DOMAIN 1 to 4, A",
        "allowed, but outside the range usual in the field",
        "Check that it is meant",
        settings.unusual_values,
    ),
)


def findings(protocol: Protocol) -> tuple[Finding, ...]:
    """Returns everything the rules find, in the order of the table: blocks, confirmations and warnings alike."""
    found = [
        Finding(field, value, rule.id, rule.severity, f"{rule.text} ({_named(rule)}{in_words(rule.source)})", rule.remedy)
        for rule in RULES
        for field, value in rule.breaches(protocol)
    ]
    return located(protocol.text, found)


def _named(rule: Rule) -> str:
    """Returns what a rule is called in DOMAIN 6; some are not in it, and their words say it all."""
    return f"rule {rule.id}: " if rule.id[-1].isdigit() else ""


def check(protocol: Protocol) -> tuple[Finding, ...]:
    """Returns what has to be confirmed and what to be aware of. Raises Refused with every finding that blocks."""
    found = findings(protocol)
    blocks = [finding.problem() for finding in found if finding.severity == BLOCK]
    if blocks:
        raise Refused(*blocks)
    return found
