"""One stylesheet made from the components of the design system that our pages use.

The whole DSFR is 700 kB; a village on a slow line does not need its video player. The files come
from the installed package and are joined at install time: none is copied into this repository.
The Marianne and Spectral types are left out: they are reserved to the State.
"""

import re
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from maillage.config import paths

COMPONENTS: Final = (
    "core", "component/link", "component/button", "component/skiplink", "component/header",
    "component/navigation", "component/footer", "component/breadcrumb", "component/form",
    "component/input", "component/select", "component/checkbox", "component/radio",
    "component/upload", "component/tag", "component/badge", "component/alert",
    "component/notice", "component/callout", "component/table", "component/pagination",
    "component/logo",
)  # fmt: skip
_FONT_FACE: Final = re.compile(r"@font-face\s*\{[^}]*\}")
_UP: Final = re.compile(r"url\((['\"]?)(?:\.\./)+")
_ICON: Final = re.compile(r"url\(['\"]?(icons/[^)'\"]+)")
_SCHEME_DARK: Final = re.compile(r":root\[data-fr-theme=dark\][^{]*\{[^}]*\}")
_FONTS: Final = {
    "Marianne,arial,sans-serif": 'system-ui,"Segoe UI",Roboto,"Liberation Sans",Arial,sans-serif',
    "Spectral,georgia,serif": 'Georgia,"Liberation Serif",serif',
}
_CHARSET: Final = '@charset "UTF-8";'


def build() -> Path:
    """Write ``dsfr/dist/maillage.css`` under the state folder and return its path.

    The icons that it names are copied beside it, at the same relative addresses. Dark-theme
    rules are dropped: our pages have one theme.
    """
    dist = _package("dsfr") / "static" / "dsfr" / "dist"
    parts = [_CHARSET]
    for component in COMPONENTS:
        name = component.rsplit("/", 1)[-1]
        text = (dist / component / f"{name}.main.min.css").read_text(encoding="utf-8")
        text = _FONT_FACE.sub("", text.replace(_CHARSET, ""))
        for reserved, ours in _FONTS.items():
            text = text.replace(reserved, ours)
        text = _SCHEME_DARK.sub("", _UP.sub(r"url(\1", text))
        parts.append(re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL).strip())
    target = paths.STATE / "assets" / "dsfr" / "dist" / "maillage.css"
    target.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join(parts)
    for icon in set(_ICON.findall(text)):
        copy = target.parent / icon
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(dist / icon, copy)
    if not target.exists() or target.read_text(encoding="utf-8") != text:
        target.write_text(text, encoding="utf-8")
    _copy_leaflet()
    return target


def _copy_leaflet() -> None:
    """Take the map library from its package: served only where a tile server is named."""
    source = _package("leaflet") / "static" / "leaflet"
    target = paths.STATE / "assets" / "leaflet"
    target.mkdir(parents=True, exist_ok=True)
    for name in ("leaflet.js", "leaflet.js.map", "leaflet.css"):
        shutil.copyfile(source / name, target / name)
    shutil.copytree(source / "images", target / "images", dirs_exist_ok=True)


def _package(name: str) -> Path:
    """Folder of an installed package, without importing it."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"the package « {name} » is not installed")
    return Path(spec.origin).parent
