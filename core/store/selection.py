"""SQL of what a recipe takes and leaves out, rule by rule: one query, for the live counts and for freezing.

Every record gets the first reason against it, in the order of RULES; one without a reason is taken. Of a
cluster or a group the better ones stay: kept by a person, then the higher score.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from core.curate.recipes import Recipe
from core.store.connection import Row, Snapshot, Store, utc_now
from core.store.limits import JOINS, WHY_NOT
from core.store.records import quoted_path

# The rules in the order in which they work, with the reasons that each gives; other reasons are names of flags.
RULES = ("terms", "person", "source", "period", "tag", "flag_left_out", "defect", "score", "cluster", "balance", "draw")
IS_KEPT = "(status IN ('kept', 'edited'))"
IS_OWN_DEFECT = (
    "is_defect AND name NOT IN ('exact_duplicate', 'near_duplicate') AND NOT list_contains($flags_allowed, name)"
)
IS_FLAG_OUT = "list_contains($flags_out, name)"
TAGGED = """LEFT JOIN (
    SELECT record_id, bool_or(list_contains($tags, tag)) AS has_tag, bool_or(list_contains($tags_out, tag)) AS has_tag_out
    FROM current_tags WHERE project_id = $project GROUP BY record_id) t ON t.record_id = s.record_id"""
# Who wrote what is learnt: as the source says, else the author of a thread's accepted answer.
AUTHOR = """coalesce(nullif(r.meta->>'$.author', ''), CASE WHEN r.kind = 'thread' THEN list_extract(
    r.content->>'$.messages[*].author', list_position(r.content->>'$.messages[*].is_solution', 'true')) END, '')"""


def selection(recipe: Recipe, project_id: str, seed: int, *, within: str | None = None) -> tuple[str, dict[str, Any]]:
    """A WITH clause that ends in `selected`, one row a record with the reason against it, and its parameters.

    selected: facts of the record and `why`, "rule:reason"; NULL for one that is taken. Only what the recipe asks for
    is joined: the counts run anew with every setting that a person changes. within: a version, of whose training records alone
    it is told, as if there were no others.
    """
    joins: list[str] = []
    columns: list[str] = []
    parameters: dict[str, Any] = {"project": project_id}

    def join(sql: str, *names: str) -> None:
        joins.append(sql)
        columns.extend(names)

    if recipe.base == "recommended" and not (recipe.flags_allowed or recipe.flags_out):
        columns.append("s.own_defect AS defect")
    elif recipe.base == "recommended" or recipe.flags_out:
        columns_of_flags = [f"min(name) FILTER ({IS_OWN_DEFECT}) AS defect"]
        if recipe.flags_out:
            columns_of_flags.append(f"min(name) FILTER ({IS_FLAG_OUT}) AS flag_out")
        join(
            f"LEFT JOIN (SELECT record_id, {', '.join(columns_of_flags)} FROM active_flags WHERE project_id = $project "
            "GROUP BY record_id) f ON f.record_id = s.record_id",
            "f.* EXCLUDE (record_id)",
        )
    if recipe.tags or recipe.tags_out:
        join(TAGGED, "t.has_tag", "t.has_tag_out")
    if recipe.cap_of_cluster:
        join(
            "LEFT JOIN cluster_members c ON c.record_id = s.record_id",
            "c.cluster",
            "coalesce(c.is_canonical, true) AS is_canonical",
        )
    if recipe.base == "longest" or recipe.balance.by == "author":
        joins.append("JOIN records r ON r.id = s.record_id")
    if recipe.base == "longest":
        join(
            "LEFT JOIN current_decisions d ON d.record_id = s.record_id",
            "length(coalesce(d.edited_text, r.text)) AS n_characters",
        )
    if recipe.balance.by == "author":
        columns.append(f"{AUTHOR} AS author")
    inside = (
        "AND s.record_id IN (SELECT record_id FROM version_examples WHERE version_id = $within AND split = 'train')"
    )
    join(
        JOINS.format(of="s", record="record_id"),
        f"{WHY_NOT.format(use='train', today='$today')} AS lapse",
        f"{WHY_NOT.format(use='evaluate', today='$today')} IS NULL AS may_evaluate",
        "least(o.expires_on, l.expires_on) AS terms_end",
    )
    own, own_parameters = _own_reason(recipe)
    cluster, balance, draw = _cluster(recipe), _balance(recipe), _draw(recipe)
    sql = f"""
    WITH facts AS (
        SELECT s.record_id AS id, s.source_id, s.n_words, s.status, s.written, s.score,
               s.created_at, s.file_id, s.row_number{"".join(", " + column for column in columns)}
        FROM record_states s {" ".join(joins)} WHERE s.project_id = $project {inside if within else ""}),
    alone AS (SELECT *, {own} AS own FROM facts),
    clustered AS {"MATERIALIZED " if recipe.balance.by else ""}({cluster}),
    balanced AS ({balance}),
    selected AS (SELECT *, coalesce(with_balance, {draw}) AS why FROM balanced)
    """
    parameters |= own_parameters | {
        "flags_allowed": list(recipe.flags_allowed),
        "flags_out": list(recipe.flags_out),
        "within": within,
        "today": utc_now().date(),
        "seed": str(seed),
        "per_cluster": recipe.cap_of_cluster,
        "at_most": recipe.balance.at_most,
        "share": recipe.balance.share,
        "size": recipe.size,
    }
    return sql, parameters


def counts(
    store: Store | Snapshot, project_id: str, recipe: Recipe, *, seed: int, within: str | None = None
) -> list[Row]:
    """Records and words by rule, reason and source; rule and reason are NULL for those taken. within: as for `selection`."""
    query, parameters = selection(recipe, project_id, seed, within=within)
    sql = (
        f"{query} SELECT split_part(why, ':', 1) AS rule, split_part(why, ':', 2) AS reason, source_id, n, n_words FROM ("
        "SELECT why, source_id, count(*) AS n, sum(n_words)::BIGINT AS n_words FROM selected GROUP BY ALL) ORDER BY n DESC, why"
    )
    return store.read(sql, _asked_for(sql, parameters))


def copy_selected_to(snapshot: Snapshot, project_id: str, recipe: Recipe, file: Path, *, seed: int) -> None:
    """Write every record of a project in its current text, edits included, with why the recipe leaves it out.

    rule, reason and detail are NULL for a record that is taken. may_evaluate: whether it may be held out. review: where one that came out of a review comes from, as JSON.
    """
    query, parameters = selection(recipe, project_id, seed)
    sql = f"""
        COPY ({query}
            SELECT r.id, r.external_id, r.kind, coalesce(d.edited_title, r.title) AS title, coalesce(d.edited_text, r.text) AS text,
                   coalesce(d.edited_content, r.content)::TEXT AS content, r.customer, r.source_id, r.written_at, c.cluster,
                   coalesce((SELECT list(t.tag ORDER BY t.tag) FROM current_tags t WHERE t.record_id = r.id), []) AS tags, x.may_evaluate,
                   CASE WHEN r.source_id IN (SELECT id FROM sources WHERE project_id = $project AND kind = 'reviews')
                        THEN (r.meta->'$.review')::TEXT END AS review,
                   split_part(x.why, ':', 1) AS rule, split_part(x.why, ':', 2) AS reason, {_detail(recipe)} AS detail
            FROM records r JOIN selected x ON x.id = r.id LEFT JOIN current_decisions d ON d.record_id = r.id
                 LEFT JOIN cluster_members c ON c.record_id = r.id
            WHERE r.project_id = $project ORDER BY r.created_at, r.source_id, r.file_id, r.row_number
        ) TO '{quoted_path(file)}' (FORMAT parquet)
    """
    snapshot.read(sql, _asked_for(sql, parameters))


def _asked_for(sql: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters that stand in the statement; the engine refuses one that does not."""
    return {name: value for name, value in parameters.items() if re.search(rf"\${name}\b", sql)}


