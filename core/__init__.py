"""The domain: records, curation, training, review and their evidence. Knows no web framework."""
