"""The routes under /v1, as clients of OpenAI's API know them."""
