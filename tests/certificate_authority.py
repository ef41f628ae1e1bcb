"""Certificates made on the spot by the openssl program."""
import datetime
import pathlib
import subprocess

CONFIGURATION = """
[req]
distinguished_name = subject
[subject]
[authority]
basicConstraints = critical,CA:TRUE
subjectKeyIdentifier = hash
[ca]
default_ca = here
[here]
new_certs_dir = {folder}
database = {folder}/database
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
"""
ELLIPTIC = ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")
DAY = datetime.timedelta(days=1)


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def in_days(days):
    return (datetime.datetime.now(datetime.timezone.utc) + days * DAY).strftime("%Y%m%d%H%M%SZ")


class CertificateAuthority:
    def __init__(self, folder, name):
        self.folder = pathlib.Path(folder, name)
        self.folder.mkdir()
        self.configuration = self.folder / "openssl.cnf"
        self.configuration.write_text(CONFIGURATION.format(folder=self.folder))
        (self.folder / "database").touch()
        self.certificate, self.key = self.folder / "ca.pem", self.folder / "ca.key"
        openssl("req", "-x509", "-config", self.configuration, "-extensions", "authority", "-newkey", *ELLIPTIC, "-nodes",
                "-keyout", self.key, "-out", self.certificate, "-days", 2, "-subj", f"/CN={name}")

    def issue(self, name, address="127.0.0.1", begins=-1, ends=1, key=ELLIPTIC):
        """@param begins, ends in days from now; @return paths of certificate and key"""
        certificate, private = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        request = self.folder / f"{name}.csr"
        openssl("req", "-new", "-config", self.configuration, "-newkey", *key, "-nodes", "-keyout", private,
                "-out", request, "-subj", f"/CN={name}", "-addext", f"subjectAltName=IP:{address}")
        openssl("ca", "-batch", "-notext", "-config", self.configuration, "-cert", self.certificate,
                "-keyfile", self.key, "-in", request, "-out", certificate,
                "-startdate", in_days(begins), "-enddate", in_days(ends))
        private.chmod(0o600)
        return certificate, private
