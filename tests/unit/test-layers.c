/* Which layer of encryption or signature a mail has at its root, and the very bytes of it. What is
 * not the root, or could be read in two ways, is none. */
#include "read.h"
#include <mado/limits.h>
#include <string.h>

struct row {
    const char *name;
    const char *mail;
    const char *payload;   /* NULL: not looked at */
    const char *signature; /* NULL: there is none */
    const char *problems;  /* separated by ", "; NULL: none */
    enum layer_kind kind;
    gboolean part;     /* not the root */
    const char *below; /* "s", "e", "se": has_signed_part, has_encrypted_part; NULL: neither */
};

#define PGP_ROOT                                                                                   \
    "Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=x\n\n"
#define CMS_ROOT                                                                                   \
    "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=x\n\n"
#define SIGNATURE "Content-Type: application/pgp-signature\n\nS\n"
#define TEXT "Content-Type: text/plain\n\none\n"
#define TEXT_CRLF "Content-Type: text/plain\r\n\r\none"
#define SIGNED "--x\n" TEXT "--x\n" SIGNATURE "--x--\n"
#define SEALED_ROOT                                                                                \
    "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=x\n\n"
#define VERSION "Content-Type: application/pgp-encrypted\n\nVersion: 1\n"
#define OCTETS "Content-Type: application/octet-stream\n\n"
#define SEALED "--x\n" VERSION "\n--x\n" OCTETS "C\n--x--\n"
#define MIXED "Content-Type: multipart/mixed; boundary=y\n\n"
#define TWO_WAYS                                                                                   \
    "its structure can be read in two ways: it counts neither as signed nor as encrypted"
#define TWO_TYPES "more than one Content-Type field: the first counts, "
#define PLAIN "Content-Type: text/plain\n\n"
#define PGP LAYER_PGP_SIGNED

