"""Which rows of JSON are plain, and what `rows.row_to_record` makes of them, as one SQL query.

A row is plain when the query can say for certain what that function would give; any other (markup, nested values,
odd numbers, control characters, dates in words) it leaves out, and the function itself is asked. So each expression
here repeats one rule of `cells`, `chats`, `threads`, `diffs`, `values` or `rows`, for the inputs where it is simple;
a test compares both, row by row.

Not covered: threads and reviews that are lists, ratings, reopenings. The query reads one file's lines in the parser's
child process; it has nothing to do with the store.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.nouns import RecordKind
from core.records.chats import ROLES
from core.records.mapping import Mapping
from core.records.rows import TEXT_FACTS, TIME_FACTS

LONGEST_LINE_BYTES = 1024 * 1024
NumberedLines = list[tuple[int, str]]
# What Python's str.strip and str.split take for white space.
WHITE = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
FACTS = {"id", "title", "tags", "asker", "system", *TEXT_FACTS, *TIME_FACTS}
SHAPES: dict[str, tuple[set[str], ...]] = {
    RecordKind.DOCUMENT: ({"text"},),
    RecordKind.CHAT: ({"messages"}, {"prompt", "response"}),
    RecordKind.THREAD: ({"question", "answer"},),
    RecordKind.DIFF: ({"diff", "comment"},),
}
ODD_WHITE = "[\\t\\v\\f\\r\\x{85}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}]"
TEXTS = frozenset({"text", "system", "prompt", "response", "question", "answer", "diff", "comment"})
LISTS = frozenset({"messages", "tags"})

DATE = "[12][0-9]{3}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
TIME = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:[.][0-9]{3}|[.][0-9]{6})?"
# Days stay as they are, and so does what `as_time` does not understand.
STAYS = "(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}[/.][0-9]{1,2}[/.][0-9]{4})?"
# Numbers that JSON writes in one way only, with few enough digits to be the same after a way through a float.
SIMPLE = "-?(?:0|[1-9][0-9]{0,9})[.](?:0|[0-9]{0,3}[1-9])|-?[1-9][0-9]{0,17}|0|true|false"
# As `len(text.split())`: where one blank stands between any two words they are counted, else the text is taken apart.
N_WORDS = f"""CASE WHEN NOT (contains(text, chr(9)) OR contains(text, chr(12)) OR contains(text, chr(13)))
        AND (length(text) = strlen(text) OR NOT regexp_matches(text, '{ODD_WHITE}'))
        AND text[1] NOT IN (' ', chr(10)) AND text[-1] NOT IN (' ', chr(10)) AND NOT contains(spaced, '  ')
    THEN strlen(spaced) - strlen(replace(spaced, ' ', '')) + 1
    ELSE len(list_filter(regexp_split_to_array(text, '{ODD_WHITE}|[ \\n]'), lambda word: word <> '')) END"""
# A list of texts, as the engine writes it.
TEXTS_ALONE = r"\[(?:\"(?:[^\"\\]|\\.)*\"(?:,\"(?:[^\"\\]|\\.)*\")*)?\]"


class NotPlain(Exception):
    """The file as a whole has to be read row by row; the message says why."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a kind of record is put together. parts: cut out of the row first, by name; the others speak of these names.

    texts: what the flat text is made of, in order. content: its JSON. is_whole: false where the row is not plain.
    """

    parts: dict[str, str]
    texts: tuple[str, ...]
    content: str
    is_whole: str


def can_be_plain(mapping: Mapping) -> bool:
    """Whether rows of this mapping can be plain at all."""
    parts = set(mapping.columns) - FACTS
    return (
        parts in SHAPES.get(mapping.shape, ())
        and not any("\x00" in column for column in mapping.columns.values())
        and not any("html" in mapping.columns[part].lower() for part in parts)
    )


def plain_rows_query(mapping: Mapping) -> str:
    """The query over `lines` (row_number, line) that gives the plain rows as records.

    Columns: row_number, external_id, kind, title, text, content, meta, customer, written_at, text_sha256, n_words.
    """
    fields = list(mapping.columns)
    pointers = "[" + ", ".join(quoted(_pointer(column)) for column in mapping.columns.values()) + "]"
    found = ", ".join(f"cells[{i}] AS v_{f}, kinds[{i}] AS k_{f}" for i, f in enumerate(fields, start=1))
    unified = "".join(f", {_unix_lines(f'v_{f}')} AS x_{f}" for f in fields if f in TEXTS)
    shape = _SHAPES[RecordKind(mapping.shape)](mapping)
    parts = ", ".join(f"{expression} AS {name}" for name, expression in shape.parts.items())
    facts = [f"{_fact(mapping, f)} AS f_{f}" for f in ("title", "asker", *TEXT_FACTS)]
    facts += [f"{_time(mapping, f)} AS f_{f}" for f in TIME_FACTS]
    are_known = " AND ".join(f"f_{f} IS NOT NULL" for f in TIME_FACTS)
    return f"""
    WITH valid AS (SELECT row_number, line FROM lines WHERE {_is_ordinary_json(mapping)}),
    parsed AS (
        SELECT row_number, line, json_keys(line) AS names, json_type(line, {pointers}) AS kinds,
               json_extract_string(line, {pointers}) AS cells FROM valid),
    found AS (
        SELECT row_number, line, names, {_extra_names(mapping)} AS extra_names, {found} FROM parsed
        WHERE len(names) > 0 AND len(list_distinct(names)) = len(names)),
    mended AS (
        SELECT *{unified} FROM found WHERE {" AND ".join(_has_simple_kind(f) for f in fields)}),
    cut AS (
        SELECT row_number, {_id(mapping)} AS external_id, {parts}, {", ".join(facts)}, {_tags(mapping)} AS tags, {_extra()} AS extra
        FROM mended),
    written AS (
        SELECT row_number, external_id, f_title AS title, concat_ws(chr(10) || chr(10), {", ".join(shape.texts)}) AS text,
               {shape.content} AS content, {_meta()} AS meta, {_customer(mapping)} AS customer,
               nullif(f_created_at, '') AS written_at
        FROM cut WHERE {shape.is_whole} AND {are_known} AND len(list_distinct(tags)) = len(tags) AND extra IS NOT NULL),
    spaced AS (SELECT *, replace(replace(text, chr(10) || chr(10), ' '), chr(10), ' ') AS spaced FROM written)
    SELECT row_number, external_id, {quoted(mapping.shape)} AS kind, title, text, content, meta, customer, written_at,
           sha256(text) AS text_sha256, {N_WORDS} AS n_words FROM spaced
    """


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _pointer(column: str) -> str:
    return "/" + column.replace("~", "~0").replace("/", "~1")


def _is_ordinary_json(mapping: Mapping) -> str:
    """Valid JSON without what DuckDB and Python read differently: control characters, a comma before an end."""
    at_end = "right(rtrim(rtrim(line, ' }' || chr(9) || chr(10) || chr(13))), 1) <> ','"
    anywhere = r"NOT regexp_matches(line, ',[ \t\r\n]*[\]}]')"
    return (
        f"strlen(line) <= {LONGEST_LINE_BYTES} AND json_valid(line) AND NOT contains(line, '\\u000') "
        f"AND NOT contains(line, '\\u001') AND {anywhere if LISTS & set(mapping.columns) else at_end}"
    )


def _has_simple_kind(field: str) -> str:
    """Texts are texts, facts are texts or whole numbers, lists are lists; nothing is nothing."""
    allowed = "'VARCHAR'" if field in TEXTS else "'VARCHAR', 'UBIGINT', 'BIGINT'"
    if field in LISTS:
        allowed = "'ARRAY'" if field == "messages" else "'VARCHAR', 'ARRAY'"
    return f"coalesce(k_{field}, 'NULL') IN ('NULL', {allowed})"


def _strip(value: str) -> str:
    """As str.strip, after a look at both ends: the engine goes through a whole text, and builds a set, to trim it."""
    ends = f"contains({quoted(WHITE)}, {value}[1]) OR contains({quoted(WHITE)}, {value}[-1])"
    return f"CASE WHEN {ends} THEN trim({value}, {quoted(WHITE)}) ELSE {value} END"


def _text(field: str) -> str:
    """As `checked_text`, and stripped."""
    return _strip(f"x_{field}")


def _unix_lines(value: str) -> str:
    """As `clean_text`, of a text without the characters that it would take out or refuse."""
    lines = f"replace(replace({value}, chr(13) || chr(10), chr(10)), chr(13), chr(10))"
    return f"CASE WHEN {value} IS NULL THEN '' WHEN contains({value}, chr(13)) THEN {lines} ELSE {value} END"


def _fact(mapping: Mapping, field: str) -> str:
    return _strip(f"coalesce(v_{field}, '')") if field in mapping.columns else "''"


def _id(mapping: Mapping) -> str:
    return f"coalesce(nullif({_fact(mapping, 'id')}, ''), row_number::VARCHAR)"


def _time(mapping: Mapping, field: str) -> str:
    """As `as_time`; NULL where that function has to be asked."""
    if field not in mapping.columns:
        return "''"
    v = f"v_{field}"
    whole = f"left({v}, 10) || 'T' || substr({v}, 12, 8)"
    return (
        f"CASE WHEN {v} IS NULL THEN '' WHEN k_{field} <> 'VARCHAR' THEN NULL WHEN regexp_full_match({v}, '{STAYS}') THEN {v} "
        f"WHEN regexp_full_match({v}, '{DATE}[T ]{TIME}(?:Z|[+]00:00)') THEN {whole} || 'Z' "
        f"WHEN regexp_full_match({v}, '{DATE}[T ]{TIME}') THEN {whole} END"
    )


def _tags(mapping: Mapping) -> str:
    """As `as_tags`, but for one that stands twice; NULL where one is no text."""
    if "tags" not in mapping.columns:
        return "[]::VARCHAR[]"
    divided = "string_split(replace(v_tags, ';', ','), ',')"
    found = (
        f"CASE WHEN v_tags IS NULL THEN [] "
        f"WHEN k_tags = 'ARRAY' THEN CASE WHEN regexp_full_match(v_tags, '{TEXTS_ALONE}') THEN json_extract_string(v_tags, '$[*]') END "
        f"WHEN NOT starts_with(ltrim(v_tags, {quoted(WHITE)}), '[') THEN {divided} END"
    )
    return f"list_filter(list_transform({found}, lambda tag: {_strip('tag')}), lambda tag: tag <> '')"


def _extra_names(mapping: Mapping) -> str:
    used = "[" + ", ".join(quoted(column) for column in dict.fromkeys(mapping.columns.values())) + "]"
    return f"list_filter(names, lambda name: NOT list_contains({used}, name))"


def _extra() -> str:
    """The columns that no field takes, as the inside of a JSON object; NULL where one is nested or an odd number."""
    value = "coalesce(others[name]::VARCHAR, 'null')"
    is_simple = f"(starts_with({value}, '\"') OR {value} = 'null' OR regexp_full_match({value}, '{SIMPLE}'))"
    pairs = f"list_transform(extra_names, lambda name: {_json('name')} || ': ' || {value})"
    joined = (
        f"CASE WHEN list_bool_and(list_transform(extra_names, lambda name: {is_simple})) "
        f"THEN array_to_string({pairs}, ', ') END"
    )
    all_cells = "from_json(line, '\"MAP(VARCHAR,JSON)\"')"
    return f"CASE WHEN len(extra_names) = 0 THEN '' ELSE list_transform([{all_cells}], lambda others: {joined})[1] END"


def _json(value: str) -> str:
    return f"to_json({value})::VARCHAR"


def _meta() -> str:
    """As `json.dumps` writes it, in the order of `rows`, without what is empty."""
    known = [f"CASE WHEN f_{f} <> '' THEN '\"{f}\": ' || {_json(f'f_{f}')} END" for f in (*TEXT_FACTS, *TIME_FACTS)]
    tags = f"array_to_string(list_transform(tags, lambda tag: {_json('tag')}), ', ')"
    known.append(f"CASE WHEN len(tags) > 0 THEN '\"tags\": [' || {tags} || ']' END")
    known.append("CASE WHEN extra <> '' THEN '\"extra\": {' || extra || '}' END")
    return "'{' || concat_ws(', ', " + ", ".join(known) + ") || '}'"


def _customer(mapping: Mapping) -> str:
    asker = "nullif(f_asker, '')" if mapping.shape == RecordKind.THREAD else "NULL"
    return f"coalesce(nullif(f_customer, ''), {asker})"


def _document(mapping: Mapping) -> _Shape:
    content = f"'{{\"body\": ' || {_json('body')} || '}}'"
    return _Shape(
        {"body": _text("text")}, (_some("f_title"), "body"), content, "body <> '' AND NOT starts_with(body, '<')"
    )


def _chat(mapping: Mapping) -> _Shape:
    if "messages" in mapping.columns:
        return _chat_of_messages()
    parts = {f: _text(f) if f in mapping.columns else "''" for f in ("system", "prompt", "response")}
    messages = (
        f"CASE WHEN system <> '' THEN {_message(quoted('system'), 'system')} || ', ' ELSE '' END || "
        f"{_message(quoted('user'), 'prompt')} || ', ' || {_message(quoted('assistant'), 'response')}"
    )
    content = f"'{{\"messages\": [' || {messages} || ']}}'"
    return _Shape(parts, tuple(map(_some, parts)), content, "prompt <> ''")


def _chat_of_messages() -> _Shape:
    roles = "MAP {" + ", ".join(f"{quoted(name)}: {quoted(role)}" for name, role in ROLES.items()) + "}"

    def read(role: str, content: str) -> str:
        given, text = (f"json_extract_string(item, '/{name}')" for name in (role, content))
        return (
            f"WHEN list_sort(json_keys(item)) = list_sort(['{role}', '{content}']) AND json_type(item, '/{role}') = 'VARCHAR' "
            f"AND json_type(item, '/{content}') = 'VARCHAR' THEN {{'role': {roles}[lower({_strip(given)})], "
            f"'content': {_strip(_unix_lines(text))}}}"
        )

    cut = (
        f"list_transform(json_extract(coalesce(v_messages, '[]'), '$[*]'), "
        f"lambda item: CASE {read('role', 'content')} {read('from', 'value')} END)"
    )
    is_whole = (
        "list_bool_and(list_transform(messages, lambda m: m.role IS NOT NULL)) "
        "AND list_bool_or(list_transform(messages, lambda m: m.role = 'assistant'))"
    )
    written = f"array_to_string(list_transform(messages, lambda m: {_message('m.role', 'm.content')}), ', ')"
    texts = "array_to_string(list_filter(list_transform(messages, lambda m: m.content), lambda text: text <> ''), chr(10) || chr(10))"
    return _Shape({"messages": cut}, (texts,), f"'{{\"messages\": [' || {written} || ']}}'", is_whole)


def _message(role: str, content: str) -> str:
    return f"'{{\"role\": \"' || {role} || '\", \"content\": ' || {_json(content)} || '}}'"


def _thread(mapping: Mapping) -> _Shape:
    content = (
        f'\'{{"question": \' || {_json("question")} || \', "asker": \' || {_json("f_asker")} || \', "messages": [{{"id": "1", '
        f'"author": \' || {_json("f_author")} || \', "is_asker": false, "created_at": "", "text": \' || {_json("answer")} || '
        '\', "is_solution": true, "helpful": 0}]}\''
    )
    has_markup = " OR ".join(f"contains({part}, '{mark}')" for part in ("question", "answer") for mark in "<&")
    return _Shape(
        {"question": _text("question"), "answer": _text("answer")},
        (_some("f_title"), _some("question"), _some("answer")),
        content,
        f"question <> '' AND NOT ({has_markup})",
    )


def _diff(mapping: Mapping) -> _Shape:
    content = (
        f'\'{{"diff": \' || {_json("diff")} || \', "language": \' || {_json("f_language")} || \', "comments": [{{"id": "1", '
        f'"author": \' || {_json("f_author")} || \', "text": \' || {_json("comment")} || \', "is_reference": true, "rating": null}}]}}\''
    )
    return _Shape(
        {"diff": "trim(x_diff, chr(10))", "comment": _text("comment")},
        ("diff", "comment"),
        content,
        f"{_strip('diff')} <> '' AND comment <> ''",
    )


def _some(part: str) -> str:
    return f"nullif({part}, '')"


_SHAPES = {
    RecordKind.DOCUMENT: _document,
    RecordKind.CHAT: _chat,
    RecordKind.THREAD: _thread,
    RecordKind.DIFF: _diff,
}
