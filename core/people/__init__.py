"""Who may do what: passwords, secrets shown once, roles, and how often somebody may try. No storage, no web."""
