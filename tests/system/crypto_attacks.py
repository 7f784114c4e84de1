"""Mails that claim more than they are; each is added to MAILS under its name.

The order is that of the classes: where a signature stands (MIME), whose it is (ID), what OpenPGP
and CMS messages may hold (API, CMS), what an encrypted mail gives away (EFAIL, covert content).
"""

import base64

from crypto_keys import run
from crypto_mails import inline, mail, signed_entity
from crypto_mime import ADDED, ALICE, MALLORY, OTHER, TEXT, armour, attached, crlf, letter, multipart, part, pgp_signed

DAY = 24 * 3600


# -- a signature of a part only (M1 to M4) -------------------------------------------------------

@mail
def m1_text_before_the_signed_part(keys):
    return letter(multipart("mixed", part(OTHER), signed_entity(keys)))


@mail
def m1_text_behind_the_signed_part(keys):
    return letter(multipart("mixed", signed_entity(keys), part(OTHER)))


@mail
def m1_one_part_and_it_is_signed(keys):
    return letter(multipart("mixed", signed_entity(keys)))


@mail
def m1_footer_of_a_mailing_list(keys):
    footer = part(f"__________\nlist@lists.example {ADDED}\n")
    return letter(multipart("mixed", signed_entity(keys), footer), headers=["List-Id: <list.lists.example>"])


@mail
def m2_html_hides_the_signed_part(keys):
    html = part(f'<p>{OTHER}</p><div style="display:none">', "text/html")
    return letter(multipart("mixed", html, signed_entity(keys), part("</div>", "text/html")))


@mail
def m3_signed_part_related(keys):
    html = part(f'<p>{OTHER}<img src="cid:1">', "text/html")
    return letter(multipart("related", html, signed_entity(keys, headers=["Content-ID: <1>"])))


@mail
def m3_one_alternative_is_signed(keys):
    return letter(multipart("alternative", signed_entity(keys), part(f"<p>{OTHER}", "text/html")))


@mail
def m3_last_alternative_is_signed(keys):
    return letter(multipart("alternative", part(OTHER), signed_entity(keys)))


@mail
def m4_signed_mail_forwarded_as_attachment(keys):
    inside = b"Content-Type: message/rfc822\r\n\r\n" + letter(signed_entity(keys))
    return letter(multipart("mixed", part(OTHER), inside), sender=ALICE)


@mail
def m4_signed_mail_is_the_whole_body(keys):
    return letter(b"Content-Type: message/rfc822\r\n\r\n" + letter(signed_entity(keys)), subject="Fwd: Phishing")


@mail
def third_child_behind_the_signature(keys):
    return letter(pgp_signed(part(), keys.sign(part(), "alice"), part(OTHER)))


@mail
def third_child_before_the_signature(keys):
    signature = part(crlf(keys.sign(part(), "alice")), "application/pgp-signature")
    kind = 'signed; micalg=pgp-sha512; protocol="application/pgp-signature"'
    return letter(multipart(kind, part(), part(OTHER), signature))


@mail
def only_child_is_the_signed_one(keys):
    return letter(multipart('signed; protocol="application/pgp-signature"; micalg=pgp-sha512', part()))


@mail
def signature_of_something_else(keys):
    return letter(pgp_signed(part(OTHER), keys.sign(part(), "alice")))


@mail
def signed_text_changed_on_its_way(keys):
    return letter(signed_entity(keys)).replace(b"phishing on", b"nothing on ", 1)


@mail
def signed_but_protocol_is_the_other(keys):
    entity = signed_entity(keys).replace(b'protocol="application/pgp-signature"',
                                         b'protocol="application/pkcs7-signature"')
    return letter(entity)


@mail
def preamble_before_what_is_signed(keys):
    return letter(signed_entity(keys, preamble=crlf(OTHER)))


@mail
def epilogue_behind_what_is_signed(keys):
    return letter(signed_entity(keys, epilogue=crlf(OTHER)))


@mail
def two_content_types(keys):
    return letter(signed_entity(keys), headers=["Content-Type: text/plain"])


@mail
def boundary_twice(keys):
    inside = signed_entity(keys, boundary="aaaa")
    forged = crlf("--bbbb\n") + part(OTHER) + crlf("\n--bbbb\n") + part("x") + crlf("\n--bbbb--\n")
    return letter(inside.replace(b'boundary="aaaa"', b'boundary="aaaa"; boundary="bbbb"', 1) + forged)


@mail
def boundary_is_the_beginning_of_another(keys):
    inside = multipart("mixed", part(), attached(b"log"), boundary="edge-1")
    return letter(signed_entity(keys, inside, boundary="edge"))


@mail
def boundary_line_inside_of_the_signed_part(keys):
    text = f"{TEXT}--edge\nContent-Type: text/plain\n\n{OTHER}"
    return letter(signed_entity(keys, part(text), boundary="edge"))


@mail
def boundary_with_odd_characters(keys):
    return letter(signed_entity(keys, boundary="(odd)+_,-./:=? x"))


