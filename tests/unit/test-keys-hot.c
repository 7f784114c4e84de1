/* A large ring: the keys of late are found in copies, and no copy is ever believed longer than the
 * key that it was made of. */
#include "keys-house.h"
#include <mado/limits.h>
#include <signal.h>
#include <unistd.h>

#define PEER "Peer <peer@peer.example>"
#define FIND "F=$(gpg --with-colons -k '=" PEER "' | awk -F: '/^fpr/{print $10;exit}'); "
#define OTHER "Other <other@other.example>"
#define OLD "--faked-system-time 20200101T000000"
#define USES 5 /* by then there are copies */

/* A place of a keybox from which a key was removed: gpg passes over it. */
#define MAKE_LARGE                                                                                 \
    "python3 -c \"import struct; open('$O/pubring.kbx', 'ab').write("                              \
    "struct.pack('>IBB', 300000, 0, 1) + bytes(300000 - 6))\""

/* The peer's key is made with `options`, and holds for a year from then. */
static void build(struct house *house, const char *options)
{
    g_autofree char *script = g_strdup_printf(
        "g() { gpg -q --batch --passphrase '' %s \"$@\"; }; g --quick-gen-key '" PEER
        "' ed25519 cert,sign 1y; " FIND "g --quick-add-key $F cv25519 encr; "
        "g -u $F -b -o sig text; " MAKE_LARGE,
        options);

    house_build(house);
    g_free(house_run(house, script));
    g_free(house_meet(house, PEER));
}

/* How the peer's signature stands. */
static enum signature_state state_of(struct house *house)
{
    g_autoptr(mado_opened) opened = house_open(house, LAYER_PGP_SIGNED, "text", "sig");

    g_assert_cmpstr(opened->why, ==, "");
    g_assert_cmpuint(opened->signatures->len, ==, 1);
    return ((struct signature *)opened->signatures->pdata[0])->state;
}

static void warm(struct house *house, enum signature_state state)
{
    for (int i = 0; i < USES; i++)
        g_assert_cmpint(state_of(house), ==, state);
    g_assert_true(house_has_temporary(house));
}

#define REVOKE FIND "sed 's/^:-----/-----/' $P/openpgp-revocs.d/$F.rev | gpg -q --batch --import; "

/* The copies go with the keyring. */
static void leave(struct house *house)
{
    keyring_close(house->keyring);
    house->keyring = NULL;
    house_leave(house);
}

/* -- what is in the copies -- */

static char *count_copies(struct house *house)
{
    return house_run(house, "gpg --no-default-keyring --keyring $(ls $O/t-*/pubring.kbx) "
                            "--with-colons -k | grep -c ^pub");
}

/* The peer's, and then one more and ours. */
static void test_used_again(void)
{
    struct house house;
    g_autofree char *one = NULL, *three = NULL;

    build(&house, "");
    g_free(house_run(&house, "gpg -q --batch --passphrase '' --quick-gen-key '" OTHER "' ed25519 "
                             "cert,sign 1y; gpg -q --batch --trust-model always -u '=" OTHER
                             "' -r '=" US "' -s -e -o sealed text"));
    g_free(house_meet(&house, OTHER));
    g_assert_cmpint(state_of(&house), ==, SIGNATURE_GOOD);
    g_assert_false(house_has_temporary(&house));
    warm(&house, SIGNATURE_GOOD);
    one = count_copies(&house);
    g_assert_cmpstr(one, ==, "1");
    for (int i = 0; i < USES; i++) {
        g_autoptr(mado_opened) opened = house_open(&house, LAYER_PGP_ENCRYPTED, "sealed", NULL);
        g_assert_cmpuint(opened->signatures->len, ==, 1);
        g_assert_cmpint(
            ((struct signature *)opened->signatures->pdata[0])->state, ==, SIGNATURE_GOOD);
    }
    three = count_copies(&house);
    g_assert_cmpstr(three, ==, "3");
    leave(&house);
}

