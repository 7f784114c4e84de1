"""MIME entities, OpenPGP packets and a little DER, written by hand, so that every byte is ours.

An entity is bytes with CRLF line ends, header fields and body; letter() makes a mail of one.
Three words tell afterwards what was shown: SAID stands in what was signed, CANARY in what was
sealed, ADDED in what somebody else put beside.
"""

import base64
import email.utils
import hashlib
import os
import quopri
import zlib

from crypto_keys import run

SAID = "heliotrope"
CANARY = "canary-5e0f71"
ADDED = "marigold"
ALICE = "Alice Peer <alice@peer.example>"
MALLORY = "Mallory <mallory@evil.example>"
MIB = 1 << 20
XAVIER = "Xavier Peer <xavier@peer.example>"
TEXT = f"We see phishing on your site.\nThe word is {SAID}.\n"
SECRET = f"We see phishing on your site.\nThe word is {SAID}, and {CANARY}.\n"
OTHER = f"Send all logs to mallory.\nThe word is {ADDED}.\n"


def crlf(text):
    data = text if isinstance(text, bytes) else text.encode()
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def part(text=TEXT, kind="text/plain", charset="utf-8", encoding="7bit", headers=()):
    """One leaf."""
    data = text if isinstance(text, bytes) else crlf(text.encode(charset))
    if encoding == "base64":
        data = crlf(base64.encodebytes(data))
    elif encoding == "quoted-printable":
        data = crlf(quopri.encodestring(data.replace(b"\r\n", b"\n")))
    lines = [f"Content-Type: {kind}" + (f"; charset={charset}" if kind.startswith("text/") else ""),
             f"Content-Transfer-Encoding: {encoding}", *headers, "", ""]
    return crlf("\n".join(lines)) + data


def attached(data, kind="application/octet-stream", name="log.bin"):
    return part(data, kind, encoding="base64", headers=[f'Content-Disposition: attachment; filename="{name}"'])


def multipart(kind, *parts, boundary=None, preamble=b"", epilogue=b"", headers=()):
    """`kind` may have parameters: 'signed; micalg=pgp-sha512'."""
    boundary = boundary or "=_" + hashlib.sha256(b"".join(parts)).hexdigest()[:24]
    mark = b"--" + boundary.encode()
    head = crlf("\n".join([f'Content-Type: multipart/{kind}; boundary="{boundary}"', *headers, "", ""]))
    body = b"".join(mark + b"\r\n" + one + b"\r\n" for one in parts)
    return head + preamble + body + mark + b"--\r\n" + epilogue


def letter(entity, sender=ALICE, subject="Phishing", headers=(), to="csirt@sakura.example"):
    """A mail; `sender` may be several header fields when it has a line end."""
    lines = [sender if "\n" in sender else f"From: {sender}", f"To: {to}", f"Subject: {subject}",
             f"Date: {email.utils.formatdate()}",
             f"Message-ID: <{hashlib.sha256(entity).hexdigest()[:20]}@peer.example>", "MIME-Version: 1.0",
             *headers, ""]
    return crlf("\n".join(lines)) + entity


# -- PGP/MIME and S/MIME -------------------------------------------------------------------------

def pgp_signed(entity, signature, *more, micalg="pgp-sha512", **options):
    kind = f'signed; micalg={micalg}; protocol="application/pgp-signature"'
    return multipart(kind, entity, part(crlf(signature), 'application/pgp-signature; name="signature.asc"'), *more,
                     **options)


def pgp_encrypted(sealed, *more, **options):
    version = part(b"Version: 1\r\n", "application/pgp-encrypted")
    return multipart('encrypted; protocol="application/pgp-encrypted"', version,
                     part(crlf(sealed), "application/octet-stream"), *more, **options)


def cms_signed(entity, signature, *more, **options):
    kind = 'signed; micalg=sha-256; protocol="application/pkcs7-signature"'
    return multipart(kind, entity, attached(signature, "application/pkcs7-signature", "smime.p7s"), *more, **options)


def cms(data, smime_type):
    return attached(data, f"application/pkcs7-mime; smime-type={smime_type}; name=smime.p7m", "smime.p7m")


# -- OpenPGP packets (RFC 4880) ------------------------------------------------------------------

def packet(tag, body):
    return bytes([0xC0 | tag, 0xFF]) + len(body).to_bytes(4, "big") + body


def first_packet(data):
    """The first packet with its header, old or new format, and the rest."""
    if data[0] & 0x40:
        one, two = data[1], data[2]
        size, head = ((one, 2) if one < 192 else (((one - 192) << 8) + two + 192, 3) if one < 224
                      else (int.from_bytes(data[2:6], "big"), 6))
    else:
        head = 1 + (1, 2, 4)[data[0] & 3]
        size = int.from_bytes(data[1:head], "big")
    return data[:head + size], data[head + size:], head


