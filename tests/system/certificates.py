"""Certificates for the mail servers of the tests: one that is good, and one for each way of being bad.

`made = Certificates(folder)`: made.ca is the file of the authority that mado is told to believe;
made.good.cert and made.good.key are files, likewise wrong_host, unknown_ca, expired, future and
self_signed. Every one has its `fingerprint` (SHA-256, 64 digits), as the setting of that name wants it.
"""

import hashlib
import ssl
import subprocess
import time
from pathlib import Path

HOUR = 3600
DAY = 24 * HOUR
HOST = "localhost"
OURS = f"DNS:{HOST},IP:127.0.0.1"
SOMEBODY = "DNS:mail.other.example"

AUTHORITY = """\
[ca]
default_ca = authority
[authority]
new_certs_dir = {folder}
database = {folder}/index
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
[authority_itself]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = {names}
"""


def openssl(*words):
    done = subprocess.run(["openssl", *map(str, words)], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"openssl {words[0]}: {done.stderr.strip()}")


def moment(seconds):
    """So many seconds from now, as openssl writes it."""
    return time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + seconds))


class Certificate:
    """A certificate and its key, each a PEM file; key_and_cert for servers that want one file."""

    def __init__(self, cert, key):
        self.cert, self.key = cert, key
        pem = cert.read_text()
        self.fingerprint = hashlib.sha256(
            ssl.PEM_cert_to_DER_cert(pem)).hexdigest().upper()
        self.key_and_cert = cert.with_suffix(".both")
        self.key_and_cert.write_text(key.read_text() + pem)
        self.key_and_cert.chmod(0o600)


class Authority:
    def __init__(self, folder, name):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True)
        (self.folder / "index").touch()
        made = self.sign(name, kind="authority_itself", start=-60 * DAY, by_itself=True)
        self.cert, self.key = made.cert, made.key

    def sign(self, name, names=OURS, start=-HOUR, end=30 * DAY, kind="server", by_itself=False):
        """by_itself: the certificate is signed with its own key, by nobody else."""
        request, cert, key = (self.folder / f"{name}.{ending}" for ending in ("csr", "pem", "key"))
        file = self.folder / "openssl.cnf"
        file.write_text(AUTHORITY.format(folder=self.folder, names=names))
        openssl("req", "-new", "-config", file, "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-subj", f"/CN={name}", "-keyout", key, "-out", request)
        who = ("-selfsign", "-keyfile", key) if by_itself else ("-cert", self.cert, "-keyfile", self.key)
        openssl("ca", "-batch", "-notext", "-config", file, *who, "-extensions", kind, "-startdate", moment(start),
                "-enddate", moment(end), "-in", request, "-out", cert)
        return Certificate(cert, key)


class Certificates:
    def __init__(self, folder):
        folder = Path(folder) / "certificates"
        believed = Authority(folder / "believed", "believed-authority")
        other = Authority(folder / "other", "other-authority")
        self.ca = believed.cert
        self.good = believed.sign("good")
        self.wrong_host = believed.sign("wrong-host", names=SOMEBODY)
        self.unknown_ca = other.sign("unknown-ca")
        self.expired = believed.sign("expired", start=-10 * DAY, end=-DAY)
        self.future = believed.sign("future", start=10 * DAY)
        self.self_signed = other.sign("self-signed", by_itself=True)
