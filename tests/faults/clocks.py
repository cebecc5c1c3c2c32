"""The clock of the installation under test: by how much it is wrong, told through a file."""

import mmap
import os
import struct
from pathlib import Path

LOADED_FROM = Path(__file__).parent / "skewed"
"""On the PYTHONPATH of the installation's processes, so that each of them loads its sitecustomize."""


class Clock:
    """The file behind FAULTS_CLOCK. Every process sees a change at once."""

    def __init__(self, file: Path) -> None:
        self.file = file
        file.write_bytes(struct.pack("d", 0.0))
        with file.open("r+b") as opened:
            self._shared = mmap.mmap(opened.fileno(), 8)

    def set_wrong_by(self, seconds: float) -> None:
        """Below zero: the installation believes that it is earlier than it is."""
        self._shared[:8] = struct.pack("d", seconds)

    def environment(self) -> dict[str, str]:
        path = os.pathsep.join(filter(None, [str(LOADED_FROM), os.environ.get("PYTHONPATH")]))
        return {"FAULTS_CLOCK": str(self.file), "PYTHONPATH": path}
