"""The HTTP API: one router per noun, a thin layer over the workflows."""
