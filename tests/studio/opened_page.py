"""A page of the studio in this process, without a browser, as somebody meets it who has said who they are."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

SOURCES = Path(__file__).resolve().parents[2]


def opened_page(name: str, *, person: str = "Ann", **query: str) -> AppTest:
    """The page pages/NAME.py, drawn once by the studio that runs here. query: the parameters in its address."""
    app = AppTest.from_file(SOURCES / "studio" / "app.py", default_timeout=60)
    app.session_state["person_name"] = person
    app.run()
    for parameter, value in query.items():
        app.query_params[parameter] = value
    app.switch_page(str(SOURCES / "pages" / f"{name}.py")).run()
    assert not app.exception
    return app