/* A copy of an expired key would go on saying so. */
static void test_extended(void)
{
    struct house house;

    build(&house, OLD);
    warm(&house, SIGNATURE_EXPIRED_KEY);
    g_free(house_run(&house, FIND "gpg -q --batch --quick-set-expire $F 20y"));
    g_free(house_meet(&house, PEER));
    g_assert_cmpint(state_of(&house), ==, SIGNATURE_GOOD);
    warm(&house, SIGNATURE_GOOD);
    leave(&house);
}

static void test_revoked(void)
{
    struct house house;

    build(&house, "");
    warm(&house, SIGNATURE_GOOD);
    g_free(house_run(&house, REVOKE));
    g_free(house_meet(&house, PEER));
    g_assert_cmpint(state_of(&house), ==, SIGNATURE_REVOKED_KEY);
    warm(&house, SIGNATURE_REVOKED_KEY);
    leave(&house);
}

/* Of a key that is gone there is no copy either. */
static void test_removed(void)
{
    struct house house;

    build(&house, "");
    warm(&house, SIGNATURE_GOOD);
    g_free(house_run(&house, FIND "gpg --homedir $O -q --batch --yes --delete-keys $F"));
    g_assert_cmpint(state_of(&house), ==, SIGNATURE_UNKNOWN_KEY);
    leave(&house);
}

/* What one worker takes in, or somebody by hand, the other one knows at once. */
static void test_two_workers(void)
{
    static const char *const ways[] = {"", "gpg --homedir $O -q --batch --import met"};

    for (gsize i = 0; i < G_N_ELEMENTS(ways); i++) {
        struct house house, other;
        g_autofree char *script = g_strconcat(
            FIND "gpg -q --batch --quick-set-expire $F 20y; gpg --export $F >met; ", ways[i], NULL);
        build(&house, OLD);
        other = house;
        other.keyring = keyring_open(house.home, NULL, NULL);
        warm(&house, SIGNATURE_EXPIRED_KEY);
        warm(&other, SIGNATURE_EXPIRED_KEY);
        g_free(house_run(&house, script));
        if (*ways[i] == '\0')
            g_free(house_meet(&other, PEER));
        g_assert_cmpint(state_of(&house), ==, SIGNATURE_GOOD);
        g_assert_cmpint(state_of(&other), ==, SIGNATURE_GOOD);
        keyring_close(other.keyring);
        leave(&house);
    }
}

/* A worker that is killed leaves its copies; nobody reads them, and they go. */
static void test_killed(void)
{
    struct house house;
    struct keyring *next;
    pid_t worker;

    build(&house, "");
    worker = fork();
    if (worker == 0) {
        house.keyring = keyring_open(house.home, NULL, NULL);
        warm(&house, SIGNATURE_GOOD);
        raise(SIGKILL);
    }
    g_assert_cmpint(waitpid(worker, NULL, 0), ==, worker);
    g_assert_true(house_has_temporary(&house));
    g_free(house_run(&house, REVOKE));
    g_free(house_meet(&house, PEER));
    next = keyring_open(house.home, NULL, NULL);
    g_assert_false(house_has_temporary(&house));
    keyring_close(house.keyring);
    house.keyring = next;
    warm(&house, SIGNATURE_REVOKED_KEY);
    leave(&house);
}

/* -- and sealing -- */

static GBytes *seal(struct house *house, const char *to)
{
    g_autoptr(mado_seal_job) job = seal_job_new();
    g_autoptr(GVariant) result = NULL, bytes = NULL;
    g_autofree char *digest = NULL;

    g_free(job->signer);
    job->signer = g_strdup(house->us);
    g_strfreev(job->to);
    job->to = g_strsplit(to, " ", -1);
    job->data = house_file(house, "text");
    result = house_do(house, KEYS_SEAL, seal_job_to_variant(job));
    g_variant_get(result, "(@ays)", &bytes, &digest);
    return g_variant_get_data_as_bytes(bytes);
}