static const struct row signed_rows[] = {
    {"RFC 3156", PGP_ROOT SIGNED, TEXT_CRLF, "S", NULL, PGP},
    {"CRLF",
        "Content-Type: multipart/signed; boundary=x\r\n\r\n--x\r\na: b\r\n\r\none\r\n--x\r\n"
        "Content-Type: application/pgp-signature\r\n\r\nS\r\n--x--\r\n",
        "a: b\r\n\r\none", "S", NULL, PGP},
    {"trailing blanks are signed", PGP_ROOT "--x\n\n one \t\n \n--x\n" SIGNATURE "--x--\n",
        "\r\n one \t\r\n ", "S", NULL, PGP},
    {"the empty lines before the boundary are signed, but for the last",
        PGP_ROOT "--x\n\none\n\n\n--x\n" SIGNATURE "--x--\n", "\r\none\r\n\r\n", "S", NULL, PGP},
    {"a lone CR stays", PGP_ROOT "--x\n\no\rn\r\r\ne\n--x\n" SIGNATURE "--x--\n", "\r\no\rn\r\r\ne",
        "S", NULL, PGP},
    {"folded fields stay folded",
        PGP_ROOT
        "--x\nContent-Type: text/plain;\n\tcharset=utf-8\nX:  a\n  b\n\none\n--x\n" SIGNATURE
        "--x--\n",
        "Content-Type: text/plain;\r\n\tcharset=utf-8\r\nX:  a\r\n  b\r\n\r\none", "S", NULL, PGP},
    {"no last boundary", PGP_ROOT "--x\n" TEXT "--x\n" SIGNATURE, TEXT_CRLF, "S\n", NULL, PGP},
    {"no line end behind the last boundary", PGP_ROOT "--x\n" TEXT "--x\n" SIGNATURE "--x--",
        TEXT_CRLF, "S", NULL, PGP},
    {"blanks behind a boundary", PGP_ROOT "--x \t\n" TEXT "--x  \n" SIGNATURE "--x-- \n", TEXT_CRLF,
        "S", NULL, PGP},
    {"a boundary with signs in it",
        "Content-Type: multipart/signed;\n "
        "boundary=\"=-=(.'+_,-./:=?)\"\n\n--=-=(.'+_,-./:=?)\n" TEXT
        "--=-=(.'+_,-./:=?)\n" SIGNATURE "--=-=(.'+_,-./:=?)--\n",
        TEXT_CRLF, "S", NULL, PGP},
    {"a boundary without quotes",
        "Content-Type: multipart/signed; boundary==-=-=\n\n--=-=-=\n" TEXT "--=-=-=\n" SIGNATURE
        "--=-=-=--\n",
        TEXT_CRLF, "S", NULL, PGP},
    {"an inner boundary that begins with the outer one",
        PGP_ROOT
        "--x\nContent-Type: multipart/mixed; boundary=xy\n\n--xy\n\none\n--xy--\n--x\n" SIGNATURE
        "--x--\n",
        "Content-Type: multipart/mixed; boundary=xy\r\n\r\n--xy\r\n\r\none\r\n--xy--", "S", NULL,
        PGP},
    {"an outer boundary that begins with the inner one",
        "Content-Type: multipart/signed; boundary=xy\n\n--xy\n"
        "Content-Type: multipart/mixed; boundary=x\n\n--x\n\none\n--x--\n--xy\n" SIGNATURE
        "--xy--\n",
        "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\none\r\n--x--", "S", NULL, PGP},
    {"lines like boundaries", PGP_ROOT "--x\n\n--xz\n --x\n--x-\n-- x\n--x\n" SIGNATURE "--x--\n",
        "\r\n--xz\r\n --x\r\n--x-\r\n-- x", "S", NULL, PGP},
    {"a longer note before it",
        PGP_ROOT "This is a multi-part message in MIME format.\nIt has been signed conforming to "
                 "RFC3156.\nProduced by a transparent gateway.\nVersion: 2.01.0619 "
                 "http://www.a.example\nYou need GPG to check the signature.\n\n" SIGNED,
        TEXT_CRLF, "S", NULL, PGP},
    {"the note of Mozilla before it",
        PGP_ROOT "This is an OpenPGP/MIME signed message (RFC 4880 and 3156)\n" SIGNED, TEXT_CRLF,
        "S", NULL, PGP},
    {"a signature in base64",
        PGP_ROOT "--x\n" TEXT "--x\nContent-Type: application/pgp-signature\n"
                 "Content-Transfer-Encoding: base64\n\nYWJj\n--x--\n",
        TEXT_CRLF, "abc", NULL, PGP},
    {"no protocol", "Content-Type: multipart/signed; boundary=x\n\n" SIGNED, TEXT_CRLF, "S", NULL,
        PGP},
    {"a signature that is only called so by the protocol",
        PGP_ROOT "--x\n" TEXT "--x\n" OCTETS "S\n--x--\n", TEXT_CRLF, "S", NULL, PGP},
    {"a line of an mbox first", "From a@a.example Mon Mar  2 09:00:00 2026\n" PGP_ROOT SIGNED,
        TEXT_CRLF, "S", NULL, PGP},
    {"S/MIME",
        CMS_ROOT "--x\n" TEXT "--x\nContent-Type: application/pkcs7-signature\n"
                 "Content-Transfer-Encoding: base64\n\nYWJj\n--x--\n",
        TEXT_CRLF, "abc", NULL, LAYER_CMS_SIGNED},
    {"S/MIME of old programs",
        "Content-Type: multipart/signed; protocol=\"application/x-pkcs7-signature\"; "
        "boundary=x\n\n--x\n" TEXT "--x\nContent-Type: application/x-pkcs7-signature\n\nS\n--x--\n",
        TEXT_CRLF, "S", NULL, LAYER_CMS_SIGNED},
    {"a part's header that runs into its text", PGP_ROOT "--x\none line\n--x\n" SIGNATURE "--x--\n",
        "one line", "S", "a part's header runs into its text", PGP},
};

#define LETTER                                                                                     \
    "Dear team, a letter of this length is no note for readers without MIME, whatever it says of " \
    "itself.\n"