def literal(data, name=b""):
    return packet(11, b"b" + bytes([len(name)]) + name + bytes(4) + data)


def compressed(packets):
    return packet(8, b"\x02" + zlib.compress(packets))


def compressed_zeros(size, depth=1):
    """So many zeros in one literal, compressed so often; blocks of deflate that are equal stand once."""
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    head = bytes([0xCB, 0xFF]) + (size + 6).to_bytes(4, "big") + b"b" + bytes(5)
    first = engine.compress(head) + engine.flush(zlib.Z_FULL_FLUSH)
    block = engine.compress(bytes(MIB)) + engine.flush(zlib.Z_FULL_FLUSH)
    made = packet(8, b"\x01" + first + block * (size // MIB) + engine.flush())
    for _ in range(depth - 1):
        made = compressed(made)
    return made


def compressed_nothing(size):
    """A few KB that come to so many bytes of compressed data, and these to nothing at all: hours for gpg."""
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    first = engine.compress(bytes([0xC8, 0xFF]) + (0xFFFFFFF0).to_bytes(4, "big") + b"\x01")
    first += engine.flush(zlib.Z_FULL_FLUSH)
    block = engine.compress(b"\x00\x00\x00\xff\xff" * (MIB // 5)) + engine.flush(zlib.Z_FULL_FLUSH)
    stream = first + block * (size // MIB) + engine.flush()
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packet(8, b"\x01" + engine.compress(packet(8, b"\x01" + stream)) + engine.flush())


def armour(data, what="MESSAGE"):
    return (f"-----BEGIN PGP {what}-----\n\n".encode() + base64.encodebytes(data)
            + f"-----END PGP {what}-----\n".encode())


def cfb(key, start, data):
    return run("openssl", "enc", "-aes-256-cfb", "-K", key, "-iv", start.hex(), data=data)


def without_mdc(keys, packets):
    """Encrypted to us as before 2003: nothing shows a change (RFC 4880, 5.7)."""
    sealed = keys.seal(b"", more=["--cipher-algo", "AES256"], armour=False)
    _, key = keys.session_key(sealed)
    random = os.urandom(16)
    head = cfb(key, bytes(16), random + random[-2:])
    return first_packet(sealed)[0] + packet(9, head + cfb(key, head[2:], packets))


def with_mdc(keys, packets):
    """Encrypted to us by hand, so that it may hold any packets (RFC 4880, 5.13)."""
    sealed = keys.seal(b"", more=["--cipher-algo", "AES256"], armour=False)
    _, key = keys.session_key(sealed)
    random = os.urandom(16)
    text = random + random[-2:] + packets + b"\xd3\x14"
    body = cfb(key, bytes(16), text + hashlib.sha1(text).digest())
    return first_packet(sealed)[0] + packet(18, b"\x01" + body)


def mdc_stripped(keys, data):
    """A sealed message whose protection was taken off: its packet became one of the old kind."""
    sealed = keys.seal(data, more=["--cipher-algo", "AES256", "-z", "0"], armour=False)
    to, rest, _ = first_packet(sealed)
    body, _, head = first_packet(rest)
    return to + packet(9, body[head + 1:-22])


def flipped(data, at):
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)


# -- DER -----------------------------------------------------------------------------------------

SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
DATA = bytes.fromhex("06092a864886f70d010701")


def tlv(tag, *contents):
    body = b"".join(contents)
    size = len(body)
    head = bytes([size]) if size < 128 else bytes([0x84]) + size.to_bytes(4, "big")
    return bytes([tag]) + head + body


def cms_without_signer(data):
    """signed-data whose set of signers is empty (RFC 5652, 5.1)."""
    content = tlv(0x30, DATA, tlv(0xA0, tlv(0x04, data)))
    return tlv(0x30, SIGNED_DATA, tlv(0xA0, tlv(0x30, b"\x02\x01\x01", tlv(0x31), content, tlv(0x31))))


AES256_CBC = bytes.fromhex("060960864801650304012a")


def cbc_text(sealed):
    """(initial vector, place of the ciphertext) of enveloped AES-CBC data; the ciphertext ends it."""
    vector = sealed.index(AES256_CBC) + len(AES256_CBC) + 2
    length = sealed[vector + 17]
    return sealed[vector:vector + 16], vector + 18 + (length & 0x7F if length & 0x80 else 0)


def cbc_gadget(sealed, known, wanted, block):
    """Block `block` of the text becomes `wanted`, without the key: EFAIL.

    `known` is the first block of the text; the one before the forged block becomes noise.
    """
    vector, at = cbc_text(sealed)
    forged = bytes(a ^ b ^ c for a, b, c in zip(vector, known, wanted))
    place = at + 16 * (block - 1)
    return sealed[:place] + forged + sealed[at:at + 16] + sealed[place + 32:]
