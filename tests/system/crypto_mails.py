"""Protected mails of our own making: MAILS is name -> function of Keys that gives the bytes.

Here the honest ones; crypto_attacks.py adds those that lie.
"""

from crypto_mime import (ALICE, CANARY, SAID, SECRET, TEXT, XAVIER, attached, cms, cms_signed, crlf, letter, multipart,
                         part, pgp_encrypted, pgp_signed)

MAILS = {}
JAPANESE = f"貴社Webサイトの改ざんを見つけました。\n合言葉は {SAID} です。\n"
HIDDEN_SUBJECT = "Phishing at shop.sakura.example"


def mail(function):
    MAILS[function.__name__.replace("_", "-")] = function
    return function


# -- what both the honest and the others use -----------------------------------------------------

def signed_entity(keys, entity=None, by=("alice",), more=(), at=None, **options):
    entity = part() if entity is None else entity
    return pgp_signed(entity, keys.sign(entity, *by, more=more, at=at), **options)


def sealed_entity(keys, entity=None, to=("bob",), by=(), more=()):
    return pgp_encrypted(keys.seal(part(SECRET) if entity is None else entity, to, by, more))


def cms_detached(keys, entity=None, by=("xavier",), more=()):
    entity = part() if entity is None else entity
    return cms_signed(entity, keys.cms_sign(entity, *by, more=more))


def cms_opaque(keys, entity=None, by=("xavier",), more=()):
    return cms(keys.cms_sign(part() if entity is None else entity, *by, opaque=True, more=more), "signed-data")


def cms_enveloped(keys, entity=None, to=("team",), cipher="-aes256"):
    return cms(keys.cms_seal(part(SECRET) if entity is None else entity, to, cipher), "enveloped-data")


def inline(text, **options):
    return letter(part(crlf(text), **options))


# -- honest: OpenPGP -----------------------------------------------------------------------------

@mail
def plain(_keys):
    return letter(part())


@mail
def pgp_mime_signed(keys):
    return letter(signed_entity(keys))


@mail
def pgp_mime_signed_with_lf_only(keys):
    return letter(signed_entity(keys)).replace(b"\r\n", b"\n")


@mail
def pgp_mime_signed_iso_2022_jp(keys):
    return letter(signed_entity(keys, part(JAPANESE, charset="iso-2022-jp")))


@mail
def pgp_mime_signed_utf8_base64(keys):
    return letter(signed_entity(keys, part(JAPANESE, encoding="base64")))


@mail
def pgp_mime_signed_quoted_printable(keys):
    return letter(signed_entity(keys, part(JAPANESE, encoding="quoted-printable")))


@mail
def pgp_mime_signed_with_attachment(keys):
    return letter(signed_entity(keys, multipart("mixed", part(), attached(b"GET /\n" * 40))))


@mail
def pgp_mime_signed_alternative(keys):
    both = multipart("alternative", part(), part(f"<p>We see phishing. {SAID}", "text/html"))
    return letter(signed_entity(keys, both))


@mail
def pgp_mime_signed_without_body(keys):
    return letter(signed_entity(keys, part("")))


@mail
def pgp_mime_sealed(keys):
    return letter(sealed_entity(keys))


@mail
def pgp_mime_sealed_to_many(keys):
    return letter(sealed_entity(keys, to=("carol", "bob", "alice")))


@mail
def pgp_mime_sealed_and_signed_at_once(keys):
    return letter(sealed_entity(keys, by=["alice"]))


@mail
def pgp_mime_signed_inside_sealed(keys):
    return letter(sealed_entity(keys, signed_entity(keys, part(SECRET))))


@mail
def pgp_mime_sealed_with_attachment(keys):
    inside = multipart("mixed", part(SECRET), attached(CANARY.encode() * 9, name="log.txt"))
    return letter(sealed_entity(keys, inside, by=["alice"]))


@mail
def pgp_mime_sealed_iso_2022_jp(keys):
    return letter(sealed_entity(keys, part(JAPANESE + CANARY + "\n", charset="iso-2022-jp"), by=["alice"]))


@mail
def pgp_mime_sealed_without_key_ids(keys):
    return letter(sealed_entity(keys, more=["--throw-keyids"]))


@mail
def pgp_mime_signed_by_a_subkey(keys):
    return letter(signed_entity(keys, by=["subkeyed"]), sender="Frank <frank@peer.example>")


@mail
def pgp_mime_signed_by_one_with_several_user_ids(keys):
    return letter(signed_entity(keys, by=["carol"]), sender="Carol <carol@peer.example>")


@mail
def pgp_mime_signed_from_in_capitals(keys):
    return letter(signed_entity(keys), sender="ALICE <Alice@Peer.Example>")


@mail
def inline_signed(keys):
    return inline(keys.clearsign(TEXT.encode(), "alice"))


@mail
def inline_signed_utf8(keys):
    return inline(keys.clearsign(JAPANESE.encode(), "alice"), encoding="base64")


@mail
def inline_signed_iso_2022_jp(keys):
    return inline(keys.clearsign(JAPANESE.encode("iso-2022-jp"), "alice"), charset="iso-2022-jp")


