"""The words of the screens: flat JSON files in Chinese and English, and the language of a request (docs/adr/0006)."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from flask import Flask, current_app, request
from markupsafe import Markup

LANGUAGES = ("zh", "en")


class Texts:
    """Short texts in Chinese and English, from flat JSON files `{zh,en}.json` in several folders."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._texts: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}
        for folder in folders:
            for language in LANGUAGES:
                path = folder / f"{language}.json"
                if path.exists():
                    self._texts[language] |= json.loads(path.read_text(encoding="utf-8"))

    def get(self, key: str, language: str) -> str:
        return self._texts[language].get(key) or self._texts["zh"].get(key) or key

    def starting(self, prefixes: tuple[str, ...], language: str) -> dict[str, str]:
        """All texts whose key begins with one of the prefixes, for a page's scripts."""
        return {key: text for key, text in self._texts[language].items() if key.startswith(prefixes)}


def language() -> str:
    """The language of this request: `?lang=`, then the cookie, then Chinese."""
    asked = request.args.get("lang") or request.cookies.get("lang")
    return asked if asked in LANGUAGES else "zh"


def t(key: str, **facts: Any) -> str:
    """Look up a text in the language of this request and fill in its facts."""
    text = _texts().get(key, language())
    return text.format(**facts) if facts else text


def texts_json(*prefixes: str) -> Markup:
    """The texts a page's scripts need, as JSON that is safe inside a script element."""
    return Markup(
        json.dumps(_texts().starting(prefixes, language()), ensure_ascii=False)
        .replace("<", "\\u003c")
        .replace("&", "\\u0026")
    )


def _texts() -> Texts:
    found: Texts = current_app.extensions["texts"]
    return found


def init_app(app: Flask, folders: Iterable[Path]) -> None:
    """Read the texts and give templates `t`, `texts_json` and `language`."""
    app.extensions["texts"] = Texts(folders)
    app.jinja_env.globals.update(t=t, texts_json=texts_json, language=language)
