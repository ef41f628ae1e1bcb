"""For tests that mount: a mount namespace of their own, so that what they leave is gone with them."""
import os
import subprocess
import sys

INSIDE = "REFLECTOR_TEST_HAS_ITS_OWN_MOUNTS"


def enter(what_for):
    """Runs this program again where it may mount. Says "not run" and ends with 1 where that isn't permitted."""
    if INSIDE in os.environ:
        return
    tried = subprocess.run(["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, text=True)
    if tried.returncode != 0:
        not_run(f"{what_for}: may not mount: {tried.stderr.strip()}")
    os.environ[INSIDE] = "1"
    os.execvp("unshare", ["unshare", "--mount", "--", sys.executable, *sys.argv])


def not_run(reason):
    sys.exit(f"not run: {reason}")