def _own_reason(recipe: Recipe) -> tuple[str, dict[str, Any]]:
    """The reason against a record for its own sake, and the parameters that it needs."""
    cases = [("lapse IS NOT NULL", "'terms:' || lapse"), ("status = 'rejected'", "'person:rejected'")]
    if recipe.base == "recommended":
        cases.append(("status = 'deferred'", "'person:deferred'"))
    if recipe.sources:
        cases.append(("NOT list_contains($sources, source_id)", "'source:other_source'"))
    if recipe.written_from or recipe.written_to:
        cases.append(("written IS NULL", "'period:no_date'"))
    if recipe.written_from:
        cases.append(("written < $written_from", "'period:too_early'"))
    if recipe.written_to:
        cases.append(("written > $written_to", "'period:too_late'"))
    if recipe.tags:
        cases.append(("has_tag IS NOT TRUE", "'tag:other_tag'"))
    if recipe.tags_out:
        cases.append(("has_tag_out", "'tag:tag_left_out'"))
    if recipe.flags_out:
        cases.append(("flag_out IS NOT NULL", "'flag_left_out:' || flag_out"))
    if recipe.base == "recommended":
        cases.append((f"NOT {IS_KEPT} AND defect IS NOT NULL", "'defect:' || defect"))
    if recipe.min_score:
        cases.append((f"NOT {IS_KEPT} AND coalesce(score, 0) < $min_score", "'score:low_score'"))
    parameters = {
        "sources": list(recipe.sources),
        "written_from": recipe.written_from,
        "written_to": recipe.written_to,
        "tags": list(recipe.tags),
        "tags_out": list(recipe.tags_out),
        "min_score": recipe.min_score,
    }
    return "CASE " + " ".join(f"WHEN {condition} THEN {why}" for condition, why in cases) + " END", parameters


