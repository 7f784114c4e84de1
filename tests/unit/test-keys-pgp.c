/* OpenPGP layers, opened: what is good, and what only looks so. */
#include "keys-house.h"
#include <mado/limits.h>

#define PEER "Peer <peer@peer.example>"
#define TRUST "gpg -q --batch --trust-model always "

#define MAKE_PEER                                                                                  \
    "gen() { gpg -q --batch --passphrase '' \"$@\"; }\n"                                           \
    "gen --quick-gen-key '" PEER "' ed25519 cert,sign 1y\n"                                        \
    "F=$(gpg --with-colons -k '=" PEER "' | awk -F: '/^fpr/{print $10;exit}')\n"                   \
    "gen --quick-add-key $F cv25519 encr\n"

static const char make_peer[] = MAKE_PEER;

static void build(struct house *house)
{
    house_build_furnished(house, make_peer);
}

static void test_sealed_and_signed(void)
{
    struct house house;
    g_autoptr(mado_opened) opened = NULL;
    g_autofree char *peer = NULL;
    struct signature *signature;

    build(&house);
    peer = house_meet(&house, PEER);
    g_free(house_run(&house, TRUST "-u '=" PEER "' -r '=" US "' -s -e -o sealed text"));
    opened = house_open(&house, LAYER_PGP_ENCRYPTED, "sealed", NULL);
    g_assert_cmpstr(opened->why, ==, "");
    g_assert_cmpint(opened->state, ==, OPENED_DONE);
    g_assert_true(opened->encrypted && opened->integrity);
    g_assert_cmpstr(opened->to[0], ==, house.us);
    g_assert_null(opened->to[1]);
    g_assert_cmpuint(strlen(opened->key_ids[0]), ==, 16);
    g_assert_cmpmem(
        g_bytes_get_data(opened->content, NULL), g_bytes_get_size(opened->content), "Hello\r\n", 7);
    g_assert_cmpuint(opened->signatures->len, ==, 1);
    signature = opened->signatures->pdata[0];
    g_assert_cmpint(signature->state, ==, SIGNATURE_GOOD);
    g_assert_cmpstr(signature->fingerprint, ==, peer);
    house_leave(&house);
}

/* -- what it takes for a layer to open -- */

struct row {
    const char *name;
    enum layer_kind kind;
    const char *script; /* makes "mail", and "sig" if it is detached */
    enum opened_state state;
    const char *why;        /* a part of it */
    const char *signatures; /* their states */
    const char *content;    /* NULL: none; ANY: some */
};

#define ANY "*"

#define SEAL TRUST "-r '=" US "' "
#define SIGN "gpg -q --batch -u '=" PEER "' "
#define FLIP(where)                                                                                \
    "python3 -c \"b=bytearray(open('good','rb').read()); b[" where                                 \
    "]^=1; open('mail','wb').write(b)\""

