/* What we sign and encrypt: to exactly the keys that are named, by exactly the key that is named.
 */
#include "keys-house.h"

#define PEER "Peer <peer@peer.example>"

static void build(struct house *house)
{
    house_build(house);
    g_free(house_run(house,
        "gen() { gpg -q --batch --passphrase '' \"$@\"; }\n"
        "add() { gen \"$@\" --quick-add-key $(gpg --with-colons -k \"=$ID\" | awk -F: "
        "'/^fpr/{print $10;exit}') cv25519 encr 0; }\n"
        "ID='" PEER "'; gen --quick-gen-key \"$ID\" ed25519 cert,sign 1y; add\n"
        /* names that contain the one that is meant */
        "ID='peer@peer.example <far@far.example>'; gen --quick-gen-key \"$ID\" ed25519 cert,sign "
        "1y; add\n"
        "ID='Far <peer@peer.example.far.example>'; gen --quick-gen-key \"$ID\" ed25519 cert,sign "
        "1y; add\n"
        "ID='Signs <signs@peer.example>'; gen --quick-gen-key \"$ID\" ed25519 cert,sign 1y\n"
        "ID='Old <old@peer.example>'; gen --faked-system-time 20200101T000000 --quick-gen-key "
        "\"$ID\" ed25519 cert,sign 1y; add --faked-system-time 20200101T000000\n"
        "ID='Gone <gone@peer.example>'; gen --quick-gen-key \"$ID\" ed25519 cert,sign 1y; add\n"
        "F=$(gpg --with-colons -k \"=$ID\" | awk -F: '/^fpr/{print $10;exit}')\n"
        "sed 's/^:-----/-----/' $P/openpgp-revocs.d/$F.rev | gpg -q --batch --import\n"));
}

/* The result, or NULL with the sentence in `why`. */
static GBytes *seal(
    struct house *house, const char *signer, const char *const *to, char **digest, char **why)
{
    g_autoptr(mado_seal_job) job = seal_job_new();
    g_autoptr(GVariant) result = NULL;
    g_autoptr(GVariant) bytes = NULL;
    g_autoptr(GError) error = NULL;

    g_free(job->signer);
    job->signer = g_strdup(signer);
    g_strfreev(job->to);
    job->to = g_strdupv((char **)to);
    job->data = house_file(house, "text");
    result = house_try(house, KEYS_SEAL, seal_job_to_variant(job), &error);
    if (!result) {
        g_assert_true(g_error_matches(error, MADO_ERROR, MADO_E_KEYS_REFUSED));
        *why = g_strdup(error->message);
        return NULL;
    }
    g_variant_get(result, "(@ays)", &bytes, digest);
    return g_variant_get_data_as_bytes(bytes);
}

static void test_signed(void)
{
    struct house house;
    g_autofree char *digest = NULL, *why = NULL, *said = NULL;
    g_autoptr(GBytes) signature = NULL;
    g_autoptr(mado_opened) opened = NULL;

    build(&house);
    signature = seal(&house, house.us, (const char *[]){NULL}, &digest, &why);
    g_assert_nonnull(signature);
    g_assert_cmpstr(digest, ==, "pgp-sha256");
    house_write(&house, "sig", signature);
    g_assert_cmpmem(g_bytes_get_data(signature, NULL), 27, "-----BEGIN PGP SIGNATURE---", 27);
    said = house_run(&house, "gpg --status-fd 1 --verify sig text | grep -c VALIDSIG");
    g_assert_cmpstr(said, ==, "1");
    opened = house_open(&house, LAYER_PGP_SIGNED, "text", "sig");
    g_assert_cmpint(((struct signature *)opened->signatures->pdata[0])->state, ==, SIGNATURE_GOOD);
    g_assert_cmpstr(((struct signature *)opened->signatures->pdata[0])->fingerprint, ==, house.us);
    house_leave(&house);
}