def _cluster(recipe: Recipe) -> str:
    """A SELECT that adds `with_cluster`: kept ones of a cluster stay, then the canonical, then the longest."""
    if not recipe.cap_of_cluster:
        return "SELECT *, own AS with_cluster FROM alone"
    # Only what stands in a cluster is put in order: of a large project that is a small part.
    return f"""
        SELECT a.*, CASE WHEN p.id IS NOT NULL THEN 'cluster:duplicate' ELSE a.own END AS with_cluster
        FROM alone a LEFT JOIN (
            SELECT id FROM (
                SELECT id, status, row_number() OVER (PARTITION BY cluster ORDER BY
                    {IS_KEPT} DESC, is_canonical DESC, n_words DESC, created_at, source_id, file_id, row_number) AS place
                FROM alone WHERE cluster IS NOT NULL AND own IS NULL)
            WHERE place > $per_cluster AND NOT {IS_KEPT}) p ON p.id = a.id"""


def _balance(recipe: Recipe) -> str:
    """A SELECT that adds `with_balance`: the reason against a record whose group is full."""
    by = recipe.balance.by
    if not by:
        return "SELECT *, with_cluster AS with_balance FROM clustered"
    groups = {
        "tag": "coalesce(t.tag, 'none')",
        "author": "coalesce(nullif(c.author, ''), 'unknown')",
        "month": "coalesce(left(c.written, 7), 'unknown')",
        "year": "coalesce(left(c.written, 4), 'unknown')",
    }
    tagged = "LEFT JOIN current_tags t ON t.record_id = c.id AND t.project_id = $project" if by == "tag" else ""
    n_all = "(SELECT count(*) FROM clustered WHERE with_cluster IS NULL)"
    limit = "$at_most" if recipe.balance.at_most else f"greatest(1, floor($share * {n_all}))"
    # With several tags a record must find room in each of its groups, so that none gets more than the limit.
    # Record ids are drawn from a hash, so the last of the order favours nobody.
    return f"""
        SELECT c.*, p.full_group, CASE WHEN c.with_cluster IS NULL AND p.full_group IS NOT NULL THEN 'balance:group_is_full'
                                       ELSE c.with_cluster END AS with_balance
        FROM clustered c LEFT JOIN (
            SELECT id, min(in_group) AS full_group FROM (
                SELECT g.*, {limit} AS most, row_number() OVER (
                    PARTITION BY in_group ORDER BY is_kept DESC, score DESC NULLS LAST, id) AS place
                FROM (SELECT c.id, {groups[by]} AS in_group, c.{IS_KEPT[1:-1]} AS is_kept, c.score
                      FROM clustered c {tagged} WHERE c.with_cluster IS NULL) g)
            WHERE place > most GROUP BY id) p ON p.id = c.id
    """


def _draw(recipe: Recipe) -> str:
    """The reason against a record that a sized recipe does not draw."""
    if not recipe.size:
        return "NULL"
    first = "-n_characters, " if recipe.base == "longest" else ""
    place = f"row_number() OVER (ORDER BY with_balance IS NOT NULL, {first}sha256($seed || ':' || id))"
    return f"CASE WHEN {place} > $size THEN 'draw:not_drawn' END"


def _detail(recipe: Recipe) -> str:
    """One sentence or less on the reason: the value that decided. Columns that the query did not join are not asked for."""
    cases = {
        "terms:withdrawn": "'withdrawn by its owner'",
        "terms:expired": "'its terms ended on ' || x.terms_end",
        "terms:not_to_train": "'its terms do not allow training'",
        "person:rejected": "'rejected by a person'",
        "person:deferred": "'put off by a person'",
        "source:other_source": "'its source is not chosen'",
        "period:no_date": "'nobody knows when it was written'",
        "period:too_early": "'written on ' || x.written",
        "period:too_late": "'written on ' || x.written",
        "tag:other_tag": "'it has none of the tags that are chosen'",
        "cluster:duplicate": "'another record of its cluster is taken'",
        "draw:not_drawn": f"'not among the {recipe.size} of {recipe.base}'",
    }
    if recipe.tags_out:
        tags = "SELECT string_agg(tag, ', ' ORDER BY tag) FROM current_tags WHERE record_id = r.id AND list_contains($tags_out, tag)"
        cases |= {"tag:tag_left_out": f"'tagged ' || ({tags})"}
    if recipe.balance.by:
        cases |= {"balance:group_is_full": f"'{recipe.balance.by} ' || x.full_group"}
    if recipe.min_score:
        cases |= {"score:low_score": "coalesce(printf('its score is %.2f', x.score), 'never measured')"}
    by_rule = "CASE x.why " + " ".join(f"WHEN '{why}' THEN {detail}" for why, detail in cases.items())
    if recipe.base != "recommended" and not recipe.flags_out:
        return f"{by_rule} END"
    fits = f"CASE WHEN starts_with(x.why, 'defect:') THEN {IS_OWN_DEFECT} ELSE {IS_FLAG_OUT} END"
    return f"{by_rule} ELSE (SELECT string_agg(DISTINCT name, ', ' ORDER BY name) FROM active_flags WHERE record_id = r.id AND {fits}) END"