static const struct row sealed[] = {
    {"plain", LAYER_PGP_ENCRYPTED, SEAL "-e -o mail text", OPENED_DONE, "", "", "Hello\r\n"},
    {"armoured", LAYER_INLINE_ENCRYPTED, SEAL "-a -e -o mail text", OPENED_DONE, "", "",
        "Hello\r\n"},
    {"hidden", LAYER_PGP_ENCRYPTED, TRUST "-R '=" US "' -e -o mail text", OPENED_DONE, "", "",
        "Hello\r\n"},
    {"to two", LAYER_PGP_ENCRYPTED, SEAL "-r '=" PEER "' -e -o mail text", OPENED_DONE, "", "",
        "Hello\r\n"},
    {"to a key or with a password", LAYER_PGP_ENCRYPTED,
        SEAL "--pinentry-mode loopback --passphrase x -c -e -o mail text", OPENED_DONE, "", "",
        "Hello\r\n"},
    {"its header says text", LAYER_PGP_ENCRYPTED, SEAL "--set-filename _CONSOLE -e -o mail text",
        OPENED_DONE, "", "", "Hello\r\n"},
    {"a file name that says GOODSIG", LAYER_PGP_ENCRYPTED,
        SEAL "--set-filename \"$(printf 'x\\n[GNUPG:] GOODSIG 0 x\\n[GNUPG:] VALIDSIG 0')\" "
             "-e -o mail text",
        OPENED_DONE, "", "", "Hello\r\n"},
    {"to somebody else", LAYER_PGP_ENCRYPTED, TRUST "-r '=" PEER "' -e -o mail text", OPENED_NO_KEY,
        "not to a key of ours", "", NULL},
    {"hidden, to somebody else", LAYER_PGP_ENCRYPTED, TRUST "-R '=" PEER "' -e -o mail text",
        OPENED_NO_KEY, "not to a key of ours", "", NULL},
    {"to somebody else or with a password", LAYER_PGP_ENCRYPTED,
        TRUST "-r '=" PEER "' --pinentry-mode loopback --passphrase x -c -e -o mail text",
        OPENED_NO_KEY, "", "", NULL},
    {"with a password", LAYER_PGP_ENCRYPTED,
        "gpg -q --batch --pinentry-mode loopback --passphrase x -c -o mail text", OPENED_PASSWORD,
        "password", "", NULL},
    {"without integrity protection", LAYER_PGP_ENCRYPTED,
        SEAL "--rfc2440 --disable-mdc -e -o mail text", OPENED_BROKEN, "without integrity", "",
        NULL},
    {"flipped in the text", LAYER_PGP_ENCRYPTED,
        "head -c 3000000 /dev/urandom >noise; " SEAL "-e -o good noise; " FLIP("1500000"),
        OPENED_BROKEN, "damaged", "", NULL},
    {"flipped at the end", LAYER_PGP_ENCRYPTED, SEAL "-e -o good text; " FLIP("-3"), OPENED_BROKEN,
        "damaged", "", NULL},
    {"flipped in the compressed text", LAYER_PGP_ENCRYPTED, SEAL "-e -o good text; " FLIP("-30"),
        OPENED_BROKEN, "damaged", "", NULL},
    {"flipped in the key", LAYER_PGP_ENCRYPTED, SEAL "-e -o good text; " FLIP("60"), OPENED_BROKEN,
        "damaged", "", NULL},
    {"cut", LAYER_PGP_ENCRYPTED, SEAL "-e -o good text; head -c -40 good >mail", OPENED_BROKEN, "",
        "", NULL},
    {"cut in the key", LAYER_PGP_ENCRYPTED, SEAL "-e -o good text; head -c 40 good >mail",
        OPENED_UNKNOWN, "", "", NULL},
    {"empty", LAYER_PGP_ENCRYPTED, ": >mail", OPENED_BROKEN, "it is not", "", NULL},
    {"text", LAYER_PGP_ENCRYPTED, "cp text mail", OPENED_BROKEN, "it is not", "", NULL},
    {"not encrypted", LAYER_PGP_ENCRYPTED, "gpg -q --store -o mail text", OPENED_BROKEN,
        "it is not", "", NULL},
    {"not compressed either", LAYER_PGP_ENCRYPTED, "gpg -q --store -z 0 -o mail text",
        OPENED_BROKEN, "it is not", "", NULL},
    {"not encrypted, with a header of the new format", LAYER_PGP_ENCRYPTED,
        "printf '\\313\\014b\\000\\000\\000\\000\\000Hello\\n' >mail", OPENED_BROKEN, "it is not",
        "", NULL},
    {"not encrypted, with a strange packet behind it", LAYER_PGP_ENCRYPTED,
        "printf '\\313\\014b\\000\\000\\000\\000\\000Hello\\n\\322\\040\\002\\011\\002\\020%028d' "
        "0 >mail",
        OPENED_BROKEN, "it is not", "", NULL},
    {"not encrypted, not compressed, armoured", LAYER_INLINE_ENCRYPTED,
        "gpg -q -a --store -z 0 -o mail text", OPENED_BROKEN, "it is not", "", NULL},
    {"only signed", LAYER_PGP_ENCRYPTED, SIGN "-s -o mail text", OPENED_BROKEN, "it is not", "",
        NULL},
    {"signed in clear", LAYER_INLINE_ENCRYPTED, SIGN "--clearsign -o mail text", OPENED_BROKEN,
        "it is not", "", NULL},
    {"a key", LAYER_INLINE_ENCRYPTED, "gpg --export -a >mail", OPENED_BROKEN, "it is not", "",
        NULL},
    {"a text before it", LAYER_PGP_ENCRYPTED,
        "gpg -q --store -o l text; " SEAL "-e -o e text; cat l e >mail", OPENED_BROKEN, "", "",
        NULL},
    {"a text after it", LAYER_PGP_ENCRYPTED,
        "gpg -q --store -o l text; " SEAL "-e -o e text; cat e l >mail", OPENED_BROKEN, "", "",
        NULL},
    {"two", LAYER_PGP_ENCRYPTED, SEAL "-e -o e text; cat e e >mail", OPENED_BROKEN, "", "", NULL},
    {"one in the other, as packets", LAYER_PGP_ENCRYPTED,
        SEAL "-e -o e text; " SEAL "--no-literal -z 0 -e -o mail e", OPENED_BROKEN, "more than one",
        "", NULL},
    {"two, armoured", LAYER_PGP_ENCRYPTED, SEAL "-a -e -o e text; cat e e >mail", OPENED_BROKEN, "",
        "", NULL},
    {"armoured, text after it", LAYER_INLINE_ENCRYPTED, SEAL "-a -e -o e text; cat e text >mail",
        OPENED_BROKEN, "not one", "", NULL},
    {"two texts in one", LAYER_PGP_ENCRYPTED,
        "gpg -q --store -z 0 -o l text; cat l l >ll; " SEAL "--no-literal -z 0 -e -o mail ll",
        OPENED_BROKEN, "", "", NULL},
    {"signed outside of it, as packets", LAYER_PGP_ENCRYPTED,
        SEAL "-e -o e text; " SIGN "--no-literal -z 0 -s -o mail e", OPENED_BROKEN, "", "", NULL},
    {"of version 6", LAYER_PGP_ENCRYPTED,
        "printf '\\301\\040\\006\\025\\004%029d\\322\\040\\002\\011\\002\\020%028d' 0 0 >mail",
        OPENED_UNKNOWN, "version", "", NULL},
    {"a bomb", LAYER_PGP_ENCRYPTED,
        "head -c 104857601 /dev/zero | " SEAL "--compress-algo zlib -e -o mail", OPENED_TOO_LARGE,
        "more than we take", "", NULL},
    {"signed by a stranger", LAYER_PGP_ENCRYPTED,
        SEAL "-u '=Stranger <stranger@far.example>' -s -e -o mail text", OPENED_DONE, "",
        "unknown-key", "Hello\r\n"},
    {"signed by two", LAYER_PGP_ENCRYPTED,
        SEAL "-u '=Stranger <stranger@far.example>' -u '=" PEER "' -s -e -o mail text", OPENED_DONE,
        "", "unknown-key good", "Hello\r\n"},
};