static const struct row partial_rows[] = {
    {"a third part", PGP_ROOT "--x\n" TEXT "--x\n" SIGNATURE "--x\n" PLAIN "two\n--x--\n",
        TEXT_CRLF, "S", NULL, PGP, TRUE, "s"},
    {"text behind the end", PGP_ROOT SIGNED "two\n", TEXT_CRLF, "S", NULL, PGP, TRUE, "s"},
    {"a letter before the first boundary", PGP_ROOT LETTER LETTER LETTER LETTER LETTER SIGNED,
        TEXT_CRLF, "S", NULL, PGP, TRUE, "s"},
    {"the footer of a mailing list", MIXED "--y\n" PGP_ROOT SIGNED "--y\n" PLAIN "footer\n--y--\n",
        TEXT_CRLF, "S", NULL, PGP, TRUE, "s"},
    {"text before it", MIXED "--y\n" PLAIN "two\n--y\n" PGP_ROOT SIGNED "--y--\n", TEXT_CRLF, "S",
        NULL, PGP, TRUE, "s"},
    {"alone in a multipart", MIXED "--y\n" PGP_ROOT SIGNED "--y--\n", TEXT_CRLF, "S", NULL, PGP,
        TRUE, "s"},
    {"hidden in an alternative",
        "Content-Type: multipart/alternative; boundary=y\n\n--y\n" PLAIN
        "two\n--y\n" PGP_ROOT SIGNED "--y--\n",
        TEXT_CRLF, "S", NULL, PGP, TRUE, "s"},
    {"hidden in a related",
        "Content-Type: multipart/related; boundary=y\n\n--y\nContent-Type: text/html\n\n"
        "<p>two\n--y\n" PGP_ROOT SIGNED "--y--\n",
        TEXT_CRLF, "S", NULL, PGP, TRUE, "s"},
    {"in an embedded mail",
        MIXED "--y\n" PLAIN "two\n--y\nContent-Type: message/rfc822\n\n"
              "Subject: a\n" PGP_ROOT SIGNED "--y--\n",
        NULL, NULL, NULL, LAYER_NONE, FALSE, "s"},
    {"a mail that is an embedded one",
        "Content-Type: message/rfc822\n\nSubject: a\n" PGP_ROOT SIGNED, NULL, NULL, NULL,
        LAYER_NONE, FALSE, "s"},
    {"a signature that stands alone",
        "Content-Type: multipart/signed; boundary=x\n\n--x\n" SIGNATURE "--x--\n", NULL, NULL, NULL,
        LAYER_NONE, FALSE, "s"},
    {"no boundary is met", PGP_ROOT "one\n", NULL, NULL, "multipart without parts", LAYER_NONE,
        FALSE, "s"},
};

static const struct row doubtful_rows[] = {
    {"nothing is signed", PGP_ROOT "--x\n--x\n" SIGNATURE "--x--\n", NULL, NULL, TWO_WAYS,
        LAYER_NONE, FALSE, "s"},
    {"another type first", "Content-Type: text/plain\n" PGP_ROOT SIGNED, NULL, NULL,
        "more than one Content-Type field: the first counts", LAYER_NONE},
    {"another type behind",
        "Content-Type: multipart/signed; boundary=x\nContent-Type: text/plain\n\n" SIGNED, NULL,
        NULL, TWO_TYPES TWO_WAYS, LAYER_NONE, FALSE, "s"},
    {"two boundaries", "Content-Type: multipart/signed; boundary=x; boundary=y\n\n" SIGNED, NULL,
        NULL, TWO_WAYS, LAYER_NONE, FALSE, "s"},
    {"a boundary in pieces",
        "Content-Type: multipart/signed; boundary*0=x; boundary*1=y\n\n" SIGNED, NULL, NULL,
        "multipart without parts, " TWO_WAYS, LAYER_NONE, FALSE, "s"},
    {"a boundary with percent signs", "Content-Type: multipart/signed; boundary*=''x\n\n" SIGNED,
        NULL, NULL, TWO_WAYS, LAYER_NONE, FALSE, "s"},
    {"a comment", "Content-Type: multipart/signed (a; boundary=y); boundary=x\n\n" SIGNED, NULL,
        NULL, NULL, LAYER_NONE, FALSE, "s"},
    {"a quote that does not end", "Content-Type: multipart/signed; boundary=\"x\n\n" SIGNED, NULL,
        NULL, "multipart without parts, " TWO_WAYS, LAYER_NONE, FALSE, "s"},
    {"a backslash in the boundary", "Content-Type: multipart/signed; boundary=\"\\x\"\n\n" SIGNED,
        NULL, NULL, NULL, LAYER_NONE, FALSE, "s"},
    {"the inner boundary is the outer one",
        PGP_ROOT "--x\nContent-Type: multipart/mixed; boundary=x\n\n--x\n" SIGNATURE
                 "--x--\n--x--\n",
        NULL, NULL, TWO_WAYS, LAYER_NONE, FALSE, "s"},
    {"the inner boundary is the outer one's end",
        PGP_ROOT "--x\nContent-Type: multipart/mixed; boundary=\"x--\"\n\n--x--\n\none\n--x----\n"
                 "--x\n" SIGNATURE "--x--\n",
        NULL, NULL, TWO_WAYS, LAYER_NONE, FALSE, "s"},
    {"protocol and signature contradict one another",
        CMS_ROOT "--x\n" TEXT "--x\n" SIGNATURE "--x--\n", NULL, NULL, NULL, LAYER_NONE, FALSE,
        "s"},
    {"a signature that is a tree",
        PGP_ROOT "--x\n" TEXT "--x\nContent-Type: multipart/mixed; boundary=z\n\n--z\n" SIGNATURE
                 "--z--\n--x--\n",
        NULL, NULL, NULL, LAYER_NONE, FALSE, "s"},
    {"an empty signature",
        PGP_ROOT "--x\n" TEXT "--x\nContent-Type: application/pgp-signature\n\n--x--\n", NULL, NULL,
        NULL, LAYER_NONE, FALSE, "s"},
};