/* To the part of the key that its owner has made since, not to the one of the copy. */
static void test_sealed_to_the_new_part(void)
{
    struct house house;
    g_autofree char *peer = NULL, *part = NULL, *to = NULL;
    g_autoptr(GBytes) sealed = NULL;

    build(&house, "");
    peer = house_meet(&house, PEER);
    for (int i = 0; i < USES; i++) {
        g_autoptr(GBytes) before = seal(&house, peer);
        g_assert_cmpuint(g_bytes_get_size(before), >, 0);
    }
    g_assert_true(house_has_temporary(&house));
    part = house_run(&house, FIND "gpg -q --batch --passphrase '' --quick-add-key $F cv25519 encr; "
                                  "printf 'key 1\nrevkey\ny\n0\n\ny\nsave\n' | "
                                  "gpg -q --no-tty --command-fd 0 --edit-key $F; "
                                  "gpg --with-colons -k $F | awk -F: '/^sub:[^r]/{print $5}'");
    g_free(house_meet(&house, PEER));
    sealed = seal(&house, peer);
    house_write(&house, "mail", sealed);
    to = house_run(&house, "gpg --status-fd 1 -d mail | tr -d '\\r' | awk '/ENC_TO/{print $3}'");
    g_assert_cmpstr(to, ==, part);
    leave(&house);
}

/* -- what gpg does there -- */

static gboolean opens(struct house *house)
{
    g_autoptr(mado_opened) opened = house_open(house, LAYER_PGP_ENCRYPTED, "sealed", NULL);

    return opened->state == OPENED_DONE;
}

static gboolean seals(struct house *house)
{
    g_autofree char *peer = house_run(house, FIND "echo $F");
    g_autoptr(GBytes) sealed = seal(house, peer);

    return g_bytes_get_size(sealed) > 0;
}

/* gpg starts none with the copies, but what it was to do is done. */
static void test_agent_gone(void)
{
    static gboolean (*const works[])(struct house *) = {opens, seals};
    struct house house;

    build(&house, "");
    g_free(house_run(&house, "gpg -q --batch --trust-model always -r '=" US "' -e -o sealed text"));
    for (gsize i = 0; i < G_N_ELEMENTS(works); i++) {
        for (int use = 0; use < USES; use++)
            g_assert_true(works[i](&house));
        g_assert_true(house_has_temporary(&house));
        g_free(house_run(&house, "gpgconf --homedir $O --kill gpg-agent"));
        g_assert_true(works[i](&house));
    }
    leave(&house);
}

/* The folder of a home says when a file was last made in it, or removed. */
static void test_no_locks(void)
{
    static const char age[] = "touch -d @1 $O; for T in $O/t-*; do touch -d @1 $T; done";
    static const char when[] = "stat -c %Y $O $O/t-* | sort -u";
    struct house house;
    g_autofree char *after = NULL;

    build(&house, "");
    warm(&house, SIGNATURE_GOOD);
    g_free(house_run(&house, age));
    for (int i = 0; i < USES; i++)
        g_assert_cmpint(state_of(&house), ==, SIGNATURE_GOOD);
    after = house_run(&house, when);
    g_assert_cmpstr(after, ==, "1");
    leave(&house);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/keys-hot/used-again", test_used_again);
    g_test_add_func("/keys-hot/extended", test_extended);
    g_test_add_func("/keys-hot/revoked", test_revoked);
    g_test_add_func("/keys-hot/removed", test_removed);
    g_test_add_func("/keys-hot/two-workers", test_two_workers);
    g_test_add_func("/keys-hot/killed", test_killed);
    g_test_add_func("/keys-hot/sealed", test_sealed_to_the_new_part);
    g_test_add_func("/keys-hot/agent-gone", test_agent_gone);
    g_test_add_func("/keys-hot/no-locks", test_no_locks);
    return g_test_run();
}
