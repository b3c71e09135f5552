-- A second reading speaks of the text that its decision was made on: it counts as long as the record has that text.
CREATE OR REPLACE VIEW current_second_readings AS
    SELECT s.* FROM second_readings s SEMI JOIN (
        SELECT d.id FROM decisions d JOIN records r ON r.id = d.record_id AND r.text_version = d.text_version) d ON d.id = s.decision_id
    WHERE reading <> 'undo' AND NOT EXISTS (SELECT 1 FROM second_readings u WHERE u.undoes = s.id)
    QUALIFY row_number() OVER (PARTITION BY record_id, read_by ORDER BY seq DESC) = 1;
