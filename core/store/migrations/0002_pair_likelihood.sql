-- Pairs keep their evidence and a probability; the band follows from the project's thresholds when it is read.
ALTER TABLE projects ADD COLUMN merge_at DOUBLE DEFAULT 0.95;
ALTER TABLE projects ADD COLUMN ask_at DOUBLE DEFAULT 0.2;

ALTER TABLE pairs RENAME TO earlier_pairs;
CREATE TABLE pairs (
    project_id TEXT NOT NULL, a TEXT NOT NULL, b TEXT NOT NULL, method TEXT NOT NULL, words DOUBLE NOT NULL, jaccard DOUBLE NOT NULL,
    containment DOUBLE NOT NULL, cosine DOUBLE NOT NULL, length_ratio DOUBLE NOT NULL, score DOUBLE NOT NULL, swapped TEXT NOT NULL,
    is_mergeable BOOLEAN NOT NULL);
-- Pairs found before have no probability: those that were merged stay so, the others are asked, until they are measured anew.
INSERT INTO pairs
    SELECT project_id, a, b, method, jaccard, jaccard, containment, cosine, 1.0, CASE band WHEN 'merge' THEN 1.0 ELSE 0.5 END, '', band = 'merge'
    FROM earlier_pairs WHERE band <> 'leave';
DROP TABLE earlier_pairs;
DELETE FROM curations;

CREATE VIEW banded_pairs AS
    SELECT p.*, j.judgement,
        CASE WHEN p.is_mergeable AND p.score >= x.merge_at THEN 'merge' WHEN p.score >= x.ask_at THEN 'ask' ELSE 'leave' END AS band
    FROM pairs p JOIN projects x ON x.id = p.project_id
    LEFT JOIN current_pair_judgements j ON j.project_id = p.project_id AND j.a = p.a AND j.b = p.b;
