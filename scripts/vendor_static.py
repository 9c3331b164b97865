"""Fetch the browser libraries we ship and put them, with their licences, under callcart/web/static/vendor.

Run by a developer who wants to move a version; needs Node and npm, which a user's machine never does. Writes
vendor.json (name, version, licence, file, sha256), which a test holds against the files. Edits nothing else.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

VENDOR = Path(__file__).parent.parent / "callcart" / "web" / "static" / "vendor"
ICONS = Path(__file__).with_name("icons.txt")

ECHARTS_ENTRY = """
import {use, init, getInstanceByDom} from 'echarts/core';
import {BarChart, LineChart, PieChart, HeatmapChart} from 'echarts/charts';
import {
  AriaComponent, DatasetComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent,
  VisualMapComponent,
} from 'echarts/components';
import {CanvasRenderer} from 'echarts/renderers';
use([BarChart, LineChart, PieChart, HeatmapChart, AriaComponent, DatasetComponent, GridComponent,
  LegendComponent, MarkLineComponent, TooltipComponent, VisualMapComponent, CanvasRenderer]);
export {init, getInstanceByDom};
"""
JSSIP_ENTRY = "import JsSIP from 'jssip'; export default JsSIP;"

MIT_OF_TABLER = """The MIT License (MIT)

Copyright (c) 2018-2026 The Tabler Authors
Copyright (c) 2018-2026 codecalm.net Paweł Kuna

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""


@dataclass(frozen=True)
class Part:
    """A package whose code ends up in a file we ship."""

    name: str
    version: str
    licence_files: tuple[str, ...] = ("LICENSE",)


@dataclass(frozen=True)
class Asset:
    """One file under vendor/, and the packages in it; with `entry`, esbuild makes it."""

    file: str
    parts: tuple[Part, ...]
    source: str = ""
    entry: str = ""
    licence_text: dict[str, str] = field(default_factory=dict)


ESBUILD = "0.28.2"
ASSETS = (
    Asset(
        "tabler.css",
        (Part("@tabler/core", "1.6.1", ()),),
        source="dist/css/tabler.min.css",
        licence_text={"@tabler/core": MIT_OF_TABLER},
    ),
    Asset("icons.svg", (Part("@tabler/icons", "3.51.0"),)),
    Asset("htmx.js", (Part("htmx.org", "2.0.11"),), source="dist/htmx.min.js"),
    Asset("idiomorph-ext.js", (Part("idiomorph", "0.8.0"),), source="dist/idiomorph-ext.min.js"),
    Asset(
        "echarts.js",
        (
            Part("echarts", "6.1.0", ("LICENSE", "NOTICE")),
            Part("zrender", "6.1.0"),
            Part("tslib", "2.3.0", ("LICENSE.txt",)),
        ),
        entry=ECHARTS_ENTRY,
    ),
    Asset(
        "jssip.js",
        (
            Part("jssip", "3.13.8", ("LICENSE.md",)),
            Part("debug", "4.4.3"),
            Part("ms", "2.1.3", ("license.md",)),
            Part("events", "3.3.0"),
            Part("sdp-transform", "2.15.0"),
        ),
        entry=JSSIP_ENTRY,
    ),
)


def main() -> None:
    """Make every asset anew."""
    (VENDOR / "licences").mkdir(parents=True, exist_ok=True)
    entries: list[dict[str, str]] = []
    with tempfile.TemporaryDirectory() as scratch:
        for asset in ASSETS:
            packages = {part.name: fetch(part, Path(scratch)) for part in asset.parts}
            (VENDOR / asset.file).write_text(content(asset, packages, Path(scratch)), encoding="utf-8")
            entries.extend(record(asset, part, packages[part.name]) for part in asset.parts)
    (VENDOR / "vendor.json").write_text(json.dumps(entries, indent=2) + "\n", encoding="utf-8")


def fetch(part: Part, scratch: Path) -> Path:
    """Download and unpack exactly this version; the folder it lies in."""
    target = scratch / "packages" / part.name
    target.mkdir(parents=True)
    packed = run("npm", "pack", "--silent", f"{part.name}@{part.version}", cwd=target).split()[-1]
    with tarfile.open(target / packed) as archive:
        archive.extractall(target, filter="data")
    return next(path for path in target.iterdir() if path.is_dir())


def content(asset: Asset, packages: dict[str, Path], scratch: Path) -> str:
    first = packages[asset.parts[0].name]
    if asset.file == "icons.svg":
        return sprite(first)
    if asset.entry:
        return bundle(asset, packages, scratch)
    text = (first / asset.source).read_text(encoding="utf-8")
    return re.sub(r"\n?(/\*|//)# sourceMappingURL=.*?(\*/|$)", "", text).rstrip() + "\n"


def sprite(package: Path) -> str:
    """One SVG of <symbol>s, for the names in icons.txt (`…-filled` comes from the filled set)."""
    symbols = []
    for name in ICONS.read_text(encoding="utf-8").split():
        filled = name.endswith("-filled")
        folder = "filled" if filled else "outline"
        svg = (package / "icons" / folder / f"{name.removesuffix('-filled')}.svg").read_text(encoding="utf-8")
        inner = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.DOTALL)
        if inner is None:
            raise ValueError(f"no drawing in the icon {name}")
        drawing = re.sub(r'<path stroke="none" d="M0 0h24v24H0z" fill="none" ?/>', "", inner[1])
        drawing = re.sub(r"\s*\n\s*", "", drawing).replace(" />", "/>").strip()
        paint = (
            'fill="currentColor"'
            if filled
            else 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'
        )
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24" {paint}>{drawing}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def bundle(asset: Asset, packages: dict[str, Path], scratch: Path) -> str:
    """An ES module made by esbuild out of exactly the packages named."""
    folder = scratch / asset.file
    modules = folder / "node_modules"
    modules.mkdir(parents=True)
    for name, package in packages.items():
        package.rename(modules / name)
        packages[name] = modules / name
    run("npm", "install", "--silent", "--no-audit", "--no-fund", f"esbuild@{ESBUILD}", cwd=scratch)
    (folder / "entry.js").write_text(asset.entry, encoding="utf-8")
    options = (
        "--bundle",
        "--minify",
        "--format=esm",
        "--target=es2022",
        "--legal-comments=none",
        "--charset=utf8",
    )
    names = ", ".join(f"{part.name} {part.version}" for part in asset.parts)
    banner = f"--banner:js=/*! {names}; licences: see licences/ */"
    return run(str(scratch / "node_modules/.bin/esbuild"), "entry.js", *options, banner, cwd=folder)


def record(asset: Asset, part: Part, package: Path) -> dict[str, str]:
    """Keep the licence text and describe the package for vendor.json."""
    described = json.loads((package / "package.json").read_text(encoding="utf-8"))
    if described["version"] != part.version:
        raise ValueError(f"{part.name}: wanted {part.version}, got {described['version']}")
    texts = [(package / name).read_text(encoding="utf-8").strip() for name in part.licence_files]
    text = "\n\n".join(texts) or asset.licence_text[part.name].strip()
    licence_file = f"licences/{part.name.strip('@').replace('/', '-')}.txt"
    (VENDOR / licence_file).write_text(text + "\n", encoding="utf-8")
    return {
        "name": part.name,
        "version": part.version,
        "licence": described["license"],
        "licence_file": licence_file,
        "file": asset.file,
        "sha256": hashlib.sha256((VENDOR / asset.file).read_bytes()).hexdigest(),
    }


def run(*command: str, cwd: Path) -> str:
    return subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main()
