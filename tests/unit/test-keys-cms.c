/* S/MIME layers, opened, and letters sealed to certificates; by gpgsm, against openssl. */
#include "keys-house.h"
#include <mado/limits.h>

/* $1 name, $2 address, $3 days from now at which it ends */
static const char make_certificates[] =
    "exec 2>/dev/null\n"
    "openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 3000 "
    "-subj '/CN=Test CA' -addext keyUsage=critical,keyCertSign\n"
    "mk() {\n"
    "  openssl req -newkey rsa:2048 -nodes -keyout $1.key -out $1.csr -subj "
    "/CN=$1/emailAddress=$2\n"
    "  printf \"subjectAltName=email:$2\\nkeyUsage=digitalSignature,keyEncipherment\\n\" >ext\n"
    "  openssl x509 -req -in $1.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out $1.pem "
    "-days $3 -extfile ext\n"
    "  cat $1.pem ca.pem >$1.all\n"
    "}\n"
    "bundle() { openssl pkcs12 -export -certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES -macalg sha1 "
    "-in us.pem -inkey us.key -certfile ca.pem -passout pass:$1 -out us.p12; }\n"
    "good() { mkdir -m 700 try; echo | gpgsm --homedir $PWD/try --batch --pinentry-mode loopback "
    "--passphrase-fd 0 --import us.p12; r=$?; gpgconf --homedir $PWD/try --kill all; rm -rf try; "
    "return $r; }\n"
    "mk us us@ours.example 300; for t in 1 2 3 4 5 6 7 8 9; do bundle '' && good && break; done\n"
    "mk peer peer@peer.example 300\n"
    "mk stranger stranger@far.example 300\n"
    "openssl req -x509 -newkey rsa:2048 -nodes -keyout self.key -out self.pem -days 300 "
    "-subj /CN=self\n"
    "printf 'Content-Type: text/plain\\r\\n\\r\\nHello\\r\\n' >text\n";

#define FINGERPRINT(name)                                                                          \
    "openssl x509 -in " name ".pem -noout -fingerprint -sha1 | sed 's/.*=//; s/://g'"

static char *fingerprint_of(const struct house *house, const char *name)
{
    g_autofree char *script = g_strdup_printf(FINGERPRINT("%s"), name);

    return house_run(house, script);
}

static void meet(struct house *house, const char *name, const char *file, gboolean secret)
{
    g_autofree char *fingerprint = fingerprint_of(house, name);
    g_autoptr(GPtrArray) infos = house_import(house, file, fingerprint, secret);

    g_assert_cmpuint(infos->len, ==, 1);
    g_assert_cmpstr(((struct key_info *)infos->pdata[0])->fingerprint, ==, fingerprint);
    g_assert_true(((struct key_info *)infos->pdata[0])->cms);
    g_assert_cmpint(((struct key_info *)infos->pdata[0])->secret, ==, secret);
}

static void build(struct house *house)
{
    house_build_with(house, NULL);
    house_furnish(house, make_certificates);
    meet(house, "us", "us.p12", TRUE);
    meet(house, "peer", "peer.all", FALSE);
    meet(house, "self", "self.pem", FALSE);
    house->us = fingerprint_of(house, "us");
}

/* gpgsm misreads some by their salt, and says no more of them than of one that is cut: who brings
 * one is told what to do. */
static void test_a_bundle_that_is_not_read(void)
{
    struct house house;
    g_autoptr(GBytes) file = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) result = NULL;

    house_build_with(&house, NULL);
    house_furnish(&house, make_certificates);
    g_free(house_run(&house, "head -c 1500 us.p12 >cut.p12"));
    file = house_file(&house, "cut.p12");
    result = house_try(&house, KEYS_LOOK, house_bytes(file), &error);
    g_assert_null(result);
    g_assert_error(error, MADO_ERROR, MADO_E_KEYS_REFUSED);
    g_assert_nonnull(strstr(error->message, "export it again"));
    house_leave(&house);
}

static char *certificates(const struct house *house)
{
    return house_run(house, "gpgsm --homedir $O -k --with-colons | grep -c ^fpr");
}

/* -- what opens -- */

struct row {
    const char *name;
    enum layer_kind kind;
    const char *script; /* makes "mail", and "sig" if it is detached */
    enum opened_state state;
    const char *why, *signatures;
    const char *by;       /* whose certificate the first signature names */
    gboolean has_content; /* the text */
};

