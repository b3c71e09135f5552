-- The pass rate that a project wants to reach, a share in (0, 1).
ALTER TABLE projects ADD COLUMN pass_target DOUBLE DEFAULT 0.7;
