/* OpenPGP layers, opened: what is good, and what only looks so. */
#include "keys-house.h"
#include <mado/limits.h>

#define PEER "Peer <peer@peer.example>"
#define TRUST "gpg -q --batch --trust-model always "

static void build(struct house *house)
{
    house_build(house);
    g_free(house_run(house, "gpg -q --batch --passphrase '' --quick-gen-key '" PEER "' "
                            "ed25519 cert,sign 1y; F=$(gpg --with-colons -k '=" PEER
                            "' | awk -F: '/^fpr/{print $10;exit}'); "
                            "gpg -q --batch --passphrase '' --quick-add-key $F cv25519 encr"));
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

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/keys-pgp/sealed-and-signed", test_sealed_and_signed);
    return g_test_run();
}
