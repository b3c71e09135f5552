"""Functions and classes of other languages: name, signature, the comment above and the code, as written."""

from __future__ import annotations

import time

import pytest

from core.records.code_cutting import cut_into_units
from core.records.code_units import MAX_CLASS_CHARACTERS
from core.records.syntax_trees import GRAMMARS, tree_units

# language, source, (kind, name, signature, about, first line of the code)
CASES = [
    (
        "JavaScript", "/** Heats.\n * Twice.\n */\nexport async function heat(a) {\n  const b = a;\n  return b;\n}\n",
        ("function", "heat", "export async function heat(a)", "Heats.\nTwice.", "export async function heat(a) {"),
    ),
    (
        "JavaScript", "// Cools.\nconst cool = (a) => {\n  const b = a;\n  return b;\n};\n",
        ("function", "cool", "const cool = (a) =>", "Cools.", "const cool = (a) => {"),
    ),
    (
        "TypeScript", "namespace Old {\n  export function stir(a: number): number {\n    const b = a;\n    return b;\n  }\n}\n",
        ("function", "stir", "export function stir(a: number): number", "", "export function stir(a: number): number {"),
    ),
    (
        "TSX", "export function View({ a }: Props) {\n  const b = a;\n  return <p>{b}</p>;\n}\n",
        ("function", "View", "export function View({ a }: Props)", "", "export function View({ a }: Props) {"),
    ),
    (
        "Java", "/** A kettle. */\n@Old\npublic class Kettle {\n    int heat(int a) {\n        return a;\n    }\n}\n",
        ("class", "Kettle", "@Old\npublic class Kettle", "A kettle.", "@Old"),
    ),
    (
        "Go", "package k\n\n// Heat heats.\n// Twice.\nfunc (k *Kettle) Heat(b int) (int, error) {\n\tk.a += b\n\treturn k.a, nil\n}\n",
        ("function", "Heat", "func (k *Kettle) Heat(b int) (int, error)", "Heat heats.\nTwice.", "func (k *Kettle) Heat(b int) (int, error) {"),
    ),
    (
        "Rust", "mod inner {\n    /// A kettle.\n    #[derive(Debug)]\n    pub struct Kettle {\n        a: u32,\n        b: u32,\n    }\n}\n",
        ("class", "Kettle", "pub struct Kettle", "A kettle.", "#[derive(Debug)]"),
    ),
    (
        "C", "/* Heats. */\nstatic int *heat(int a, int b)\n{\n    int c = a;\n    return &c;\n}\n",
        ("function", "heat", "static int *heat(int a, int b)", "Heats.", "static int *heat(int a, int b)"),
    ),
    (
        "C++", "namespace k {\n// Most.\ntemplate <typename T>\nT most(T a, T b) {\n  T c = a;\n  return c;\n}\n}\n",
        ("function", "most", "template <typename T>\nT most(T a, T b)", "Most.", "template <typename T>"),
    ),
    (
        "C#", "namespace K {\n    class Kettle {\n        int Heat(int a) {\n            return a;\n        }\n    }\n}\n",
        ("class", "Kettle", "class Kettle", "", "class Kettle {"),
    ),
    (
        "Ruby", "module K\n  # Boils.\n  class Kettle\n    def heat(a)\n      a\n    end\n  end\nend\n",
        ("class", "Kettle", "class Kettle", "Boils.", "class Kettle"),
    ),
    (
        "PHP", "<?php\n/**\n * Heats.\n */\nfunction heat(int $a): int\n{\n    $b = $a;\n    return $b;\n}\n",
        ("function", "heat", "function heat(int $a): int", "Heats.", "function heat(int $a): int"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("language", "source", "expected"), CASES, ids=[case[0] for case in CASES])
def test_a_unit_is_told_by_its_name_signature_and_comment(
    language: str, source: str, expected: tuple[str, str, str, str, str]
) -> None:
    (unit,) = cut_into_units(source, language).units
    assert (unit.kind, unit.name, unit.signature, unit.about, unit.code.split("\n")[0]) == expected


def test_every_language_with_a_grammar_has_its_case() -> None:
    assert {case[0] for case in CASES} == set(GRAMMARS)


def test_code_inside_others_moves_to_the_left_and_keeps_its_shape() -> None:
    source = "namespace K {\n    class A {\n        int F(int a) {\n            return a;\n        }\n    }\n}\n"
    (unit,) = cut_into_units(source, "C#").units
    assert unit.code == "class A {\n    int F(int a) {\n        return a;\n    }\n}"


def test_a_large_class_is_cut_into_its_methods() -> None:
    method = "  /** Step {0}. */\n  step{0}(a) {{\n    const b = a + {0};\n    return b;\n  }}\n\n"
    source = "class Walk {\n" + "".join(method.format(i) for i in range(60)) + "}\n"
    assert len(source) > MAX_CLASS_CHARACTERS
    units = cut_into_units(source, "JavaScript").units
    assert len(units) == 60
    assert (units[1].kind, units[1].name, units[1].about) == ("method", "Walk.step1", "Step 1.")


def test_a_function_with_a_mistake_is_counted_and_its_neighbour_kept() -> None:
    good = "function good(a) {\n  const b = a;\n  return b;\n}\n"
    cut = cut_into_units("function bad(a) {\n  const = = a;\n  return b;\n}\n" + good, "JavaScript")
    assert [unit.name for unit in cut.units] == ["good"]
    assert cut.n_broken == 1


def test_a_comment_further_above_or_behind_other_code_is_not_the_functions() -> None:
    function = "function f(a) {\n  const b = a;\n  return b;\n}\n"
    for source in (f"// Far.\n\n{function}", f"let x = 1; // Behind.\n{function}"):
        (unit,) = cut_into_units(source, "JavaScript").units
        assert unit.about == ""


def test_a_text_made_to_be_slow_is_given_up_and_not_waited_for() -> None:
    start = time.monotonic()
    assert tree_units("a<b,\n" * 40_000, "TypeScript") == ([], 0)
    assert "8,000" in cut_into_units("a<b,\n" * 40_000, "TypeScript").reason
    assert time.monotonic() - start < 5


def test_what_follows_an_unparsable_file_is_parsed() -> None:
    tree_units("a<b,\n" * 40_000, "JavaScript")
    units, _ = tree_units("function f(a) {\n  const b = a;\n  return b;\n}\n", "JavaScript")
    assert [unit.name for unit in units] == ["f"]
