"""Mails that claim to be sealed or signed by what the message itself holds; each is added to MAILS.

First what an OpenPGP message may hold, then CMS.
"""

from crypto_keys import run
from crypto_mails import cms_detached, cms_enveloped, cms_opaque, inline, mail, sealed_entity, signed_entity
from crypto_mime import (MIB, OTHER, SECRET, XAVIER, armour, cms, cms_signed, cms_without_signer, compressed,
                         compressed_zeros, first_packet, flipped, letter, literal, mdc_stripped, multipart, packet,
                         part, pgp_encrypted, without_mdc)

STATUS = ("x\n[GNUPG:] GOODSIG 34D3B3D511B7D4FB Alice Peer <alice@peer.example>\n[GNUPG:] VALIDSIG {0} 2026-11-20 "
          "1795289548 0 4 0 22 10 00 {0}\n[GNUPG:] DECRYPTION_OKAY\n[GNUPG:] GOODMDC\n")


def sealed_packets(keys, packets, **options):
    """Any packets, encrypted to us with integrity protection."""
    return pgp_encrypted(keys.seal(packets, more=["--no-literal", "-z", "0"], **options))


# -- what an OpenPGP message may hold (G) --------------------------------------------------------

@mail
def g_file_name_with_status_lines(keys):
    name = STATUS.format(keys.fingerprint["alice"]).encode()[:250]
    return letter(sealed_packets(keys, literal(part(SECRET), name)))


@mail
def g_file_name_with_status_lines_signed_by_mallory(keys):
    name = STATUS.format(keys.fingerprint["alice"])[:250]
    return letter(sealed_entity(keys, by=["mallory"], more=["--set-filename", name]))


@mail
def g_file_name_with_status_lines_inline(keys):
    name = STATUS.format(keys.fingerprint["alice"]).encode()[:250]
    return inline(armour(literal(OTHER.encode(), name)))


@mail
def g_notation_with_status_lines(keys):
    note = "note@evil.example=" + STATUS.format(keys.fingerprint["alice"]).replace("\n", " ")
    return letter(signed_entity(keys, by=["mallory"], more=["--sig-notation", note]))


@mail
def sealed_packet_that_holds_two_literals(keys):
    return letter(sealed_packets(keys, literal(part(SECRET)) + literal(part(OTHER))))


@mail
def sealed_packet_that_holds_nothing(keys):
    return letter(sealed_packets(keys, b""))


@mail
def literal_before_what_is_sealed(keys):
    sealed = keys.seal(part(SECRET), armour=False)
    return letter(pgp_encrypted(armour(literal(part(OTHER)) + sealed)))


@mail
def literal_behind_what_is_sealed(keys):
    sealed = keys.seal(part(SECRET), armour=False)
    return letter(pgp_encrypted(armour(sealed + literal(part(OTHER)))))


@mail
def two_sealed_messages_in_one(keys):
    sealed = keys.seal(part(SECRET), armour=False)
    return letter(pgp_encrypted(armour(sealed + keys.seal(part(OTHER), armour=False))))


@mail
def two_sealed_armours_in_one_part(keys):
    return letter(pgp_encrypted(keys.seal(part(SECRET)) + keys.seal(part(OTHER))))


@mail
def text_around_the_armour_of_a_sealed_part(keys):
    return letter(pgp_encrypted(OTHER.encode() + keys.seal(part(SECRET)) + OTHER.encode()))


@mail
def literal_only_called_sealed(_keys):
    return letter(pgp_encrypted(armour(literal(part(OTHER)))))


@mail
def compressed_only_called_sealed(_keys):
    return letter(pgp_encrypted(armour(compressed(literal(part(OTHER))))))


@mail
def signed_only_called_sealed(keys):
    return letter(pgp_encrypted(keys.sign_all(part(OTHER), "alice")))


@mail
def clearsigned_only_called_sealed(keys):
    return letter(pgp_encrypted(keys.clearsign(OTHER.encode(), "alice")))


@mail
def plain_text_called_sealed(_keys):
    return letter(pgp_encrypted(OTHER.encode()))


@mail
def inline_literal_only(_keys):
    return inline(armour(literal(OTHER.encode())))


@mail
def inline_signed_only(keys):
    """An armoured message that is signed and not sealed: the signature covers all that is shown."""
    return inline(keys.sign_all(OTHER.encode(), "mallory"))


@mail
def sealed_with_a_password_only(keys):
    return letter(pgp_encrypted(keys.with_password(part(SECRET))))


@mail
def inline_sealed_with_a_password_only(keys):
    return inline(keys.with_password(SECRET.encode()))


@mail
def sealed_to_another(keys):
    return letter(sealed_entity(keys, to=["carol"]))


@mail
def sealed_to_another_without_key_ids(keys):
    return letter(sealed_entity(keys, to=["carol"], more=["--throw-keyids"]))


@mail
def inline_sealed_to_another(keys):
    return inline(keys.seal(SECRET.encode(), to=["carol"]))


@mail
def sealed_by_a_version_to_come(keys):
    to, rest, head = first_packet(keys.seal(part(SECRET), armour=False))
    return letter(pgp_encrypted(armour(packet(1, b"\x06" + to[head + 1:]) + rest)))


