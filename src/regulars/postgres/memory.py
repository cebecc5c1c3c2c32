"""How much memory there is, and PostgreSQL's share of it."""

import os
from pathlib import Path

MB = 2**20
SHARE = 4
"""One part in so many: web server, worker and the system's own cache of files live on the same machine."""
BUFFERS_MB_MIN, BUFFERS_MB_MAX = 256, 8_192
_LIMIT = Path("/sys/fs/cgroup/memory.max")


def read_memory_mb() -> int:
    """Megabytes of this machine, or of the container that this runs in where that is less."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = _LIMIT.read_text().strip()
    except OSError:
        limit = "max"
    return (min(total, int(limit)) if limit.isdecimal() else total) // MB


def size_settings(memory_mb: int) -> str:
    """The lines of PostgreSQL's settings that depend on memory."""
    buffers = max(BUFFERS_MB_MIN, min(memory_mb // SHARE, BUFFERS_MB_MAX))
    cached = max(buffers, memory_mb // 2)
    return f"shared_buffers = {buffers}MB\neffective_cache_size = {cached}MB\n"
