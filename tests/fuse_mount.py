"""FUSE file systems for tests, spoken to over /dev/fuse itself (include/uapi/linux/fuse.h): one that never answers, and
can be told to. Never touch its mount point from the test: the call would hang."""
import ctypes
import errno
import os
import pathlib
import struct
import threading

INIT, GETATTR, STATFS, DESTROY, INTERRUPT, FORGET = 26, 3, 17, 38, 36, 2
CONNECTIONS = pathlib.Path("/sys/fs/fuse/connections")
MNT_DETACH = 2
libc = ctypes.CDLL(None, use_errno=True)


class FuseMount:
    """How it hangs: "unread", nobody takes requests; "unanswered", STATFS is taken and not answered, so that the caller
    can't even be killed; "forgetful", the same, but a caller that is to be killed is let go, as libfuse does it, and
    whoever asks after that is answered."""

    def __init__(self, path, how, is_file=False):
        """@param is_file it is a single file; else a folder"""
        self.path = pathlib.Path(path)
        self.path.touch() if is_file else self.path.mkdir()
        mode = "100444" if is_file else "40000"
        self.device = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
        options = f"fd={self.device},rootmode={mode},user_id=0,group_id=0"
        if libc.mount(f"hung-{self.path.name}".encode(), os.fsencode(self.path), b"fuse.hang", 0,
                      options.encode()) != 0:
            error = ctypes.get_errno()
            os.close(self.device)
            raise OSError(error, os.strerror(error), "mount of a FUSE file system")
        if not any(CONNECTIONS.iterdir()):
            # In the test's own namespace: closing the device ends nothing while somebody reads from it.
            libc.mount(b"none", os.fsencode(CONNECTIONS), b"fusectl", 0, None)
        # The connection goes by the minor number of the mount's device; reading the table asks no file system.
        for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines():
            fields = line.split()
            if fields[4] == str(self.path):
                self.connection = fields[2].split(":")[1]
        self.answering = threading.Event()
        self.waiting = []
        self.lock = threading.Lock()
        self.thread = None
        self.forgetful = how == "forgetful"
        if how != "unread":
            self.serve()

    def serve(self):
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def answer_from_now_on(self):
        """What waits too."""
        with self.lock:
            self.answering.set()
            for unique in self.waiting:
                self.statfs(unique)
            self.waiting.clear()
        if self.thread is None:
            self.serve()

    def reply(self, unique, body=b"", error=0):
        try:
            os.write(self.device, struct.pack("=IiQ", 16 + len(body), -error, unique) + body)
        except OSError:
            pass  # the caller was killed meanwhile

    def statfs(self, unique):
        # blocks, bfree, bavail, files, ffree, bsize, namelen, frsize, padding, spare
        self.reply(unique, struct.pack("=5Q4I6I", 1000, 400, 350, 0, 0, 4096, 255, 4096, 0, *[0] * 6))

    def run(self):
        while True:
            try:
                request = os.read(self.device, 256 * 1024)
            except OSError:
                return  # unmounted or aborted
            _, opcode, unique, _ = struct.unpack_from("=IIQQ", request)
            if opcode == INIT:
                # major, minor, max_readahead, flags, max_background, congestion_threshold, max_write, time_gran, …
                self.reply(unique, struct.pack("=IIIIHHII9I", 7, 23, 0, 0, 16, 12, 65536, 1, *[0] * 9))
            elif opcode == STATFS:
                with self.lock:
                    if self.answering.is_set():
                        self.statfs(unique)
                    else:
                        self.waiting.append(unique)
            elif opcode == GETATTR:
                self.reply(unique, struct.pack("=QII6Q10I", 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0o40755, 2, 0, 0, 0, 4096, 0))
            elif opcode == INTERRUPT and self.forgetful:
                self.answering.set()
                self.reply(*struct.unpack_from("=Q", request, 40), error=errno.EINTR)
            elif opcode not in (FORGET, INTERRUPT):
                self.reply(unique, error=errno.ENOSYS)

    def abort(self):
        """All calls end with an error, now and later."""
        control = CONNECTIONS / self.connection / "abort"
        if control.exists():
            control.write_text("1")

    def release(self):
        self.abort()
        libc.umount2(os.fsencode(self.path), MNT_DETACH)
        if self.thread:
            self.thread.join(5)
            self.thread = None
        if self.device >= 0:
            os.close(self.device)
            self.device = -1