static const struct row sealed_rows[] = {
    {"RFC 3156", SEALED_ROOT SEALED, "C", NULL, NULL, LAYER_PGP_ENCRYPTED},
    {"base64",
        SEALED_ROOT "--x\nContent-Type: application/pgp-encrypted\n"
                    "Content-Transfer-Encoding: base64\n\nVmVyc2lvbjogMQ0K\n--x\n"
                    "Content-Type: application/octet-stream\n"
                    "Content-Transfer-Encoding: base64\n\nYWJj\n--x--\n",
        "abc", NULL, NULL, LAYER_PGP_ENCRYPTED},
    {"quoted-printable",
        SEALED_ROOT "--x\n" VERSION "--x\nContent-Type: application/octet-stream\n"
                    "Content-Transfer-Encoding: quoted-printable\n\na=3Db\n--x--\n",
        "a=b", NULL, NULL, LAYER_PGP_ENCRYPTED},
    {"another version",
        SEALED_ROOT "--x\nContent-Type: application/pgp-encrypted\n\nVersion: 12\n--x\n" OCTETS
                    "C\n--x--\n",
        NULL, NULL, NULL, LAYER_NONE, FALSE, "e"},
    {"a third part", SEALED_ROOT "--x\n" VERSION "--x\n" OCTETS "C\n--x\n" PLAIN "two\n--x--\n",
        NULL, NULL, NULL, LAYER_NONE, FALSE, "e"},
    {"text behind the end", SEALED_ROOT SEALED "two\n", NULL, NULL, NULL, LAYER_NONE, FALSE, "e"},
    {"two boundaries", "Content-Type: multipart/encrypted; boundary=x; boundary=z\n\n" SEALED, NULL,
        NULL, TWO_WAYS, LAYER_NONE, FALSE, "e"},
    {"the ciphertext is no octet-stream",
        SEALED_ROOT "--x\n" VERSION "--x\nContent-Type: text/html\n\nC\n--x--\n", NULL, NULL, NULL,
        LAYER_NONE, FALSE, "e"},
    {"another protocol",
        "Content-Type: multipart/encrypted; protocol=\"application/x-other\"; "
        "boundary=x\n\n" SEALED,
        NULL, NULL, NULL, LAYER_NONE, FALSE, "e"},
    {"wrapped in HTML (EFAIL)",
        MIXED
        "--y\nContent-Type: text/html\n\n<img src=\"http://a.example/\n--y\n" SEALED_ROOT SEALED
        "--y\nContent-Type: text/html\n\n\">\n--y--\n",
        NULL, NULL, NULL, LAYER_NONE, FALSE, "e"},
    {"re-wrapped by a mailing list", MIXED "--y\n" SEALED_ROOT SEALED "--y\n" PLAIN "f\n--y--\n",
        NULL, NULL, NULL, LAYER_NONE, FALSE, "e"},
    {"in an embedded mail",
        MIXED "--y\n" PLAIN "see\n--y\nContent-Type: message/rfc822\n\n" SEALED_ROOT SEALED
              "--y--\n",
        NULL, NULL, NULL, LAYER_NONE, FALSE, "e"},
    {"signed, then encrypted parts below",
        PGP_ROOT "--x\n" MIXED "--y\n" PLAIN "a\n--y\n"
                 "Content-Type: application/octet-stream; name=a.pgp\n\n"
                 "-----BEGIN PGP MESSAGE-----\n--y--\n--x\n" SIGNATURE "--x--\n",
        NULL, "S", NULL, PGP},
    {"an encrypted file",
        MIXED "--y\n" PLAIN "a\n--y\nContent-Type: application/octet-stream; name=a.gpg\n"
              "Content-Transfer-Encoding: base64\n\nhQEMA0==\n--y--\n",
        NULL, NULL, NULL, LAYER_NONE, FALSE, "e"},
};