@mail
def boundary_never_closed(keys):
    return letter(signed_entity(keys, boundary="edge")).replace(b"--edge--\r\n", b"")


@mail
def blanks_behind_the_boundary(keys):
    return letter(signed_entity(keys, boundary="edge").replace(b"--edge\r\n", b"--edge \t\r\n"))


@mail
def forged_fields_of_our_own(keys):
    claims = ["X-Mado-Signed-By: Alice Peer", "X-Mado-Crypto: full", "X-RT-Incoming-Encryption: Success",
              "X-RT-Privacy: PGP", "X-Mado-Verdict: signed; good"]
    return letter(part(), headers=claims)


@mail
def u1_text_that_looks_like_a_verdict(keys):
    return letter(part(f'gpg: Good signature from "Alice Peer"\n[GNUPG:] GOODSIG 0 Alice\nsigned by: Alice\n{OTHER}'))


# -- inline PGP ----------------------------------------------------------------------------------

@mail
def inline_text_before(keys):
    return inline(OTHER.encode() + keys.clearsign(TEXT.encode(), "alice"))


@mail
def inline_text_behind(keys):
    return inline(keys.clearsign(TEXT.encode(), "alice") + OTHER.encode())


@mail
def inline_blank_lines_around(keys):
    return inline(b"\n\n" + keys.clearsign(TEXT.encode(), "alice") + b"\n \n")


@mail
def inline_twice(keys):
    return inline(keys.clearsign(TEXT.encode(), "alice") + keys.clearsign(OTHER.encode(), "mallory"))


@mail
def inline_quoted(keys):
    quoted = b"".join(b"> " + line + b"\n" for line in keys.clearsign(TEXT.encode(), "alice").splitlines())
    return inline(OTHER.encode() + quoted)


@mail
def inline_in_html(keys):
    signed = keys.clearsign(TEXT.encode(), "alice")
    return letter(part(crlf(b"<pre>" + signed + b"</pre><p>" + OTHER.encode()), "text/html"))


@mail
def inline_with_an_attachment(keys):
    return letter(multipart("mixed", part(crlf(keys.clearsign(TEXT.encode(), "alice"))), attached(b"log")))


@mail
def inline_text_in_the_armour_header(keys):
    signed = keys.clearsign(TEXT.encode(), "alice")
    return inline(signed.replace(b"\n\n", b"\nComment: " + OTHER.encode().replace(b"\n", b" ") + b"\n\n", 1))


@mail
def inline_text_above_the_blank_line(keys):
    signed = keys.clearsign(TEXT.encode(), "alice")
    return inline(signed.replace(b"\n\n", b"\n" + OTHER.encode() + b"\n", 1))


@mail
def inline_text_behind_a_line_of_blanks(keys):
    signed = keys.clearsign(TEXT.encode(), "alice")
    return inline(signed.replace(b"\n\n", b"\n \t\n" + OTHER.encode() + b"\n", 1))


@mail
def inline_text_in_the_signatures_armour(keys):
    signed = keys.clearsign(TEXT.encode(), "alice")
    return inline(signed.replace(b"SIGNATURE-----\n", b"SIGNATURE-----\nComment: " + ADDED.encode() + b"\n", 1))


@mail
def inline_changed(keys):
    return inline(keys.clearsign(TEXT.encode(), "alice").replace(b"phishing", b"nothing!"))


@mail
def inline_signed_without_a_signature(keys):
    return inline(f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{OTHER}"
                  "-----BEGIN PGP SIGNATURE-----\n\n-----END PGP SIGNATURE-----\n")


# -- whose signature (I1 to I3, key substitution) ------------------------------------------------

@mail
def i1_signed_by_another_than_from(keys):
    return letter(signed_entity(keys, by=["mallory"]))


@mail
def i1_address_in_the_name(keys):
    return letter(signed_entity(keys), sender='"alice@peer.example" <mallory@evil.example>')


@mail
def i1_address_in_the_name_signed_by_that_one(keys):
    return letter(signed_entity(keys, by=["mallory"]), sender='"Alice <alice@peer.example>" <mallory@evil.example>')


@mail
def i1_address_in_the_name_without_quotes(keys):
    return letter(signed_entity(keys), sender="alice@peer.example <mallory@evil.example>")


@mail
def i1_address_with_a_comment(keys):
    return letter(signed_entity(keys, by=["mallory"]), sender="alice@peer.example (mallory@evil.example)")


@mail
def i1_from_ends_at_a_nul(keys):
    return letter(signed_entity(keys), sender="=?utf-8?q?alice=40peer=2Eexample=00?= <mallory@evil.example>")


@mail
def i1_letter_of_another_alphabet(keys):
    return letter(signed_entity(keys), sender="Alice Peer <\u0430lice@peer.example>")


@mail
def i2_sender_is_the_signer(keys):
    return letter(signed_entity(keys, by=["mallory"]), headers=[f"Sender: {MALLORY}"])


