"""Processes that end with the one that started them, also where that is killed and no fixture ends them."""

import ctypes
import signal
import sys

# Found before the fork: between fork and exec nothing may be loaded.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """For `preexec_fn`: have Linux kill this process when the thread that started it is gone. Elsewhere
    nothing happens. What is exec'd in its place keeps that; its own children do not have it.
    """
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
