"""Programming languages by the ending of a file's name."""

from __future__ import annotations

from pathlib import PurePosixPath

LANGUAGES = {
    ".py": "Python", ".pyi": "Python", ".js": "JavaScript", ".mjs": "JavaScript", ".cjs": "JavaScript", ".jsx": "JavaScript",
    ".ts": "TypeScript", ".mts": "TypeScript", ".cts": "TypeScript", ".tsx": "TSX", ".java": "Java", ".kt": "Kotlin",
    ".kts": "Kotlin", ".scala": "Scala", ".go": "Go", ".rs": "Rust", ".c": "C", ".h": "C", ".cc": "C++", ".cpp": "C++",
    ".cxx": "C++", ".hpp": "C++", ".hh": "C++", ".cs": "C#", ".fs": "F#", ".rb": "Ruby", ".php": "PHP", ".swift": "Swift",
    ".m": "Objective-C", ".dart": "Dart", ".ex": "Elixir", ".exs": "Elixir", ".erl": "Erlang", ".hs": "Haskell",
    ".clj": "Clojure", ".lua": "Lua", ".pl": "Perl", ".pm": "Perl", ".r": "R", ".jl": "Julia", ".sh": "Shell",
    ".bash": "Shell", ".ps1": "PowerShell", ".sql": "SQL", ".vue": "Vue", ".svelte": "Svelte", ".css": "CSS",
    ".scss": "SCSS", ".less": "Less", ".html": "HTML", ".tf": "Terraform", ".proto": "Protocol Buffers",
    ".graphql": "GraphQL", ".zig": "Zig", ".nim": "Nim", ".ml": "OCaml", ".groovy": "Groovy", ".gradle": "Gradle",
    ".cmake": "CMake",
}  # fmt: skip
NAMES = {"Dockerfile": "Dockerfile", "Makefile": "Makefile", "CMakeLists.txt": "CMake"}


def language_of(path: str) -> str:
    """The language of a file of this name; nothing where it is none that is known."""
    place = PurePosixPath(path)
    return NAMES.get(place.name) or LANGUAGES.get(place.suffix.lower(), "")
