"""The commands of `proofroom`, one module per noun; each talks to the API and prints what it says."""
