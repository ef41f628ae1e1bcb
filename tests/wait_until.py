"""Waits for what comes by itself."""
import time


def wait_until(holds, seconds, what):
    """Looks again and again until holds() is true; an AssertionError that names `what` where it never is."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.02)