#define FAKED(time) "gpg -q --batch --faked-system-time " time " "

static const struct row signed_by[] = {
    {"good", LAYER_PGP_SIGNED, "cp text mail; " SIGN "-b -o sig mail", OPENED_DONE, "", "good",
        NULL},
    {"armoured", LAYER_PGP_SIGNED, "cp text mail; " SIGN "-a -b -o sig mail", OPENED_DONE, "",
        "good", NULL},
    {"bad", LAYER_PGP_SIGNED, SIGN "-b -o sig text; echo x >mail", OPENED_DONE, "", "bad", NULL},
    {"good and bad", LAYER_PGP_SIGNED,
        "echo x >mail; " SIGN "-b -o s1 text; " SIGN "-b -o s2 mail; cat s1 s2 >sig", OPENED_DONE,
        "", "bad", NULL},
    {"weak", LAYER_PGP_SIGNED,
        "cp text mail; " SIGN "-u '=Rsa <rsa@peer.example>' --digest-algo SHA1 -b -o sig mail",
        OPENED_DONE, "", "weak weak", NULL},
    {"RIPEMD", LAYER_PGP_SIGNED,
        "cp text mail; gpg -q --batch -u '=Rsa <rsa@peer.example>' --digest-algo RIPEMD160 -b -o "
        "sig mail",
        OPENED_DONE, "", "weak", NULL},
    {"MD5", LAYER_PGP_SIGNED,
        "cp text mail; gpg -q --batch -u '=Rsa <rsa@peer.example>' --allow-weak-digest-algos "
        "--digest-algo MD5 -b -o sig mail",
        OPENED_DONE, "", "weak", NULL},
    {"of an unknown key", LAYER_PGP_SIGNED,
        "cp text mail; gpg -q --batch -u '=Stranger <stranger@far.example>' -b -o sig mail",
        OPENED_DONE, "", "unknown-key", NULL},
    {"from the future", LAYER_PGP_SIGNED,
        "cp text mail; gpg -q --batch --faked-system-time $(date -u -d '+1 hour' +%Y%m%dT%H%M%S) "
        "-u '=" PEER "' -b -o sig mail",
        OPENED_DONE, "", "future", NULL},
    {"expired", LAYER_PGP_SIGNED,
        "cp text mail; " FAKED("20200601T000000") "--default-sig-expire 1d -u '=Long "
                                                  "<long@peer.example>' -b -o sig mail",
        OPENED_DONE, "", "expired", NULL},
    {"of an expired key", LAYER_PGP_SIGNED,
        "cp text mail; " FAKED("20200601T000000") "-u '=Old <old@peer.example>' -b -o sig mail",
        OPENED_DONE, "", "expired-key", NULL},
    {"of a revoked key", LAYER_PGP_SIGNED, "cp text mail; cp gone.sig sig", OPENED_DONE, "",
        "revoked-key", NULL},
    {"good, then bad", LAYER_PGP_SIGNED,
        "echo x >mail; " SIGN "-b -o s1 text; " SIGN "-b -o s2 mail; cat s2 s1 >sig", OPENED_DONE,
        "", "good bad", NULL},
    {"empty", LAYER_PGP_SIGNED, "cp text mail; : >sig", OPENED_BROKEN, "no signature", "", NULL},
    {"rubbish", LAYER_PGP_SIGNED, "cp text mail; cp text sig", OPENED_DONE, "is none", "", NULL},
    {"a signature with a text of its own", LAYER_PGP_SIGNED, "echo x >mail; " SIGN "-s -o sig text",
        OPENED_DONE, "is none", "", NULL},
    {"a signature that is a clear text", LAYER_PGP_SIGNED,
        "echo x >mail; " SIGN "--clearsign -o sig text", OPENED_DONE, "is none", "", NULL},
    {"encrypted as the signature", LAYER_PGP_SIGNED, "cp text mail; " SEAL "-s -e -o sig text",
        OPENED_DONE, "is none", "", NULL},
    {"21 signatures", LAYER_PGP_SIGNED,
        "cp text mail; " SIGN "-b -o s mail; for i in $(seq 21); do cat s; done >sig",
        OPENED_BROKEN, "more signatures", "", NULL},
    {"20 signatures", LAYER_PGP_SIGNED,
        "cp text mail; " SIGN "-b -o s mail; for i in $(seq 20); do cat s; done >sig", OPENED_DONE,
        "",
        "good good good good good good good good good good good good good good good good good "
        "good good good",
        NULL},
    {"in line", LAYER_INLINE_SIGNED, "printf -- '- a\\n-b\\n' >t; " SIGN "--clearsign -o mail t",
        OPENED_DONE, "", "good", "- a\n-b\n"},
    {"in line, changed", LAYER_INLINE_SIGNED,
        SIGN "--clearsign -o good text; sed s/Hello/Help/ good >mail", OPENED_DONE, "", "bad",
        "Help\r\n"},
    {"in line, unknown", LAYER_INLINE_SIGNED,
        "gpg -q --batch -u '=Stranger <stranger@far.example>' --clearsign -o mail text",
        OPENED_DONE, "", "unknown-key", "Hello\r\n"},
    {"in line, two", LAYER_INLINE_SIGNED, SIGN "--clearsign -o one text; cat one one >mail",
        OPENED_BROKEN, "not one", "", NULL},
    {"in line, text before", LAYER_INLINE_SIGNED,
        SIGN "--clearsign -o one text; cat text one >mail", OPENED_BROKEN, "not one", "", NULL},
    {"in line, text after", LAYER_INLINE_SIGNED, SIGN "--clearsign -o one text; cat one text >mail",
        OPENED_BROKEN, "not one", "", NULL},
    {"in line, blanks around", LAYER_INLINE_SIGNED,
        SIGN "--clearsign -o one text; (echo; cat one; echo) >mail", OPENED_DONE, "", "good",
        "Hello\r\n"},
    {"in line, a block in the text", LAYER_INLINE_SIGNED,
        SIGN "--clearsign -o t text; " SIGN "--clearsign -o mail t", OPENED_DONE, "", "good", ANY},
    {"in line, without a signature", LAYER_INLINE_SIGNED, "gpg -q --store -a -o mail text",
        OPENED_BROKEN, "not one", "", NULL},
    {"in line, encrypted", LAYER_INLINE_SIGNED, SEAL "-s -a -e -o mail text", OPENED_BROKEN,
        "not one", "", NULL},
    {"in line, nothing", LAYER_INLINE_SIGNED, "cp text mail", OPENED_BROKEN, "", "", NULL},
};