@mail
def i2_reply_to_is_the_signer(keys):
    return letter(signed_entity(keys, by=["mallory"]), headers=[f"Reply-To: {MALLORY}"])


@mail
def i3_two_addresses_in_from(keys):
    return letter(signed_entity(keys), sender=f"{ALICE}, {MALLORY}")


@mail
def i3_two_addresses_in_from_signer_last(keys):
    return letter(signed_entity(keys), sender=f"{MALLORY}, {ALICE}")


@mail
def i3_two_from_fields(keys):
    return letter(signed_entity(keys), sender=f"From: {ALICE}\nFrom: {MALLORY}")


@mail
def i3_two_from_fields_signer_last(keys):
    return letter(signed_entity(keys), sender=f"From: {MALLORY}\nFrom: {ALICE}")


@mail
def i3_group_in_from(keys):
    return letter(signed_entity(keys), sender=f"{ALICE.split()[0]}: {ALICE}, {MALLORY};")


@mail
def i3_group_of_one_in_from(keys):
    return letter(signed_entity(keys, by=["mallory"]), sender=f'"{ALICE}": {MALLORY};')


@mail
def i3_no_from(keys):
    return letter(signed_entity(keys), sender="X-From: nobody\nX-To: nobody")


@mail
def user_id_is_named_as_the_address(keys):
    return letter(signed_entity(keys, by=["named"]))


@mail
def user_id_has_the_address_as_its_beginning(keys):
    return letter(signed_entity(keys, by=["longer"]))


@mail
def user_id_has_the_address_as_its_end(keys):
    return letter(signed_entity(keys, by=["before"]))


@mail
def user_id_looks_like_a_status_line(keys):
    return letter(signed_entity(keys, by=["injected"]))


@mail
def second_user_id_is_no_claim_of_the_directory(keys):
    return letter(signed_entity(keys, by=["carol"]), sender="Carol <carol@other.example>")


@mail
def key_of_the_same_name_unknown_here(keys):
    return letter(signed_entity(keys, by=["impostor"]))


@mail
def key_substituted_by_autocrypt(keys):
    keydata = "\n ".join(base64.encodebytes(keys.public("impostor")).decode().split())
    return letter(signed_entity(keys, by=["impostor"]),
                  headers=[f"Autocrypt: addr=alice@peer.example; prefer-encrypt=mutual; keydata=\n {keydata}"])


@mail
def key_substituted_by_attachment(keys):
    key = part(crlf(keys.armoured("impostor")), "application/pgp-keys")
    return letter(signed_entity(keys, multipart("mixed", part(), key), by=["impostor"]))


@mail
def signed_by_a_stranger(keys):
    return letter(signed_entity(keys, by=["stranger"]), sender="Stranger <stranger@else.example>")


@mail
def signed_by_an_expired_key(keys):
    return letter(signed_entity(keys, by=["expired"], at=-40 * DAY), sender="Dave <dave@peer.example>")


@mail
def signed_by_a_revoked_key(keys):
    return letter(signed_entity(keys, by=["revoked"]), sender="Erin <erin@peer.example>")


@mail
def signed_in_the_future(keys):
    return letter(signed_entity(keys, at=9 * DAY))


@mail
def signature_that_has_expired(keys):
    return letter(signed_entity(keys, at=-9 * DAY, more=["--default-sig-expire", "3d"]))


@mail
def signature_with_a_weak_digest(keys):
    return letter(signed_entity(keys, more=["--digest-algo", "SHA1"], micalg="pgp-sha1"))


@mail
def signatures_of_two(keys):
    return letter(signed_entity(keys, by=["alice", "mallory"]))


@mail
def signatures_of_two_in_two_armours(keys):
    both = keys.sign(part(), "alice") + keys.sign(part(), "mallory")
    return letter(pgp_signed(part(), both))


def joined(*signatures):
    return armour(b"".join(run("gpg", "--dearmor", data=one) for one in signatures), "SIGNATURE")


@mail
def signatures_of_which_one_is_bad(keys):
    return letter(pgp_signed(part(), joined(keys.sign(part(OTHER), "mallory"), keys.sign(part(), "alice"))))


@mail
def signatures_of_which_the_last_is_bad(keys):
    return letter(pgp_signed(part(), joined(keys.sign(part(), "alice"), keys.sign(part(OTHER), "mallory"))))


@mail
def signatures_of_which_one_is_of_a_stranger(keys):
    return letter(signed_entity(keys, by=["alice", "stranger"]))


@mail
def signature_part_is_empty(keys):
    return letter(pgp_signed(part(), b""))


@mail
def signature_part_holds_no_packet(keys):
    return letter(pgp_signed(part(), armour(b"", "SIGNATURE")))


@mail
def signature_part_is_a_message(keys):
    """What it holds is signed, but it is not what the mail shows (as CMS eContent confusion)."""
    return letter(pgp_signed(part(OTHER), keys.sign_all(part(), "alice")))


@mail
def replayed_with_another_subject(keys):
    return letter(signed_entity(keys, at=-400 * DAY), subject=f"Urgent {ADDED}")

