-- Reasons and scores that a reviewer has chosen of an item and given no verdict with yet, as `saved_texts` keeps what was typed.
CREATE TABLE saved_choices (
    item_id TEXT NOT NULL, reviewer TEXT NOT NULL, reasons TEXT[] NOT NULL, scores JSON NOT NULL, saved_at TIMESTAMP NOT NULL,
    PRIMARY KEY (item_id, reviewer));
