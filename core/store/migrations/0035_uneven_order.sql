-- Since when drafts that are hardest to foresee were shown first, and until when; until is empty while that goes on. It is kept when the order is
-- switched off: what was judged by then stays an uneven choice until the drafts that waited are judged, too.
CREATE TABLE uneven_orders (project_id TEXT PRIMARY KEY, since TIMESTAMP NOT NULL, until TIMESTAMP);
INSERT INTO uneven_orders
    SELECT p.id, min(e.happened_at) FILTER (e.facts->>'$.new' = 'true'), if(p.uncertain_first, NULL, max(e.happened_at))
    FROM events e JOIN projects p ON p.id = e.project_id JOIN judges j ON j.project_id = p.id
    WHERE e.action = 'changed' AND e.noun = 'queue_order'
    GROUP BY p.id, p.uncertain_first HAVING bool_or(e.facts->>'$.new' = 'true');