static char *name_signatures(const struct opened *opened)
{
    g_autoptr(GStrvBuilder) names = g_strv_builder_new();
    g_auto(GStrv) all = NULL;

    for (guint i = 0; i < opened->signatures->len; i++)
        g_strv_builder_add(
            names, signature_state_name(((struct signature *)opened->signatures->pdata[i])->state));
    all = g_strv_builder_end(names);
    return g_strjoinv(" ", all);
}

static void check_opened(const struct row *row, const struct opened *opened)
{
    g_autofree char *signatures = name_signatures(opened);
    gsize length = row->content ? strlen(row->content) : 0;

    if (opened->state != row->state || !strstr(opened->why, row->why) ||
        strcmp(signatures, row->signatures) != 0)
        house_fail("%s: %s, \"%s\", signatures \"%s\"", row->name, opened_state_name(opened->state),
            opened->why, signatures);
    if (g_strcmp0(row->content, ANY) != 0 &&
        (g_bytes_get_size(opened->content) != length ||
            (length > 0 &&
                memcmp(g_bytes_get_data(opened->content, NULL), row->content, length) != 0)))
        house_fail("%s: %zu bytes came out", row->name, g_bytes_get_size(opened->content));
    if (opened->encrypted != (layer_is_encrypted(row->kind) && row->state == OPENED_DONE) ||
        opened->integrity != opened->encrypted)
        house_fail("%s: it says that it is encrypted, or not", row->name);
}