#define REPAIRED "repaired: PGP/MIME that a mail server had taken apart"

static const struct row mangled_rows[] = {
    {"an empty text before it",
        MIXED "--y\n" PLAIN "\n \n--y\n" VERSION "--y\n" OCTETS "C\n--y--\n", "C", NULL, REPAIRED,
        LAYER_PGP_ENCRYPTED},
    {"without the empty text", MIXED "--y\n" VERSION "--y\n" OCTETS "C\n--y--\n", "C", NULL,
        REPAIRED, LAYER_PGP_ENCRYPTED},
    {"a text before it", MIXED "--y\n" PLAIN "a\n--y\n" VERSION "--y\n" OCTETS "C\n--y--\n", NULL,
        NULL, NULL, LAYER_NONE, FALSE, "e"},
    {"HTML before it",
        MIXED "--y\nContent-Type: text/html\n\n--y\n" VERSION "--y\n" OCTETS "C\n--y--\n", NULL,
        NULL, NULL, LAYER_NONE, FALSE, "e"},
    {"a part more",
        MIXED "--y\n" PLAIN "\n--y\n" VERSION "--y\n" OCTETS "C\n--y\n" PLAIN "a\n--y--\n", NULL,
        NULL, NULL, LAYER_NONE, FALSE, "e"},
    {"in another order", MIXED "--y\n" VERSION "--y\n" PLAIN "\n--y\n" OCTETS "C\n--y--\n", NULL,
        NULL, NULL, LAYER_NONE, FALSE, "e"},
};

#define DER_SIGNED "MIAGCSqGSIb3DQEHAqCA"
#define DER_ENVELOPED "MIAGCSqGSIb3DQEHA6CA"
#define DER_COMPRESSED "MIAGCyqGSIb3DQEJEAEJoIA="
#define CMS(type) "Content-Type: " type "\nContent-Transfer-Encoding: base64\n\n"

static const struct row cms_rows[] = {
    {"signed", CMS("application/pkcs7-mime; smime-type=signed-data") DER_SIGNED, NULL, NULL, NULL,
        LAYER_CMS_OPAQUE},
    {"encrypted", CMS("application/x-pkcs7-mime; smime-type=enveloped-data") DER_ENVELOPED, NULL,
        NULL, NULL, LAYER_CMS_ENCRYPTED},
    {"by its bytes", CMS("application/pkcs7-mime") DER_ENVELOPED, NULL, NULL, NULL,
        LAYER_CMS_ENCRYPTED},
    {"the bytes count", CMS("application/pkcs7-mime; smime-type=enveloped-data") DER_SIGNED, NULL,
        NULL, NULL, LAYER_CMS_OPAQUE},
    {"by its type", "Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nC", "C",
        NULL, NULL, LAYER_CMS_ENCRYPTED},
    {"compressed", CMS("application/pkcs7-mime; smime-type=compressed-data") DER_COMPRESSED, NULL,
        NULL, NULL, LAYER_NONE},
    {"certificates only", CMS("application/pkcs7-mime; smime-type=certs-only") DER_SIGNED, NULL,
        NULL, NULL, LAYER_NONE},
    {"neither says what it is", CMS("application/pkcs7-mime") "YWJj", NULL, NULL, NULL, LAYER_NONE},
    {"two types", CMS("application/pkcs7-mime\nContent-Type: text/plain") DER_SIGNED, NULL, NULL,
        TWO_TYPES TWO_WAYS, LAYER_NONE, FALSE, "s"},
    {"by its name and its bytes", CMS("application/octet-stream; name=smime.p7m") DER_ENVELOPED,
        NULL, NULL, NULL, LAYER_CMS_ENCRYPTED},
    {"by its name alone",
        CMS("application/octet-stream; name=smime.p7m; smime-type=enveloped-data") "YWJj", NULL,
        NULL, NULL, LAYER_NONE, FALSE, "e"},
    {"by its bytes alone", CMS("application/octet-stream; name=a.bin") DER_ENVELOPED, NULL, NULL,
        NULL, LAYER_NONE},
    {"by its name, below the root",
        MIXED "--y\n" PLAIN "a\n--y\n" CMS("application/octet-stream; name=smime.p7m") DER_SIGNED
        "\n--y--\n",
        NULL, NULL, NULL, LAYER_NONE, FALSE, "s"},
    {"below the root",
        MIXED "--y\n" PLAIN "a\n--y\n" CMS("application/pkcs7-mime") DER_ENVELOPED "\n--y--\n",
        NULL, NULL, NULL, LAYER_NONE, FALSE, "e"},
    {"signed, below the root",
        MIXED "--y\n" PLAIN "a\n--y\n" CMS("application/pkcs7-mime") DER_SIGNED "\n--y--\n", NULL,
        NULL, NULL, LAYER_NONE, FALSE, "s"},
};

