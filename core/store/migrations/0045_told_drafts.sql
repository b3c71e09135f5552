-- Drafts of which it was told who wrote them: no draft and no pair of their brief waited for a verdict. Written once, at that moment; whatever
-- opens the brief again later, these are nobody's to judge blind any more. seq: in the order of all verdicts.
CREATE TABLE told_drafts (
    draft_id TEXT PRIMARY KEY, project_id TEXT NOT NULL, seq BIGINT NOT NULL DEFAULT nextval('judgement_seq'), told_at TIMESTAMP NOT NULL);
-- Verdicts that were given afterwards, in place of one that was taken back.
CREATE VIEW not_blind_reviews AS
    SELECT r.id AS review_id FROM reviews r JOIN told_drafts t ON t.draft_id = r.draft_id WHERE r.decision <> 'undo' AND r.seq > t.seq;

-- What was told before there was this mark: of briefs with verdicts of which nothing waits.
INSERT INTO told_drafts (draft_id, project_id, told_at)
    WITH judged AS (SELECT d.brief_id, max(r.reviewed_at) AS last_at FROM current_reviews r JOIN drafts d ON d.id = r.draft_id GROUP BY d.brief_id),
         waiting AS (
             SELECT d.brief_id FROM review_items i JOIN drafts d ON d.id = i.draft_id JOIN projects p ON p.id = i.project_id
                 LEFT JOIN (SELECT item_id, count(*) AS n FROM current_reviews GROUP BY item_id) v ON v.item_id = i.id
             WHERE coalesce(v.n, 0) < p.reviewers_per_draft AND d.id NOT IN (SELECT draft_id FROM current_drafts_aside)
             UNION ALL
             SELECT q.brief_id FROM draft_pairs q JOIN projects p ON p.id = q.project_id
                 LEFT JOIN (SELECT pair_id, count(*) AS n FROM current_pair_verdicts GROUP BY pair_id) v ON v.pair_id = q.id
             WHERE q.withdrawn_at IS NULL AND NOT q.is_same AND coalesce(v.n, 0) < p.reviewers_per_draft
                 AND NOT EXISTS (SELECT 1 FROM current_drafts_aside a WHERE a.draft_id IN (q.first_draft, q.second_draft)))
    SELECT d.id, d.project_id, j.last_at FROM drafts d JOIN judged j ON j.brief_id = d.brief_id
    WHERE d.brief_id NOT IN (SELECT brief_id FROM waiting);
