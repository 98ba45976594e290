"""What decides a result besides its configuration: the code, the files, the machine. No torch."""

import ast
import hashlib
import platform
import subprocess
from functools import cache
from importlib import metadata
from pathlib import Path

PACKAGE = Path(__file__).parent
PROJECT = PACKAGE.parent


@cache
def code_digest(*places: str) -> str:
    """16 hexadecimal digits for the meaning of modules or packages below `bgmatte`, e.g. `"losses", "network"`.

    Comments, layout and docstrings do not count, so mending a typo retrains nothing.
    """
    parts = hashlib.sha256()
    for path in sorted({file for place in places for file in _sources(place)}):
        parts.update(str(path.relative_to(PACKAGE)).encode())
        parts.update(ast.unparse(_without_docstrings(ast.parse(path.read_text()))).encode())
    return parts.hexdigest()[:16]


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def machine() -> dict[str, str]:
    """Where and with what a result was made: commit, machine, system and versions."""
    versions = {name: _version(name) for name in ("torch", "torchvision", "numpy", "snakemake", "papermill")}
    return {"commit": commit(), "machine": _processor(), "system": platform.platform(), "python": platform.python_version(), **versions}


def commit() -> str:
    """The project's commit, `-changed` behind it when the working tree differs, or `unknown` outside git."""
    try:
        head = subprocess.run(["git", "rev-parse", "--short=12", "HEAD"], cwd=PROJECT, capture_output=True, text=True, check=True)
        status = subprocess.run(["git", "status", "--porcelain"], cwd=PROJECT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return head.stdout.strip() + ("-changed" if status.stdout.strip() else "")


def _sources(place: str) -> list[Path]:
    path = PACKAGE / place.replace(".", "/")
    found = sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]
    if not found or not all(file.exists() for file in found):
        raise ValueError(f"bgmatte has no module {place!r}")
    return found


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return tree


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "absent"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    names = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if line.startswith("model name")] if info.exists() else []
    return f"{names[0]} × {len(names)}" if names else platform.processor() or platform.machine()