static void test_sealed_to_whom_is_named_and_nobody_else(void)
{
    struct house house;
    g_autofree char *digest = NULL, *why = NULL, *said = NULL, *peer = NULL, *ids = NULL;
    g_autofree char *far = NULL, *further = NULL;
    g_autoptr(GBytes) sealed = NULL;

    build(&house);
    far = house_meet(&house, "peer@peer.example <far@far.example>");
    further = house_meet(&house, "Far <peer@peer.example.far.example>");
    g_assert_nonnull(far);
    g_assert_nonnull(further);
    peer = house_meet(&house, PEER);
    sealed = seal(&house, house.us, (const char *[]){peer, NULL}, &digest, &why);
    g_assert_cmpstr(why, ==, NULL);
    g_assert_cmpmem(g_bytes_get_data(sealed, NULL), 25, "-----BEGIN PGP MESSAGE---", 25);
    house_write(&house, "mail", sealed);
    ids = house_run(&house, "gpg --status-fd 1 -d mail | grep -c ENC_TO");
    g_assert_cmpstr(ids, ==, "1");
    said = house_run(&house, "gpg --status-fd 1 -d mail >said2; tr -d '\\r' <said2 | grep -a "
                             "-e ^Hello -e VALIDSIG -e DECRYPTION_KEY | cut -d' ' -f 1-2,4 | sort");
    g_assert_nonnull(strstr(said, "Hello"));
    g_assert_nonnull(strstr(said, "VALIDSIG"));
    g_assert_nonnull(strstr(said, peer));
    house_leave(&house);
}

static void test_what_is_refused(void)
{
    static const struct {
        const char *signer, *to; /* a user id that we met, or what stands there; NULL: us */
        const char *why;
    } rows[] = {
        {NULL, "peer@peer.example", "is not in our folder"},
        {NULL, "<peer@peer.example>", "is not in our folder"},
        {NULL, "", "is not in our folder"},
        {NULL, "0123456789012345678901234567890123456789", "is not in our folder"},
        {NULL, "Old <old@peer.example>", "has expired"},
        {NULL, "Gone <gone@peer.example>", "is revoked"},
        {NULL, "Signs <signs@peer.example>", "cannot be encrypted to"},
        {PEER, PEER, "Our key"},
        {"us@ours.example", PEER, "Our key"},
        {"", PEER, "Our key"},
    };
    struct house house;

    build(&house);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *signer = rows[i].signer && strchr(rows[i].signer, '<')
                                      ? house_meet(&house, rows[i].signer)
                                      : g_strdup(rows[i].signer ? rows[i].signer : house.us);
        g_autofree char *to =
            strstr(rows[i].to, " <") ? house_meet(&house, rows[i].to) : g_strdup(rows[i].to);
        g_autofree char *peer = house_meet(&house, PEER);
        g_autofree char *digest = NULL, *why = NULL;
        /* beside one that can be had: nothing goes to that one either */
        g_autoptr(GBytes) sealed =
            seal(&house, signer, (const char *[]){peer, to, NULL}, &digest, &why);
        if (sealed || !why || !strstr(why, rows[i].why) ||
            !strstr(why, rows[i].signer ? signer : to))
            house_fail("row %zu: %s", i, why ? why : "it was sealed");
    }
    house_leave(&house);
}

/* A long id names the key, too; whoever asks must know the whole. */
static void test_a_long_id_is_not_enough(void)
{
    struct house house;
    g_autofree char *peer = NULL, *digest = NULL, *why = NULL;
    g_autoptr(GBytes) sealed = NULL;

    build(&house);
    peer = house_meet(&house, PEER);
    sealed = seal(&house, house.us, (const char *[]){peer + 24, NULL}, &digest, &why);
    g_assert_null(sealed);
    g_assert_nonnull(why);
    g_assert_nonnull(strstr(why, "is not in our folder"));
    house_leave(&house);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/keys-seal/signed", test_signed);
    g_test_add_func("/keys-seal/sealed", test_sealed_to_whom_is_named_and_nobody_else);
    g_test_add_func("/keys-seal/refused", test_what_is_refused);
    g_test_add_func("/keys-seal/long-id", test_a_long_id_is_not_enough);
    return g_test_run();
}