#define CLEAR                                                                                      \
    "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\none\n- -----two\n"                        \
    "-----BEGIN PGP SIGNATURE-----\nVersion: 1\n\nYWJj\n=abcd\n-----END PGP SIGNATURE-----\n"
#define ARMOUR                                                                                     \
    "-----BEGIN PGP MESSAGE-----\nCharset: koi8-r\n\nYWJj\n=abcd\n-----END PGP MESSAGE-----\n"

static const struct row inline_rows[] = {
    {"signed", PLAIN CLEAR, CLEAR, NULL, NULL, LAYER_INLINE_SIGNED},
    {"encrypted", PLAIN ARMOUR, ARMOUR, NULL, NULL, LAYER_INLINE_ENCRYPTED},
    {"no type", "Subject: a\n\n" ARMOUR, ARMOUR, NULL, NULL, LAYER_INLINE_ENCRYPTED},
    {"blank lines around", PLAIN "\n \n" ARMOUR "\n\t\n\n", ARMOUR, NULL, NULL,
        LAYER_INLINE_ENCRYPTED},
    {"blanks behind its lines",
        PLAIN "-----BEGIN PGP MESSAGE----- \n \nYWJj \t\n-----END PGP MESSAGE-----  \n",
        "-----BEGIN PGP MESSAGE----- \n \nYWJj \t\n-----END PGP MESSAGE-----  \n", NULL, NULL,
        LAYER_INLINE_ENCRYPTED},
    {"quoted-printable",
        "Content-Transfer-Encoding: quoted-printable\n\n-----BEGIN PGP MESSAGE-----\n\nYWJj=\n"
        "YWJj\n=3Dabcd\n-----END PGP MESSAGE-----\n",
        "-----BEGIN PGP MESSAGE-----\n\nYWJjYWJj\n=abcd\n-----END PGP MESSAGE-----\n", NULL, NULL,
        LAYER_INLINE_ENCRYPTED},
    {"text before it", PLAIN "a\n" CLEAR, NULL, NULL, NULL, LAYER_NONE, FALSE, "s"},
    {"text behind it", PLAIN CLEAR "a\n", NULL, NULL, NULL, LAYER_NONE, FALSE, "s"},
    {"text around a ciphertext", PLAIN "a\n" ARMOUR "b\n", NULL, NULL, NULL, LAYER_NONE, FALSE,
        "e"},
    {"two blocks", PLAIN CLEAR CLEAR, NULL, NULL, NULL, LAYER_NONE, FALSE, "s"},
    {"both kinds", PLAIN CLEAR ARMOUR, NULL, NULL, NULL, LAYER_NONE, FALSE, "se"},
    {"a block in a block",
        PLAIN "-----BEGIN PGP SIGNED MESSAGE-----\n\n" ARMOUR "-----BEGIN PGP SIGNATURE-----\n\n"
              "YWJj\n-----END PGP SIGNATURE-----\n",
        NULL, NULL, NULL, LAYER_NONE, FALSE, "se"},
    {"quoted", PLAIN "> -----BEGIN PGP MESSAGE-----\n>\n> YWJj\n> -----END PGP MESSAGE-----\n",
        NULL, NULL, NULL, LAYER_NONE},
    {"indented", PLAIN " -----BEGIN PGP MESSAGE-----\n", NULL, NULL, NULL, LAYER_NONE},
    {"text where a Hash belongs",
        PLAIN "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\npay now\n\none\n"
              "-----BEGIN PGP SIGNATURE-----\n\nYWJj\n-----END PGP SIGNATURE-----\n",
        NULL, NULL, NULL, LAYER_NONE, FALSE, "s"},
    {"text in the signature",
        PLAIN "-----BEGIN PGP SIGNED MESSAGE-----\n\none\n-----BEGIN PGP SIGNATURE-----\n\nYWJj\n"
              "pay now!\n-----END PGP SIGNATURE-----\n",
        NULL, NULL, NULL, LAYER_NONE, FALSE, "s"},
    {"it does not end", PLAIN "-----BEGIN PGP MESSAGE-----\n\nYWJj\n", NULL, NULL, NULL, LAYER_NONE,
        FALSE, "e"},
    {"a part of several mails",
        PLAIN
        "-----BEGIN PGP MESSAGE, PART 1/2-----\n\nYWJj\n-----END PGP MESSAGE, PART 1/2-----\n",
        NULL, NULL, NULL, LAYER_NONE, FALSE, "e"},
    {"a key", PLAIN "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nYWJj\n", NULL, NULL, NULL, LAYER_NONE},
    {"in HTML", "Content-Type: text/html\n\n<pre>" CLEAR "</pre>", NULL, NULL, NULL, LAYER_NONE,
        FALSE, "s"},
    {"beside an attachment", MIXED "--y\n" PLAIN CLEAR "--y\nContent-Type: image/png\n\na\n--y--\n",
        NULL, NULL, NULL, LAYER_NONE, FALSE, "s"},
    {"alone in a multipart", MIXED "--y\n" PLAIN ARMOUR "--y--\n", NULL, NULL, NULL, LAYER_NONE,
        FALSE, "e"},
    {"two types", "Content-Type: text/plain\nContent-Type: text/html\n\n" CLEAR, NULL, NULL,
        TWO_TYPES TWO_WAYS, LAYER_NONE, FALSE, "s"},
    {"no crypto", PLAIN "one\n", NULL, NULL, NULL, LAYER_NONE},
};

