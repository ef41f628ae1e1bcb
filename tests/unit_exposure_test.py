"""The systemd units as the installer writes them: how much they leave open, and that systemd takes them."""
import os
import pathlib
import pwd
import re
import shutil
import subprocess
import tempfile
import unittest

BINARY = os.environ["REFLECTOR_BINARY"]
SOURCE = pathlib.Path(os.environ["REFLECTOR_SOURCE_DIR"])
ENDPOINT = "http://127.0.0.1:9/api/metrics/batch"
QUEUE = "http://127.0.0.1:9/api/commands"
MOST = {False: 1.6, True: 2.5}  # by whether there are commands; 0 is closed, 10 open
# Each of them alone has to show in the figure; what they are worth is systemd's judgement.
WORTH_MORE_THAN_A_TENTH = ("ProtectSystem", "PrivateTmp", "PrivateDevices", "SystemCallFilter", "NoNewPrivileges",
                           "ProtectKernelModules", "ProtectKernelTunables", "RestrictNamespaces")


def run(*words):
    return subprocess.run([str(word) for word in words], env={**os.environ, "REFLECTOR_BINARY": BINARY},
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False)


def without(text, key):
    lines = [line for line in text.splitlines() if not line.startswith(key + "=")]
    assert len(lines) < len(text.splitlines()), f"the unit has no {key}="
    return "\n".join(lines) + "\n"


@unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is not there")
class UnitExposure(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.top = pathlib.Path(tempfile.mkdtemp(prefix="unit exposure "))
        cls.addClassCleanup(shutil.rmtree, cls.top)
        cls.units = {}
        for commands in (False, True):
            folder = cls.top / f"commands {commands}"
            queue = ["--command-endpoint", QUEUE] if commands else []
            done = run(SOURCE / "scripts" / "install_reflector.sh", folder, "--endpoint", ENDPOINT, *queue)
            assert done.returncode == 0, done.stdout + done.stderr
            cls.units[commands] = (folder / "reflector.service").read_text()

    def exposures(self, texts):
        """Of all of them by one call, which is what takes time."""
        paths = [self.top / f"variant-{number}.service" for number in range(len(texts))]
        for path, text in zip(paths, texts):
            path.write_text(text)
        done = run("systemd-analyze", "security", "--offline=true", "--no-pager", *paths)
        found = dict(re.findall(r"Overall exposure level for (\S+): ([0-9.]+)", done.stdout))
        self.assertEqual(set(found), {path.name for path in paths}, done.stdout + done.stderr)
        return [float(found[path.name]) for path in paths]

    @staticmethod
    def filled_in(text, user, processes, capabilities):
        for key, value in (("User", user), ("ProtectProc", processes), ("CapabilityBoundingSet", capabilities)):
            text = re.sub(f"^{key}=.*", f"{key}={value}", text, flags=re.M)
        return text

    def settings(self, commands):
        return [line for line in self.units[commands].splitlines() if line and line[0] != "#"]

    def test_the_bounds(self):
        for (commands, text), exposure in zip(self.units.items(), self.exposures(self.units.values())):
            with self.subTest(commands=commands, user=re.findall("^User=(.*)", text, re.M)):
                self.assertLessEqual(exposure, MOST[commands])

    def test_the_bounds_whoever_installs_it(self):
        """With what the installer fills in for root, and for anybody else."""
        for commands, text in self.units.items():
            as_root = self.filled_in(text, "root", "invisible", "CAP_KILL CAP_SETGID CAP_SETUID" if commands else "")
            as_another = self.filled_in(text, "somebody", "default", "")
            with self.subTest(commands=commands):
                own = pwd.getpwuid(os.geteuid()).pw_name
                self.assertEqual(text, as_root if own == "root" else as_another.replace("=somebody", f"={own}"))
                for exposure in self.exposures([as_root, as_another]):
                    self.assertLessEqual(exposure, MOST[commands])

    def test_the_figure_sees_each_line_that_is_missing(self):
        for commands, text in self.units.items():
            whole, *opened = self.exposures([text, *(without(text, key) for key in WORTH_MORE_THAN_A_TENTH)])
            for key, exposure in zip(WORTH_MORE_THAN_A_TENTH, opened):
                with self.subTest(commands=commands, key=key):
                    self.assertGreater(exposure, whole)

    def test_the_bound_sees_a_sandbox_that_is_open(self):
        for commands, text in self.units.items():
            with self.subTest(commands=commands):
                opened = without(without(text, "CapabilityBoundingSet"), "SystemCallFilter")
                self.assertGreater(self.exposures([opened])[0], MOST[commands])

    def test_systemd_knows_every_line(self):
        for commands, text in self.units.items():
            with self.subTest(commands=commands):
                self.assertEqual(self.complaints(text), [])
                self.assertNotEqual(self.complaints(text.replace("ProtectKernelLogs=", "ProtectKernelLog=")), [])
                self.assertNotEqual(self.complaints(text.replace("IPAddressAllow=::/1", "IPAddressAllow=::/z")), [])

    def complaints(self, text):
        path = self.top / "reflector.service"
        path.write_text(text)
        done = run("systemd-analyze", "verify", "--man=no", path)
        return [line for line in (done.stdout + done.stderr).splitlines() if "reflector" in line]

    def test_what_the_agent_cannot_do_without(self):
        for commands in self.units:
            lines = self.settings(commands)
            self.assertEqual([line for line in lines if "@" in line and not line.startswith("SystemCallFilter=")], [])
            folder = self.top / f"commands {commands}"
            for name in ("state", "logs"):
                self.assertIn(f'ReadWritePaths="{folder / name}"', lines)
                self.assertTrue((folder / name).is_dir())
            # The owners of all processes would be nobody's; another of the user's programs would lose its memory.
            for line in lines:
                self.assertFalse(line.startswith(("PrivateUsers=", "RemoveIPC=", "PrivateNetwork=")), line)
            self.assertEqual("Delegate=yes" in lines, commands)
            self.assertEqual("ProtectControlGroups=yes" in lines, not commands)
            self.assertEqual("MemoryDenyWriteExecute=yes" in lines, not commands)


if __name__ == "__main__":
    unittest.main(verbosity=2)
