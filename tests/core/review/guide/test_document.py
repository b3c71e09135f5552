"""A guide as a file: it reads back the same, and what is wrong is named; spellings; styles brought from Vale."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import Invalid
from core.review.guide.check import check_draft
from core.review.guide.document import Guide, read_file, read_guide, write_file
from core.review.guide.rules import Case, Level, RuleKind, Scope
from core.review.guide.spelling import Spelling, spelling_rule
from core.review.guide.vale import read_style

GUIDE = """
notes: |
  Plain, second person.
spelling: british
presets: [no-exclamation-marks, sentence-length]
rules:
  - name: words
    kind: existence
    tokens: [leverage, synergy]
    level: error
  - name: better
    kind: substitution
    swap: {utilise: use}
"""


def marked(text: str, guide: Guide) -> list[tuple[str, str]]:
    return [(note.rule, text[note.start : note.end]) for note in check_draft(text, guide.all_rules()).notes]


def test_a_guide_reads_back_the_same() -> None:
    guide = read_file(GUIDE.encode())
    assert read_file(write_file(guide).encode()) == guide
    assert read_file(write_file(guide).encode()).sha256 == guide.sha256
    assert guide.notes == "Plain, second person."
    assert guide.rules[0].level is Level.ERROR
    assert read_file(write_file(Guide()).encode()) == Guide()


def test_everything_in_it_is_checked() -> None:
    assert marked("We leverage color! We utilise it.", read_file(GUIDE.encode())) == [
        ("words", "leverage"), ("spelling-british", "color"), ("no-exclamation-marks", "!"), ("better", "utilise"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([], "A guide is"),
        ({"rulez": []}, "The guide has 'rulez'"),
        ({"spelling": "canadian"}, "Choose british or american"),
        ({"presets": ["no-fun"]}, "There is no preset 'no-fun'"),
        ({"rules": [{"kind": "existence"}]}, "Rule 1 has no name"),
        ({"rules": [{"name": "a", "kind": "wish"}]}, "Rule 1: kind is 'wish'"),
        ({"rules": [{"name": "a", "kind": "existence"}]}, r"Rule 1 \(a\) lacks tokens or raw"),
        ({"rules": [{"name": "a", "kind": "existence", "tokens": "x"}]}, "Rule 1: tokens is 'x'"),
        ({"rules": [{"name": "a", "kind": "existence", "tokens": ["("], "is_pattern": True}]}, r"the expression '\(' cannot be read"),
        ({"rules": [{"name": "a", "kind": "existence", "tokens": ["x"], "colour": 1}]}, "Rule 1 has the setting 'colour'"),
        ({"rules": [{"name": "a", "kind": "occurrence", "tokens": ["x"]}]}, "neither maximum nor minimum"),
        ({"rules": [{"name": "a", "kind": "occurrence", "tokens": ["x"], "maximum": -1}]}, "maximum is -1"),
        ({"rules": [{"name": "a", "kind": "conditional", "first": "x"}]}, "needs both first and second"),
        ({"rules": [{"name": "a", "kind": "existence", "tokens": ["x"], "message": "%s %s %s"}]}, "more than two %s"),
        ({"rules": [{"name": "no-emoji", "kind": "existence", "tokens": ["x"]}]}, "Two rules are called 'no-emoji'"),
        ({"rules": [{"name": "a", "kind": "substitution", "swap": {"x": 1}}]}, "swap is"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(values: object, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        read_guide(values)


def test_a_file_that_is_no_yaml_is_refused() -> None:
    with pytest.raises(Invalid, match="The guide is no YAML"):
        read_file(b"rules: [")
    with pytest.raises(Invalid, match="The guide is no YAML"):
        read_file(b"a: !!python/object/apply:os.system ['true']")


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"kind": "existence", "raw": "("}, "the expression '\\(' cannot be read"),
        ({"kind": "existence", "tokens": ["(?x) foo # a comment"], "is_pattern": True}, "do not fit together"),
        ({"kind": "substitution", "swap": {"": "b"}}, "an empty word in its swap"),
        ({"kind": "existence", "tokens": ["(" * 3000 + ")" * 3000], "is_pattern": True}, "cannot be read|do not fit"),
        ({"kind": [1], "tokens": ["x"]}, "kind is a list"),
        ({1: 2, "foo": 3, "name": "x"}, "has the setting '1'"),
    ],
)
def test_what_could_not_be_checked_is_refused(rule: dict[Any, Any], said: str) -> None:
    with pytest.raises(Invalid, match=said):
        read_guide({"rules": [{"name": "r"} | rule]})


def test_values_that_are_no_text_are_named_without_their_contents() -> None:
    with pytest.raises(Invalid, match="There is no preset a list"):
        read_guide({"presets": [["a"] * 10_000]})
    with pytest.raises(Invalid, match="A guide is a list"):
        read_guide([["a"] * 10_000])


@pytest.mark.parametrize(
    ("spelling", "text", "wrong"),
    [
        (Spelling.BRITISH, "The color of the center; we organize or organise, analyze, while the license lasts.", ["color", "center", "analyze"]),
        (Spelling.AMERICAN, "The colour, travelled, organised; an organization; the analyses of cheques.", ["colour", "travelled", "organised", "cheques"]),
    ],
)  # fmt: skip
def test_a_spelling_marks_the_words_of_the_other_side(spelling: Spelling, text: str, wrong: list[str]) -> None:
    notes = check_draft(text, [spelling_rule(spelling)]).notes
    assert [text[note.start : note.end] for note in notes] == wrong


def test_no_spelling_calls_its_own_words_wrong() -> None:
    for spelling in Spelling:
        rule = spelling_rule(spelling)
        better = " ".join(value for _, value in rule.swap)
        assert check_draft(better, [rule]).notes == ()


STYLE = {
    "Brand/Words.yml": """
