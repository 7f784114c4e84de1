"""What may be said of each mail of MAILS, worked out from RFC 3156, 4880, 5652, 8551, 9787, 9788.

    mail  encrypted integrity signed  signatures  signed-by  ledger  shown  [subject]

Signatures are key:state, sorted, with * if it is the key of the From address. `shown` has s, c, a for the
words SAID, CANARY, ADDED in the text; "-" is nothing. `subject` is "protected" or left out.
"""

ROWS = """
plain                                        none    n/a  none    -                      -       incident s
pgp-mime-signed                              none    n/a  full    alice:good*            alice   incident s
pgp-mime-signed-with-lf-only                 none    n/a  full    alice:good*            alice   incident s
pgp-mime-signed-iso-2022-jp                  none    n/a  full    alice:good*            alice   incident s
pgp-mime-signed-utf8-base64                  none    n/a  full    alice:good*            alice   incident s
pgp-mime-signed-quoted-printable             none    n/a  full    alice:good*            alice   incident s
pgp-mime-signed-with-attachment              none    n/a  full    alice:good*            alice   incident s
pgp-mime-signed-alternative                  none    n/a  full    alice:good*            alice   incident s
pgp-mime-signed-without-body                 none    n/a  full    alice:good*            alice   incident -
pgp-mime-sealed                              full    ok   none    -                      -       incident sc
pgp-mime-sealed-to-many                      full    ok   none    -                      -       incident sc
pgp-mime-sealed-and-signed-at-once           full    ok   full    alice:good*            alice   incident sc
pgp-mime-signed-inside-sealed                full    ok   full    alice:good*            alice   incident sc
pgp-mime-sealed-with-attachment              full    ok   full    alice:good*            alice   incident sc
pgp-mime-sealed-iso-2022-jp                  full    ok   full    alice:good*            alice   incident sc
pgp-mime-sealed-without-key-ids              full    ok   none    -                      -       incident sc
pgp-mime-signed-by-a-subkey                  none    n/a  full    subkeyed:good*         subkeyed incident s
pgp-mime-signed-by-one-with-several-user-ids none    n/a  full    carol:good*            carol   incident s
pgp-mime-signed-from-in-capitals             none    n/a  full    alice:good*            alice   incident s
inline-signed                                none    n/a  full    alice:good*            alice   incident s
inline-signed-utf8                           none    n/a  full    alice:good*            alice   incident s
inline-signed-iso-2022-jp                    none    n/a  full    alice:good*            alice   incident s
inline-signed-with-dashes                    none    n/a  full    alice:good*            alice   incident s
inline-signed-in-quoted-printable            none    n/a  full    alice:good*            alice   incident s
inline-sealed                                full    ok   none    -                      -       incident sc
inline-sealed-and-signed                     full    ok   full    alice:good*            alice   incident sc
inline-sealed-iso-2022-jp                    full    ok   full    alice:good*            alice   incident sc
cms-signed-detached                          none    n/a  full    xavier:good*           xavier  incident s
cms-signed-detached-iso-2022-jp              none    n/a  full    xavier:good*           xavier  incident s
cms-signed-opaque                            none    n/a  full    xavier:good*           xavier  incident s
cms-signed-opaque-old-name                   none    n/a  full    xavier:good*           xavier  incident s
cms-sealed                                   full    none none    -                      -       incident sc
cms-signed-inside-sealed                     full    ok   full    xavier:good*           xavier  incident sc
cms-signed-opaque-inside-sealed              full    ok   full    xavier:good*           xavier  incident sc
headers-rfc9788-signed                       none    n/a  full    alice:good*            alice   incident s  protected
headers-rfc9788-sealed                       full    ok   full    alice:good*            alice   incident sc protected
headers-rfc9788-sealed-with-legacy-display   full    ok   full    alice:good*            alice   incident sc protected
headers-draft-sealed                         full    ok   full    alice:good*            alice   incident sc protected
headers-draft-sealed-with-legacy-display     full    ok   full    alice:good*            alice   incident sc protected
headers-wrapped-signed                       none    n/a  full    alice:good*            alice   incident s  protected
headers-wrapped-sealed                       full    ok   full    alice:good*            alice   incident sc protected
headers-rfc9788-cms                          full    ok   full    xavier:good*           xavier  incident sc protected

m1-text-before-the-signed-part               none    n/a  partial alice:good*            -       incident sa
m1-text-behind-the-signed-part               none    n/a  partial alice:good*            -       incident sa
m1-one-part-and-it-is-signed                 none    n/a  partial alice:good*            -       incident s
m1-footer-of-a-mailing-list                  none    n/a  partial alice:good*            -       incident sa
m2-html-hides-the-signed-part                none    n/a  partial alice:good*            -       incident sa
m3-signed-part-related                       none    n/a  partial alice:good*            -       incident sa
m3-one-alternative-is-signed                 none    n/a  partial alice:good*            -       incident s
m3-last-alternative-is-signed                none    n/a  partial alice:good*            -       incident a
m4-signed-mail-forwarded-as-attachment       none    n/a  partial -                      -       incident a
m4-signed-mail-is-the-whole-body             none    n/a  partial -                      -       incident -
third-child-behind-the-signature             none    n/a  partial alice:good*            -       incident s
third-child-before-the-signature             none    n/a  partial -                      -       incident s
only-child-is-the-signed-one                 none    n/a  partial -                      -       incident s
signature-of-something-else                  none    n/a  full    alice:bad*             -       incident a
signed-text-changed-on-its-way               none    n/a  full    alice:bad*             -       incident s
signed-but-protocol-is-the-other             none    n/a  partial -                      -       incident s
preamble-before-what-is-signed               none    n/a  full    alice:good*            alice   incident s
epilogue-behind-what-is-signed               none    n/a  partial alice:good*            -       incident s
two-content-types                            none    n/a  none    -                      -       incident s
boundary-twice                               none    n/a  partial -                      -       incident s
boundary-is-the-beginning-of-another         none    n/a  full    alice:good*            alice   incident s
boundary-line-inside-of-the-signed-part      none    n/a  partial -                      -       incident s
boundary-with-odd-characters                 none    n/a  full    alice:good*            alice   incident s
boundary-never-closed                        none    n/a  full    alice:good*            alice   incident s
blanks-behind-the-boundary                   none    n/a  full    alice:good*            alice   incident s
forged-fields-of-our-own                     none    n/a  none    -                      -       incident s
u1-text-that-looks-like-a-verdict            none    n/a  none    -                      -       incident a
inline-text-before                           none    n/a  partial -                      -       incident sa
inline-text-behind                           none    n/a  partial -                      -       incident sa
inline-blank-lines-around                    none    n/a  full    alice:good*            alice   incident s
inline-twice                                 none    n/a  partial -                      -       incident sa
inline-quoted                                none    n/a  none    -                      -       incident sa
inline-in-html                               none    n/a  partial -                      -       incident sa
inline-with-an-attachment                    none    n/a  partial -                      -       incident s
inline-text-in-the-armour-header             none    n/a  partial -                      -       incident sa
inline-text-above-the-blank-line             none    n/a  partial -                      -       incident sa
inline-text-behind-a-line-of-blanks          none    n/a  full    alice:bad*             -       incident sa
inline-text-in-the-signatures-armour         none    n/a  full    alice:good*            alice   incident s
inline-changed                               none    n/a  full    alice:bad*             -       incident s
inline-signed-without-a-signature            none    n/a  none    -                      -       incident a

i1-signed-by-another-than-from               none    n/a  full    mallory:good           -       incident s
i1-address-in-the-name                       none    n/a  full    alice:good             -       incident s
i1-address-in-the-name-signed-by-that-one    none    n/a  full    mallory:good*          mallory incident s
i1-address-in-the-name-without-quotes        none    n/a  full    alice:good             -       incident s
i1-address-with-a-comment                    none    n/a  full    mallory:good           -       incident s
i1-from-ends-at-a-nul                        none    n/a  full    alice:good             -       incident s
i1-letter-of-another-alphabet                none    n/a  full    alice:good             -       incident s
i2-sender-is-the-signer                      none    n/a  full    mallory:good           -       incident s
i2-reply-to-is-the-signer                    none    n/a  full    mallory:good           -       incident s
i3-two-addresses-in-from                     none    n/a  full    alice:good             -       incident s
i3-two-addresses-in-from-signer-last         none    n/a  full    alice:good             -       incident s
i3-two-from-fields                           none    n/a  full    alice:good             -       incident s
i3-two-from-fields-signer-last               none    n/a  full    alice:good             -       incident s
i3-group-in-from                             none    n/a  full    alice:good             -       incident s
i3-group-of-one-in-from                      none    n/a  full    mallory:good*          mallory incident s
i3-no-from                                   none    n/a  full    alice:good             -       incident s
user-id-is-named-as-the-address              none    n/a  full    named:good             -       incident s
user-id-has-the-address-as-its-beginning     none    n/a  full    longer:good            -       incident s
user-id-has-the-address-as-its-end           none    n/a  full    before:good            -       incident s
user-id-looks-like-a-status-line             none    n/a  full    injected:good          -       incident s
second-user-id-is-no-claim-of-the-directory  none    n/a  full    carol:good             -       incident s
key-of-the-same-name-unknown-here            none    n/a  full    impostor:unknown-key   -       incident s
key-substituted-by-autocrypt                 none    n/a  full    impostor:unknown-key   -       incident s
key-substituted-by-attachment                none    n/a  full    impostor:unknown-key   -       incident s
signed-by-a-stranger                         none    n/a  full    stranger:unknown-key   -       incident s
signed-by-an-expired-key                     none    n/a  full    expired:expired-key*   -       incident s
signed-by-a-revoked-key                      none    n/a  full    revoked:revoked-key    -       incident s
signed-in-the-future                         none    n/a  full    alice:future*          -       incident s
signature-that-has-expired                   none    n/a  full    alice:expired*         -       incident s
signature-with-a-weak-digest                 none    n/a  full    alice:weak*            -       incident s
signatures-of-two                            none    n/a  full    alice:good*,mallory:good alice incident s
signatures-of-two-in-two-armours             none    n/a  full    alice:good*,mallory:good alice   incident s
signatures-of-which-one-is-bad               none    n/a  full    mallory:bad            -       incident s
signatures-of-which-the-last-is-bad          none    n/a  full    alice:good*,mallory:bad -      incident s
signatures-of-which-one-is-of-a-stranger     none    n/a  full    alice:good*,stranger:unknown-key - incident s
signature-part-is-empty                      none    n/a  partial -                      -       incident s
signature-part-holds-no-packet               none    n/a  none    -                      -       incident s
signature-part-is-a-message                  none    n/a  none    -                      -       incident a
replayed-with-another-subject                none    n/a  full    alice:good*            alice   incident s

g-file-name-with-status-lines                full    ok   none    -                      -       incident sc
g-file-name-with-status-lines-signed-by-mallory full ok   full    mallory:good           -       incident sc
g-file-name-with-status-lines-inline         none    n/a  none    -                      -       unreadable -
g-notation-with-status-lines                 none    n/a  full    mallory:good           -       incident s
sealed-packet-that-holds-two-literals        none    n/a  none    -                      -       unreadable -
sealed-packet-that-holds-nothing             none    n/a  none    -                      -       unreadable -
literal-before-what-is-sealed                none    n/a  none    -                      -       unreadable -
literal-behind-what-is-sealed                none    n/a  none    -                      -       unreadable -
two-sealed-messages-in-one                   none    n/a  none    -                      -       unreadable -
two-sealed-armours-in-one-part               none    n/a  none    -                      -       unreadable -
text-around-the-armour-of-a-sealed-part      full    ok   none    -                      -       incident sc
literal-only-called-sealed                   none    n/a  none    -                      -       unreadable -
compressed-only-called-sealed                none    n/a  none    -                      -       unreadable -
signed-only-called-sealed                    none    n/a  none    -                      -       unreadable -
clearsigned-only-called-sealed               none    n/a  none    -                      -       unreadable -
plain-text-called-sealed                     none    n/a  none    -                      -       unreadable -
inline-literal-only                          none    n/a  none    -                      -       unreadable -
inline-signed-only                           none    n/a  none    -                      -       unreadable -
sealed-with-a-password-only                  partial n/a  none    -                      -       unreadable -
inline-sealed-with-a-password-only           partial n/a  none    -                      -       unreadable -
sealed-to-another                            partial n/a  none    -                      -       unreadable -
sealed-to-another-without-key-ids            partial n/a  none    -                      -       unreadable -
inline-sealed-to-another                     partial n/a  none    -                      -       unreadable -
sealed-by-a-version-to-come                  none    n/a  none    -                      -       unreadable -
sealed-without-integrity                     none    n/a  none    -                      -       unreadable -
sealed-with-its-integrity-stripped           none    n/a  none    -                      -       unreadable -
sealed-and-changed                           none    n/a  none    -                      -       unreadable -
sealed-large-and-changed-at-its-end          none    n/a  none    -                      -       unreadable -
sealed-and-cut                               none    n/a  none    -                      -       unreadable -
sealed-part-is-missing                       partial n/a  none    -                      -       incident -
third-child-behind-what-is-sealed            partial n/a  none    -                      -       incident a
bomb-of-zeros                                partial n/a  none    -                      -       unreadable -
bomb-in-many-layers                          partial n/a  none    -                      -       unreadable -
bomb-of-compressed-packets                   none    n/a  none    -                      -       unreadable -
bomb-that-is-signed-only                     none    n/a  none    -                      -       unreadable -

c1-signature-brings-its-own-content          none    n/a  none    -                      -       incident a
c1-signature-brings-the-same-content         none    n/a  none    -                      -       incident s
c1-opaque-without-content                    none    n/a  none    -                      -       unreadable -
c2-two-signers                               none    n/a  full    xavier:good*,yvonne:good xavier incident s
c2-two-signers-the-other-is-from             none    n/a  full    xavier:good,yvonne:good* yvonne incident s
c3-no-signer                                 none    n/a  none    -                      -       incident a
c3-no-signer-detached                        none    n/a  none    -                      -       incident a
c4-signer-of-another-authority               none    n/a  full    outsider:unknown-key   -       incident s
cms-signed-by-another-than-from              none    n/a  full    yvonne:good            -       incident s
cms-signed-and-changed                       none    n/a  full    xavier:bad*            -       incident s
cms-third-child                              none    n/a  partial xavier:good*           -       incident s
cms-signed-part-of-a-mixed-mail              none    n/a  partial xavier:good*           -       incident sa
cms-opaque-part-of-a-mixed-mail              none    n/a  partial -                      -       incident a
cms-signed-called-sealed                     none    n/a  full    xavier:good*           xavier  incident s
cms-sealed-called-signed                     full    none none    -                      -       incident sc
cms-certificates-only                        none    n/a  none    -                      -       incident -
cms-sealed-to-another                        partial n/a  none    -                      -       unreadable -
cms-sealed-with-integrity                    none    n/a  none    -                      -       unreadable -
cms-garbage                                  none    n/a  none    -                      -       unreadable -

efail-html-around-pgp-mime                   partial n/a  none    -                      -       incident -
efail-html-around-cms                        partial n/a  none    -                      -       incident -
efail-html-around-inline                     partial n/a  none    -                      -       incident -
efail-html-with-the-armour-in-it             none    n/a  none    -                      -       incident a
efail-cbc-gadget                             full    none none    -                      -       incident sca
efail-cbc-gadget-with-a-signature-inside     full    none full    xavier:bad*            -       incident sca
covert-mix-pgp-mime                          partial n/a  none    -                      -       incident a
covert-mix-pgp-mime-first                    partial n/a  none    -                      -       incident a
covert-rel-pgp-mime                          partial n/a  none    -                      -       incident a
covert-alternative-pgp-mime                  partial n/a  none    -                      -       incident a
covert-mix-cms                               partial n/a  none    -                      -       incident a
covert-rel-cms                               partial n/a  none    -                      -       incident a
covert-mix-inline                            partial n/a  none    -                      -       incident a
covert-rel-inline                            partial n/a  none    -                      -       incident a
covert-inl-before                            partial n/a  none    -                      -       incident a
covert-inl-behind-blank-lines                partial n/a  none    -                      -       incident a
covert-inl-behind                            partial n/a  none    -                      -       incident a
covert-armour-in-an-attachment               partial n/a  none    -                      -       incident a
covert-forwarded-as-attachment               partial n/a  none    -                      -       incident a
covert-inside-of-a-signature                 partial n/a  full    mallory:good*          mallory incident a
covert-inside-of-a-seal                      full    ok   full    mallory:good*          mallory incident a
signed-again-by-the-thief                    full    ok   full    mallory:good*          -       incident sc
surreptitiously-forwarded                    full    ok   full    alice:good*            alice   incident sc protected
three-layers-signed-sealed-sealed            full    ok   none    -                      -       incident sc
three-layers-signed                          none    n/a  full    alice:good*,alice:good* alice  incident s
two-layers-signed-by-two                     none    n/a  full    alice:good*,mallory:good alice incident s
sealed-twice                                 full    ok   full    alice:good*            -       incident sc
part-signed-inside-of-sealed                 full    ok   partial alice:good*            -       incident sa
headers-protected-without-protection         none    n/a  none    -                      -       incident a
headers-without-the-parameter                full    ok   full    alice:good*            alice   incident sc
headers-of-a-part-below-the-root             full    ok   full    alice:good*            alice   incident sc
headers-protected-in-a-signed-part-only      none    n/a  partial alice:good*            -       incident a
headers-protected-whose-from-is-another      none    n/a  full    mallory:good           -       incident a  protected
headers-protected-from-alice-signed-by-mallory none  n/a  full    mallory:good*          -       incident a  protected
headers-protected-of-a-broken-signature      none    n/a  full    alice:bad*             -       incident a
receipts-and-links-that-call-home            full    ok   full    alice:good*            alice   incident c
charset-that-makes-other-words-of-what-was-signed none n/a full alice:good*            alice   incident s
signed-text-with-returns-added               none    n/a  full    alice:good*            alice   incident s
efail-in-a-new-envelope                      full    none none    -                      -       incident sc
"""


def table():
    """name -> what is wanted, as explained() of test-attacks.py finds it."""
    wanted = {}
    for line in filter(None, ROWS.splitlines()):
        name, *fields = line.split()
        fields += ["outer"] * (8 - len(fields))
        wanted[name] = dict(zip(("encrypted", "integrity", "signed", "signatures", "signed_by", "ledger", "shown",
                                 "subject"), fields))
    return wanted