#define SIGN(who) "openssl cms -sign -binary -outform DER -signer " who ".pem -inkey " who ".key "
#define SEAL "openssl cms -encrypt -binary -outform DER -aes256 -in text "
#define FLIP(where)                                                                                \
    "python3 -c \"b=bytearray(open('good','rb').read()); b[" where                                 \
    "]^=1; open('mail','wb').write(b)\""

static const struct row rows[] = {
    {"signed", LAYER_CMS_SIGNED, "cp text mail; " SIGN("peer") "-in mail -out sig", OPENED_DONE, "",
        "good", "peer", FALSE},
    {"changed", LAYER_CMS_SIGNED, "echo x >mail; " SIGN("peer") "-in text -out sig", OPENED_DONE,
        "", "bad", "peer", FALSE},
    {"without its certificate", LAYER_CMS_SIGNED,
        "cp text mail; " SIGN("peer") "-nocerts -in mail -out sig", OPENED_DONE, "", "good", "peer",
        FALSE},
    {"of nobody's root", LAYER_CMS_SIGNED, "cp text mail; " SIGN("self") "-in mail -out sig",
        OPENED_DONE, "", "good", "self", FALSE},
    {"unknown, of a root that we know", LAYER_CMS_SIGNED,
        "cp text mail; " SIGN("stranger") "-in mail -out sig", OPENED_DONE, "", "unknown-key",
        "stranger", FALSE},
    {"unknown, without its certificate", LAYER_CMS_SIGNED,
        "cp text mail; " SIGN("stranger") "-nocerts -in mail -out sig", OPENED_DONE, "",
        "unknown-key", NULL, FALSE},
    {"weak", LAYER_CMS_SIGNED, "cp text mail; " SIGN("peer") "-md sha1 -in mail -out sig",
        OPENED_DONE, "", "weak", "peer", FALSE},
    {"two", LAYER_CMS_SIGNED,
        "cp text mail; " SIGN("peer") "-signer stranger.pem -inkey stranger.key -in mail -out sig",
        OPENED_DONE, "", "good unknown-key", "peer", FALSE},
    {"a content in its signature", LAYER_CMS_SIGNED,
        "echo x >mail; " SIGN("peer") "-nodetach -in text -out sig", OPENED_BROKEN,
        "content of its own", "", NULL, FALSE},
    {"the same content in its signature", LAYER_CMS_SIGNED,
        "cp text mail; " SIGN("peer") "-nodetach -in text -out sig", OPENED_BROKEN,
        "content of its own", "", NULL, FALSE},
    {"rubbish", LAYER_CMS_SIGNED, "cp text mail; cp text sig", OPENED_DONE, "is none", "", NULL,
        FALSE},
    {"certificates only", LAYER_CMS_SIGNED,
        "cp text mail; openssl crl2pkcs7 -nocrl -certfile peer.pem -outform DER -out sig",
        OPENED_DONE, "is none", "", NULL, FALSE},
    {"opaque", LAYER_CMS_OPAQUE, SIGN("peer") "-nodetach -in text -out mail", OPENED_DONE, "",
        "good", "peer", TRUE},
    {"opaque, unknown", LAYER_CMS_OPAQUE, SIGN("stranger") "-nodetach -in text -out mail",
        OPENED_DONE, "", "unknown-key", "stranger", TRUE},
    {"opaque, changed", LAYER_CMS_OPAQUE,
        SIGN("peer") "-nodetach -in text -out good; sed s/Hello/Help!/ good >mail", OPENED_DONE, "",
        "bad", "peer", FALSE},
    {"opaque, detached", LAYER_CMS_OPAQUE, SIGN("peer") "-in text -out mail", OPENED_BROKEN, "", "",
        NULL, FALSE},
    {"opaque, certificates only", LAYER_CMS_OPAQUE,
        "openssl crl2pkcs7 -nocrl -certfile peer.pem -outform DER -out mail", OPENED_BROKEN,
        "nothing in it", "", NULL, FALSE},
    {"opaque, rubbish", LAYER_CMS_OPAQUE, "cp text mail", OPENED_BROKEN, "", "", NULL, FALSE},
    {"opaque, encrypted", LAYER_CMS_OPAQUE, SEAL "-out mail us.pem", OPENED_BROKEN, "", "", NULL,
        FALSE},
    {"sealed", LAYER_CMS_ENCRYPTED, SEAL "-out mail us.pem", OPENED_DONE, "", "", NULL, TRUE},
    {"sealed to two", LAYER_CMS_ENCRYPTED, SEAL "-out mail stranger.pem us.pem", OPENED_DONE, "",
        "", NULL, TRUE},
    {"sealed to a peer", LAYER_CMS_ENCRYPTED, SEAL "-out mail peer.pem", OPENED_NO_KEY,
        "not to a certificate of ours", "", NULL, FALSE},
    {"sealed to a stranger", LAYER_CMS_ENCRYPTED, SEAL "-out mail stranger.pem", OPENED_NO_KEY,
        "not to a certificate of ours", "", NULL, FALSE},
    {"cut", LAYER_CMS_ENCRYPTED, SEAL "-out good us.pem; head -c -20 good >mail", OPENED_BROKEN, "",
        "", NULL, FALSE},
    {"its key changed", LAYER_CMS_ENCRYPTED, SEAL "-out good us.pem; " FLIP("220"), OPENED_BROKEN,
        "damaged", "", NULL, FALSE},
    {"its end changed", LAYER_CMS_ENCRYPTED, SEAL "-out good us.pem; " FLIP("-2"), OPENED_BROKEN,
        "damaged", "", NULL, FALSE},
    {"authenticated", LAYER_CMS_ENCRYPTED, SEAL "-aes-256-gcm -out mail us.pem", OPENED_UNKNOWN,
        "not known here", "", NULL, FALSE},
    {"only signed", LAYER_CMS_ENCRYPTED, SIGN("peer") "-nodetach -in text -out mail", OPENED_BROKEN,
        "", "", NULL, FALSE},
    {"text", LAYER_CMS_ENCRYPTED, "cp text mail", OPENED_BROKEN, "", "", NULL, FALSE},
    {"empty", LAYER_CMS_ENCRYPTED, ": >mail", OPENED_BROKEN, "", "", NULL, FALSE},
    {"with a password", LAYER_CMS_ENCRYPTED, SEAL "-pwri_password x -out mail", OPENED_NO_KEY, "",
        "", NULL, FALSE},
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

static void check_signer(
    const struct house *house, const struct row *row, const struct opened *opened)
{
    g_autofree char *by = row->by ? fingerprint_of(house, row->by) : NULL;

    if (by && opened->signatures->len > 0 &&
        strcmp(by, ((struct signature *)opened->signatures->pdata[0])->fingerprint) != 0)
        house_fail("%s: by somebody else", row->name);
}

static void check_row(struct house *house, const struct row *row)
{
    g_autofree char *script = g_strconcat("rm -f mail sig good\n", row->script, NULL);
    g_autoptr(mado_opened) opened = NULL;
    g_autofree char *signatures = NULL;
    g_autoptr(GBytes) text = house_file(house, "text");

    g_test_message("%s", row->name);
    g_free(house_run(house, script));
    opened = house_open(house, row->kind, "mail", row->kind == LAYER_CMS_SIGNED ? "sig" : NULL);
    if (!opened)
        return;
    signatures = name_signatures(opened);
    if (opened->state != row->state || !strstr(opened->why, row->why) ||
        strcmp(signatures, row->signatures) != 0)
        house_fail("%s: %s, \"%s\", signatures \"%s\"", row->name, opened_state_name(opened->state),
            opened->why, signatures);
    if (row->has_content && !g_bytes_equal(opened->content, text))
        house_fail("%s: not the text", row->name);
    if (opened->integrity ||
        opened->encrypted != (row->kind == LAYER_CMS_ENCRYPTED && row->state == OPENED_DONE))
        house_fail(
            "%s: encrypted %d, integrity %d", row->name, opened->encrypted, opened->integrity);
    check_signer(house, row, opened);
}

static void test_what_opens(void)
{
    struct house house;
    g_autofree char *before = NULL, *after = NULL;

    build(&house);
    before = certificates(&house);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        check_row(&house, &rows[i]);
    after = certificates(&house);
    g_assert_cmpstr(before, ==, "4"); /* us, peer, self, and the root */
    g_assert_cmpstr(after, ==, before);
    house_leave(&house);
}

/* Nobody can see that: so it is never said to be whole. */
static void test_changed_without_a_trace(void)
{
    struct house house;
    g_autoptr(mado_opened) opened = NULL;
    g_autoptr(GBytes) text = NULL;

    build(&house);
    g_free(house_run(&house, SEAL "-out good us.pem; " FLIP("-40")));
    opened = house_open(&house, LAYER_CMS_ENCRYPTED, "mail", NULL);
    text = house_file(&house, "text");
    g_assert_cmpint(opened->state, ==, OPENED_DONE);
    g_assert_true(opened->encrypted);
    g_assert_false(opened->integrity);
    g_assert_cmpstr(opened->to[0], ==, house.us);
    g_assert_false(g_bytes_equal(opened->content, text));
    house_leave(&house);
}

static void test_bomb(void)
{
    struct house house;
    g_autoptr(mado_opened) opened = NULL;

    build(&house);
    g_free(house_run(&house, "head -c 104857601 /dev/zero >big; openssl cms -encrypt -binary "
                             "-outform DER -aes256 -in big -out mail us.pem"));
    opened = house_open(&house, LAYER_CMS_ENCRYPTED, "mail", NULL);
    g_assert_cmpint(opened->state, ==, OPENED_TOO_LARGE);
    house_leave(&house);
}

/* -- what we seal -- */

static GBytes *seal(struct house *house, const char *const *to, const char *file, char **digest)
{
    g_autoptr(mado_seal_job) job = seal_job_new();
    g_autoptr(GVariant) result = NULL, bytes = NULL;

    job->cms = TRUE;
    g_free(job->signer);
    job->signer = g_strdup(house->us);
    g_strfreev(job->to);
    job->to = g_strdupv((char **)to);
    job->data = house_file(house, file);
    result = house_do(house, KEYS_SEAL, seal_job_to_variant(job));
    g_variant_get(result, "(@ays)", &bytes, digest);
    return g_variant_get_data_as_bytes(bytes);
}

static void test_signed_and_sealed(void)
{
    struct house house;
    g_autofree char *digest = NULL, *none = NULL, *said = NULL, *peer = NULL, *self = NULL;
    g_autoptr(GBytes) signature = NULL, sealed = NULL;

    build(&house);
    signature = seal(&house, (const char *[]){NULL}, "text", &digest);
    g_assert_cmpstr(digest, ==, "sha-256");
    house_write(&house, "sig", signature);
    said =
        house_run(&house, "openssl cms -verify -binary -inform DER -in sig -content text -CAfile "
                          "ca.pem -purpose any -out again; cmp text again; openssl cms -cmsout "
                          "-print -noout -inform DER -in sig | grep -c 'd.signedData'");
    g_assert_cmpstr(said, ==, "1");
    peer = fingerprint_of(&house, "peer");
    self = fingerprint_of(&house, "self");
    sealed = seal(&house, (const char *[]){peer, self, NULL}, "text", &none);
    house_write(&house, "mail", sealed);
    g_free(house_run(&house,
        "for i in peer self; do openssl cms -decrypt -inform DER -in mail -recip $i.pem "
        "-inkey $i.key -out again; cmp text again; done"));
    house_leave(&house);
}

static void test_what_is_not_sealed(void)
{
    struct house house;
    const char *names[] = {"stranger", "old"};

    build(&house);
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(mado_seal_job) job = seal_job_new();
        g_autoptr(GError) error = NULL;
        g_autoptr(GVariant) result = NULL;
        g_autofree char *to = NULL;
        if (i == 1) {
            g_free(house_run(&house,
                "openssl req -new -key self.key -subj /CN=old -out old.csr; openssl x509 -req -in "
                "old.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days -1 -out old.pem; cat "
                "old.pem ca.pem >old.all"));
            meet(&house, "old", "old.all", FALSE);
        }
        to = fingerprint_of(&house, names[i]);
        job->cms = TRUE;
        g_free(job->signer);
        job->signer = g_strdup(house.us);
        g_strfreev(job->to);
        job->to = g_strdupv((char *[]){to, NULL});
        job->data = house_file(&house, "text");
        result = house_try(&house, KEYS_SEAL, seal_job_to_variant(job), &error);
        g_assert_null(result);
        g_assert_error(error, MADO_ERROR, MADO_E_KEYS_REFUSED);
        g_assert_nonnull(strstr(error->message, to));
    }
    house_leave(&house);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/keys-cms/a bundle that is not read", test_a_bundle_that_is_not_read);
    g_test_add_func("/keys-cms/what-opens", test_what_opens);
    g_test_add_func("/keys-cms/no-trace", test_changed_without_a_trace);
    g_test_add_func("/keys-cms/bomb", test_bomb);
    g_test_add_func("/keys-cms/sealed", test_signed_and_sealed);
    g_test_add_func("/keys-cms/not-sealed", test_what_is_not_sealed);
    return g_test_run();
}