extends: existence
message: "Consider removing '%s'"
level: error
ignorecase: true
link: https://example.org
tokens: [obviously, 'deep[- ]dives?']
""",
    "Brand/Terms.yml": """
extends: substitution
message: Use '%s' instead of '%s'.
swap:
  '(?:log|sign)-?in page': login page
  e-mail: email
action: {name: replace}
""",
    "Brand/Commas.yml": "extends: occurrence\nmessage: Too many commas (%s).\nscope: sentence\nmax: 2\ntoken: ','\n",
    "Brand/Twice.yml": "extends: repetition\nmessage: \"'%s' is repeated!\"\nalpha: true\ntokens: ['[^\\s]+']\n",
    "Brand/Either.yml": "extends: consistency\nmessage: \"'%s' in two forms.\"\neither: {advisor: adviser}\n",
    "Brand/Headings.yml": "extends: capitalization\nmessage: \"'%s' should be a sentence.\"\nscope: heading\nmatch: $sentence\nexceptions: [Proofroom]\n",
    "Brand/Acronyms.yml": "extends: conditional\nmessage: \"'%s' has no definition.\"\nfirst: '\\b([A-Z]{3,5})\\b'\nsecond: '(?:\\b[A-Z][a-z]+ )+\\(([A-Z]{3,5})\\)'\n",
    "Brand/Raw.yml": "extends: existence\nmessage: nothing\nnonword: true\nraw: ['\\bfoo', '(?=bar)']\n",
}  # fmt: skip


def test_a_style_of_vale_is_brought_along() -> None:
    style = read_style((path, text.encode()) for path, text in STYLE.items())
    assert style.refused == ()
    guide = Guide(rules=style.rules)
    assert marked("Obviously a deep-dive, to the sign-in page: an e-mail, foobar.", guide) == [
        ("Brand.Words", "Obviously"), ("Brand.Words", "deep-dive"), ("Brand.Terms", "sign-in page"), ("Brand.Terms", "e-mail"), ("Brand.Raw", "foo"),
    ]  # fmt: skip
    assert marked("One, two, three, four. It is is so. An advisor saw an adviser.", guide) == [
        ("Brand.Commas", ","), ("Brand.Twice", "is is"), ("Brand.Either", "adviser"),
    ]  # fmt: skip
    text = "# What We Do\n\nThe Data Officer (DPO) and the CFO.\n"
    assert marked(text, guide) == [("Brand.Headings", "What We Do"), ("Brand.Acronyms", "CFO")]
    by_name = {rule.name: rule for rule in style.rules}
    assert by_name["Brand.Words"].level is Level.ERROR
    assert by_name["Brand.Terms"].level is Level.WARNING
    assert by_name["Brand.Headings"].case is Case.SENTENCE
    assert by_name["Brand.Commas"].scope is Scope.SENTENCE
    assert by_name["Brand.Words"].source == "Brand/Words.yml"
    assert read_file(write_file(guide).encode()) == guide


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("extends: script\nmessage: x\nscript: 'x := 1'\n", "no program is run here"),
        ("extends: spelling\nmessage: x\n", "needs a dictionary"),
        ("extends: magic\nmessage: x\n", "no such kind"),
        ("message: x\n", "does not say what it extends"),
        ("extends: existence\nmessage: x\ntokens: ['(']\n", "cannot be read"),
        ("extends: existence\nmessage: x\ntokens: [x]\nscope: table\n", "Its scope is 'table'"),
        ("extends: existence\nmessage: x\ntokens: [x]\nscope: heading.h2\n", "Its scope is"),
        ("extends: existence\nmessage: x\ntokens: [x]\nwibble: 1\n", "It has 'wibble'"),
        ("extends: capitalization\nmessage: x\nmatch: '[A-Z]'\n", "It asks for"),
        ("extends: substitution\nmessage: x\n", "Its swap is None"),
        ("extends: [", "It is no YAML"),
        ("extends: existence\nmessage: x\ntokens: [x]\nscope: [heading, text]\n", "Its scope is a list"),
    ],
)
def test_what_cannot_be_brought_along_is_said_and_the_rest_gets_in(text: str, why: str) -> None:
    style = read_style([("S/Bad.yml", text.encode()), ("S/Words.yml", STYLE["Brand/Words.yml"].encode())])
    assert [rule.kind for rule in style.rules] == [RuleKind.EXISTENCE]
    assert [refused.file for refused in style.refused] == ["S/Bad.yml"]
    assert why in style.refused[0].reason


def test_an_appended_expression_stands_behind_the_words() -> None:
    text = "extends: existence\nmessage: x\nappend: true\nraw: ['\\s+times']\ntokens: [two, three]\n"
    style = read_style([("S/A.yml", text.encode())])
    assert marked("Two times, two apples, three  times.", Guide(rules=style.rules)) == [("S.A", "three  times")]