static struct facts *read_string(const char *mail, gboolean inner)
{
    return read_facts((const guint8 *)mail, strlen(mail), inner);
}

static void assert_bytes(GBytes *bytes, const char *wanted)
{
    g_autofree char *text = NULL;
    gsize size;
    const char *data;

    if (!wanted) {
        g_assert_null(bytes);
        return;
    }
    g_assert_nonnull(bytes);
    data = g_bytes_get_data(bytes, &size);
    text = g_strndup(data, size);
    g_assert_cmpstr(text, ==, wanted);
    g_assert_cmpuint(size, ==, strlen(wanted));
}

static void test_row(gconstpointer data)
{
    const struct row *row = data;
    g_autoptr(mado_facts) facts = read_string(row->mail, FALSE);
    const struct layer *layer = facts->layer;
    g_autofree char *problems = g_strjoinv(", ", facts->message->problems);
    g_autofree char *below =
        g_strconcat(layer->has_signed_part ? "s" : "", layer->has_encrypted_part ? "e" : "", NULL);

    g_assert_cmpint(layer->kind, ==, row->kind);
    g_assert_cmpint(layer->whole, ==, row->kind && !row->part);
    g_assert_cmpstr(below, ==, row->below ?: "");
    g_assert_cmpint(layer->payload != NULL, ==, row->kind != LAYER_NONE);
    if (row->payload)
        assert_bytes(layer->payload, row->payload);
    assert_bytes(layer->signature, row->signature);
    if (row->problems || !row->below)
        g_assert_cmpstr(problems, ==, row->problems ?: "");
}