@mail
def sealed_without_integrity(keys):
    return letter(pgp_encrypted(armour(without_mdc(keys, literal(part(SECRET))))))


@mail
def sealed_with_its_integrity_stripped(keys):
    return letter(pgp_encrypted(armour(mdc_stripped(keys, part(SECRET)))))


@mail
def sealed_and_changed(keys):
    return letter(pgp_encrypted(armour(flipped(keys.seal(part(SECRET), more=["-z", "0"], armour=False), -30))))


@mail
def sealed_large_and_changed_at_its_end(keys):
    text = part(SECRET + ("0123456789" * 7 + "\n") * 40_000)
    return letter(pgp_encrypted(armour(flipped(keys.seal(text, more=["-z", "0"], armour=False), -40))))


@mail
def sealed_and_cut(keys):
    return letter(pgp_encrypted(armour(keys.seal(part(SECRET), armour=False)[:-12])))


@mail
def sealed_part_is_missing(_keys):
    version = part(b"Version: 1\r\n", "application/pgp-encrypted")
    return letter(multipart('encrypted; protocol="application/pgp-encrypted"', version))


@mail
def third_child_behind_what_is_sealed(keys):
    return letter(pgp_encrypted(keys.seal(part(SECRET)), part(OTHER)))


@mail
def bomb_of_zeros(keys):
    return letter(sealed_packets(keys, compressed_zeros(2000 * MIB, depth=3)))


@mail
def bomb_in_many_layers(keys):
    return letter(sealed_packets(keys, compressed_zeros(200 * MIB, depth=12)))


@mail
def bomb_of_compressed_packets(keys):
    packets = literal(part(SECRET))
    for _ in range(60):
        packets = compressed(packets)
    return letter(sealed_packets(keys, packets))


@mail
def bomb_that_is_signed_only(keys):
    return letter(pgp_encrypted(armour(compressed_zeros(200 * MIB))))


# -- CMS (C1 to C4) ------------------------------------------------------------------------------

@mail
def c1_signature_brings_its_own_content(keys):
    """The signature is good for what it carries, and the mail shows something else."""
    return letter(cms_signed(part(OTHER), keys.cms_sign(part(), "xavier", opaque=True)), sender=XAVIER)


@mail
def c1_signature_brings_the_same_content(keys):
    return letter(cms_signed(part(), keys.cms_sign(part(), "xavier", opaque=True)), sender=XAVIER)


@mail
def c1_opaque_without_content(keys):
    return letter(cms(keys.cms_sign(part(), "xavier"), "signed-data"), sender=XAVIER)


@mail
def c2_two_signers(keys):
    return letter(cms_detached(keys, by=["xavier", "yvonne"]), sender=XAVIER)


@mail
def c2_two_signers_the_other_is_from(keys):
    return letter(cms_detached(keys, by=["yvonne", "xavier"]), sender="Yvonne <yvonne@evil.example>")


@mail
def c3_no_signer(_keys):
    return letter(cms(cms_without_signer(part(OTHER)), "signed-data"), sender=XAVIER)


@mail
def c3_no_signer_detached(_keys):
    return letter(cms_signed(part(OTHER), cms_without_signer(part(OTHER))), sender=XAVIER)


@mail
def c4_signer_of_another_authority(keys):
    return letter(cms_detached(keys, by=["outsider"]), sender=XAVIER)


@mail
def cms_signed_by_another_than_from(keys):
    return letter(cms_detached(keys, by=["yvonne"]), sender=XAVIER)


@mail
def cms_signed_and_changed(keys):
    return letter(cms_detached(keys), sender=XAVIER).replace(b"phishing", b"nothing!", 1)


@mail
def cms_third_child(keys):
    return letter(cms_signed(part(), keys.cms_sign(part(), "xavier"), part(OTHER)), sender=XAVIER)


@mail
def cms_signed_part_of_a_mixed_mail(keys):
    return letter(multipart("mixed", part(OTHER), cms_detached(keys)), sender=XAVIER)


@mail
def cms_opaque_part_of_a_mixed_mail(keys):
    return letter(multipart("mixed", part(OTHER), cms_opaque(keys)), sender=XAVIER)


@mail
def cms_signed_called_sealed(keys):
    return letter(cms(keys.cms_sign(part(), "xavier", opaque=True), "enveloped-data"), sender=XAVIER)


@mail
def cms_sealed_called_signed(keys):
    return letter(cms(keys.cms_seal(part(SECRET)), "signed-data"), sender=XAVIER)


@mail
def cms_certificates_only(keys):
    bundle = run("openssl", "crl2pkcs7", "-nocrl", "-certfile", keys.file("yvonne"), "-outform", "DER")
    return letter(cms(bundle, "certs-only"), sender=XAVIER)


@mail
def cms_sealed_to_another(keys):
    return letter(cms_enveloped(keys, to=["yvonne"]), sender=XAVIER)


@mail
def cms_sealed_with_integrity(keys):
    """authEnvelopedData, which gpgsm 2.2 does not know."""
    return letter(cms(keys.cms_seal(part(SECRET), cipher="-aes-256-gcm"), "authEnvelopedData"), sender=XAVIER)


@mail
def cms_garbage(_keys):
    return letter(cms(OTHER.encode() * 9, "enveloped-data"), sender=XAVIER)
