"""For tests that mount: a mount namespace of their own, so that what they leave is gone with them."""
import os
import subprocess
import sys

INSIDE = "REFLECTOR_TEST_HAS_ITS_OWN_MOUNTS"


def enter(what_for, hows=(["--mount"],)):
    """Runs this program again where it may mount. Says "not run" and ends with 1 where that isn't permitted.
    @param hows options of unshare, tried one after the other"""
    if INSIDE in os.environ:
        return
    reasons = []
    for how in hows:
        tried = subprocess.run(["unshare", *how, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, text=True)
        if tried.returncode == 0:
            os.environ[INSIDE] = "1"
            os.execvp("unshare", ["unshare", *how, "--", sys.executable, *sys.argv])
        reasons.append(f"unshare {' '.join(how)}: {tried.stderr.strip()}")
    not_run(f"{what_for}: " + "; ".join(reasons))


def not_run(reason):
    sys.exit(f"not run: {reason}")