/* What goes before the text that comes out of an inline block. */
static const struct {
    const char *mail, *charset;
} charset_rows[] = {
    {PLAIN ARMOUR, "koi8-r"},
    {"Content-Type: text/plain; charset=\"ISO-2022-JP\"\n\n" ARMOUR, "ISO-2022-JP"},
    {"Content-Type: text/plain; charset=shift_jis\n\n" CLEAR, "shift_jis"},
    {"Content-Type: text/plain; charset=windows-1252\n\n" CLEAR, "windows-1252"},
    {"Content-Type: text/plain; charset=utf-7\n\n" CLEAR, "utf-8"},
    {PLAIN "-----BEGIN PGP MESSAGE-----\nCharset: utf-7\n\nYWJj\n-----END PGP MESSAGE-----\n",
        "utf-8"},
    {"Content-Type: text/plain; charset=\"a;hp=clear\"\n\n" ARMOUR, "utf-8"},
    {"Content-Type: text/plain; charset=\"a b\"\n\n" ARMOUR, "utf-8"},
    {PLAIN "-----BEGIN PGP MESSAGE-----\nCharset: a;hp=clear\n\nYWJj\n-----END PGP MESSAGE-----\n",
        "utf-8"},
    {PLAIN "-----BEGIN PGP SIGNED MESSAGE-----\n\none\n-----BEGIN PGP SIGNATURE-----\n"
           "Charset: utf-7\n\nYWJj\n-----END PGP SIGNATURE-----\n",
        "utf-8"},
};

static void test_charsets(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(charset_rows); i++) {
        g_autoptr(mado_facts) facts = read_string(charset_rows[i].mail, FALSE);
        g_autofree char *wanted = g_strdup_printf("Content-Type: text/plain; charset=%s\r\n"
                                                  "Content-Transfer-Encoding: 8bit\r\n\r\n",
            charset_rows[i].charset);
        g_assert_cmpstr(facts->layer->header, ==, wanted);
    }
}

/* A signature over 1 MB is none of ours. */
static void test_a_huge_signature(void)
{
    g_autoptr(GString) mail = g_string_new(PGP_ROOT "--x\n" TEXT "--x\n" SIGNATURE);
    g_autoptr(mado_facts) facts = NULL;

    while (mail->len <= LIMIT_SIGNATURE_BYTES + 1000)
        g_string_append(mail, "SSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSS\n");
    facts = read_facts((const guint8 *)mail->str, mail->len, FALSE);
    g_assert_cmpint(facts->layer->kind, ==, LAYER_NONE);
    g_assert_true(facts->layer->has_signed_part);
    g_assert_cmpstr(facts->message->problems[0], ==, "signature > 1 MB: it counts as none");
}

/* What comes out is read as a document of its own, and has the same limits. */
static void test_a_layer_in_a_layer(void)
{
    g_autoptr(mado_facts) outer =
        read_string(PGP_ROOT "--x\nContent-Type: multipart/encrypted; boundary=z\n\n--z\n" VERSION
                             "--z\n" OCTETS "C\n--z--\n--x\n" SIGNATURE "--x--\n",
            FALSE);
    gsize size;
    const guint8 *bytes = g_bytes_get_data(outer->layer->payload, &size);
    g_autoptr(mado_facts) inner = read_facts(bytes, size, TRUE);

    g_assert_cmpint(outer->layer->kind, ==, LAYER_PGP_SIGNED);
    g_assert_cmpint(inner->layer->kind, ==, LAYER_PGP_ENCRYPTED);
    assert_bytes(inner->layer->payload, "C");
}

static void add_rows(const char *group, const struct row *rows, gsize count)
{
    for (gsize i = 0; i < count; i++) {
        g_autofree char *path = g_strdup_printf("/layers/%s/%s", group, rows[i].name);
        g_test_add_data_func(path, &rows[i], test_row);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    read_warm(FALSE);
    add_rows("signed", signed_rows, G_N_ELEMENTS(signed_rows));
    add_rows("partial", partial_rows, G_N_ELEMENTS(partial_rows));
    add_rows("doubtful", doubtful_rows, G_N_ELEMENTS(doubtful_rows));
    add_rows("sealed", sealed_rows, G_N_ELEMENTS(sealed_rows));
    add_rows("mangled", mangled_rows, G_N_ELEMENTS(mangled_rows));
    add_rows("cms", cms_rows, G_N_ELEMENTS(cms_rows));
    add_rows("inline", inline_rows, G_N_ELEMENTS(inline_rows));
    g_test_add_func("/layers/inline/charsets", test_charsets);
    g_test_add_func("/layers/signed/a huge signature", test_a_huge_signature);
    g_test_add_func("/layers/signed/a layer in a layer", test_a_layer_in_a_layer);
    return g_test_run();
}