@mail
def inline_signed_with_dashes(keys):
    return inline(keys.clearsign(f"- one\n-----BEGIN nothing\n{TEXT}-- \nAlice\n".encode(), "alice"))


@mail
def inline_signed_in_quoted_printable(keys):
    text = TEXT + "x=1 " * 40 + "\n"
    return inline(keys.clearsign(text.encode(), "alice"), encoding="quoted-printable")


@mail
def inline_sealed(keys):
    return inline(keys.seal(SECRET.encode()))


@mail
def inline_sealed_and_signed(keys):
    return inline(keys.seal(SECRET.encode(), by=["alice"]))


@mail
def inline_sealed_iso_2022_jp(keys):
    text = JAPANESE + CANARY + "\n"
    return inline(keys.seal(text.encode("iso-2022-jp"), by=["alice"]), charset="iso-2022-jp")


# -- honest: S/MIME ------------------------------------------------------------------------------

@mail
def cms_signed_detached(keys):
    return letter(cms_detached(keys), sender=XAVIER)


@mail
def cms_signed_detached_iso_2022_jp(keys):
    return letter(cms_detached(keys, part(JAPANESE, charset="iso-2022-jp")), sender=XAVIER)


@mail
def cms_signed_opaque(keys):
    return letter(cms_opaque(keys), sender=XAVIER)


@mail
def cms_signed_opaque_old_name(keys):
    return letter(cms_opaque(keys).replace(b"application/pkcs7-mime", b"application/x-pkcs7-mime"), sender=XAVIER)


@mail
def cms_sealed(keys):
    return letter(cms_enveloped(keys), sender=XAVIER)


@mail
def cms_signed_inside_sealed(keys):
    return letter(cms_enveloped(keys, cms_detached(keys, part(SECRET))), sender=XAVIER)


@mail
def cms_signed_opaque_inside_sealed(keys):
    return letter(cms_enveloped(keys, cms_opaque(keys, part(SECRET))), sender=XAVIER)


# -- honest: protected headers -------------------------------------------------------------------

def inner_headers(extra=()):
    return [f"From: {ALICE}", "To: csirt@sakura.example", f"Subject: {HIDDEN_SUBJECT}", *extra]


def protected(text, mark, headers=()):
    """A part that carries the header of the mail, marked by a parameter of its Content-Type."""
    return part(text, headers=headers).replace(b"charset=utf-8", f"charset=utf-8; {mark}".encode(), 1)


@mail
def headers_rfc9788_signed(keys):
    inside = protected(TEXT, 'hp="clear"', inner_headers())
    return letter(signed_entity(keys, inside), subject=HIDDEN_SUBJECT)


@mail
def headers_rfc9788_sealed(keys):
    outer = ["HP-Outer: Subject: [...]", f"HP-Outer: From: {ALICE}"]
    inside = protected(SECRET, 'hp="cipher"', inner_headers(outer))
    return letter(sealed_entity(keys, inside, by=["alice"]), subject="[...]")


@mail
def headers_rfc9788_sealed_with_legacy_display(keys):
    text = f"Subject: {HIDDEN_SUBJECT}\n\n{SECRET}"
    inside = protected(text, 'hp="cipher"; hp-legacy-display="1"', inner_headers(["HP-Outer: Subject: [...]"]))
    return letter(sealed_entity(keys, inside, by=["alice"]), subject="[...]")


@mail
def headers_draft_sealed(keys):
    inside = protected(SECRET, 'protected-headers="v1"', inner_headers())
    return letter(sealed_entity(keys, inside, by=["alice"]), subject="...")


@mail
def headers_draft_sealed_with_legacy_display(keys):
    shown = protected(f"Subject: {HIDDEN_SUBJECT}\n", 'protected-headers="v1"',
                      ["Content-Disposition: inline"]).replace(b"text/plain", b"text/rfc822-headers", 1)
    inside = multipart('mixed; protected-headers="v1"', shown, part(SECRET), headers=inner_headers())
    return letter(sealed_entity(keys, inside, by=["alice"]), subject="...")


@mail
def headers_wrapped_signed(keys):
    whole = letter(part(), subject=HIDDEN_SUBJECT)
    inside = b"Content-Type: message/rfc822; forwarded=no\r\n\r\n" + whole
    return letter(signed_entity(keys, inside), subject="...")


@mail
def headers_wrapped_sealed(keys):
    whole = letter(part(SECRET), subject=HIDDEN_SUBJECT)
    inside = b'Content-Type: message/rfc822; forwarded=no\r\n\r\n' + whole
    return letter(sealed_entity(keys, inside, by=["alice"]), subject="...")


@mail
def headers_rfc9788_cms(keys):
    inside = protected(SECRET, 'hp="cipher"', [f"From: {XAVIER}", f"Subject: {HIDDEN_SUBJECT}",
                                               "HP-Outer: Subject: [...]"])
    return letter(cms_enveloped(keys, cms_detached(keys, inside)), sender=XAVIER, subject="[...]")