static void check_row(struct house *house, const struct row *row)
{
    g_autoptr(mado_opened) opened = NULL;
    g_autofree char *script =
        g_strconcat("rm -f mail sig e good s1 s2 s l ll one t\n", row->script, NULL);

    g_test_message("%s", row->name);
    g_free(house_run(house, script));
    opened = house_open(house, row->kind, "mail", row->kind == LAYER_PGP_SIGNED ? "sig" : NULL);
    if (opened)
        check_opened(row, opened);
    else
        house_fail("%s", row->name);
}

static const char make_more[] = MAKE_PEER
    "gen --quick-gen-key 'Stranger <stranger@far.example>' ed25519 cert,sign 1y\n"
    "gen --quick-gen-key 'Rsa <rsa@peer.example>' rsa2048 cert,sign 1y\n"
    "gen --faked-system-time 20200101T000000 --quick-gen-key 'Old <old@peer.example>' "
    "ed25519 cert,sign 1y\n"
    "gen --faked-system-time 20200101T000000 --quick-gen-key 'Long <long@peer.example>' "
    "ed25519 cert,sign 0\n"
    "gen --quick-gen-key 'Gone <gone@peer.example>' ed25519 cert,sign 1y\n"
    "gpg -q --batch -u '=Gone <gone@peer.example>' -b -o gone.sig text\n"
    "F=$(gpg --with-colons -k '=Gone <gone@peer.example>' | awk -F: '/^fpr/{print $10;exit}')\n"
    "sed 's/^:-----/-----/' $P/openpgp-revocs.d/$F.rev | gpg -q --batch --import\n";

static void build_more(struct house *house)
{
    static const char *const met[] = {PEER, "Rsa <rsa@peer.example>", "Old <old@peer.example>",
        "Long <long@peer.example>", "Gone <gone@peer.example>"};

    house_build_furnished(house, make_more);
    for (gsize i = 0; i < G_N_ELEMENTS(met); i++)
        g_free(house_meet(house, met[i]));
}

static void test_what_opens(void)
{
    struct house house;

    build_more(&house);
    for (gsize i = 0; i < G_N_ELEMENTS(sealed); i++)
        check_row(&house, &sealed[i]);
    house_leave(&house);
}

static void test_what_is_signed(void)
{
    struct house house;

    build_more(&house);
    for (gsize i = 0; i < G_N_ELEMENTS(signed_by); i++)
        check_row(&house, &signed_by[i]);
    house_leave(&house);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/keys-pgp/sealed-and-signed", test_sealed_and_signed);
    g_test_add_func("/keys-pgp/what-opens", test_what_opens);
    g_test_add_func("/keys-pgp/what-is-signed", test_what_is_signed);
    return g_test_run();
}
