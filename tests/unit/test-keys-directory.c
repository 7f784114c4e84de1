/* Files of keys: looked at elsewhere, imported by name; our keys made, listed, extended, exported.
 */
#include "keys-house.h"
#include "now.h"
#include <mado/limits.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <unistd.h>

#define PEER "Peer <peer@peer.example>"
#define OTHER "Other <Other@Peer.example>"
#define FINGERPRINT(id) "gpg --with-colons -k '=" id "' | awk -F: '/^fpr/{print $10;exit}'"

static const char make_keys[] =
    "gen() { gpg -q --batch --passphrase '' \"$@\"; }\n"
    "gen --quick-gen-key '" PEER "' ed25519 cert,sign 1y\n"
    "gen --quick-add-key $(" FINGERPRINT(PEER) ") cv25519 encr 6m\n"
                                               "gen --quick-gen-key '" OTHER
                                               "' rsa2048 default 0\n";

static void build(struct house *house)
{
    house_build_furnished(house, make_keys);
    g_free(house_run(house,
        "gpg --export >both; gpg --export -a >both.asc; gpg --export-secret-keys '=" PEER
        "' >secret"));
}

static GPtrArray *look(struct house *house, const char *file)
{
    g_autoptr(GBytes) bytes = house_file(house, file);

    return house_keys(house, KEYS_LOOK, house_bytes(bytes));
}

static const struct key_info *find(const GPtrArray *infos, const char *address)
{
    for (guint i = 0; i < infos->len; i++) {
        const struct key_info *info = infos->pdata[i];
        if (g_strv_contains((const char *const *)info->addresses, address))
            return info;
    }
    g_error("no key of %s", address);
    return NULL;
}

static char *refusal(struct house *house, enum keys_op op, GVariant *argument)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) result = house_try(house, op, argument, &error);

    g_assert_null(result);
    g_assert_error(error, MADO_ERROR, MADO_E_KEYS_REFUSED);
    g_assert_false(house_has_temporary(house));
    return g_strdup(error->message);
}

static void test_looked_at(void)
{
    static const char *const files[] = {"both", "both.asc"};
    struct house house;

    build(&house);
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autoptr(GPtrArray) infos = look(&house, files[i]);
        g_autoptr(GPtrArray) ours = NULL;
        g_autofree char *fingerprint = house_run(&house, FINGERPRINT(PEER));
        const struct key_info *peer = find(infos, "peer@peer.example");
        const struct key_info *other = find(infos, "other@peer.example");
        g_assert_cmpuint(infos->len, ==, 3); /* ours is among theirs */
        g_assert_cmpstr(peer->fingerprint, ==, fingerprint);
        g_assert_cmpstr(peer->algorithm, ==, "ed25519/cv25519");
        g_assert_cmpstr(peer->user_ids[0], ==, PEER);
        g_assert_true(peer->can_sign && peer->can_encrypt);
        g_assert_false(peer->cms || peer->revoked || peer->expired || peer->secret);
        g_assert_cmpint(peer->created, >, 1700000000);
        g_assert_cmpint(peer->expires, >, peer->created);
        g_assert_cmpstr(other->algorithm, ==, "rsa2048");
        g_assert_cmpint(other->expires, ==, 0);
        g_assert_true(other->can_sign);
        g_assert_false(other->can_encrypt);
        g_assert_true(peer->encrypts && !other->encrypts);
        g_assert_cmpint(peer->encrypts_until, >, peer->created);
        g_assert_cmpint(peer->encrypts_until, <, peer->expires);
        g_assert_cmpint(peer->signs_until, ==, peer->expires);
        g_assert_cmpint(other->encrypts_until, ==, 0);
        ours = house_keys(&house, KEYS_LIST, g_variant_new("()"));
        g_assert_cmpuint(ours->len, ==, 1);
    }
    house_leave(&house);
}

/* What is handed on of each key can be imported, and has that key alone. */
static void test_the_bytes_are_one_key(void)
{
    struct house house;
    g_autoptr(GPtrArray) infos = NULL, again = NULL, taken = NULL;
    const struct key_info *peer;

    build(&house);
    infos = look(&house, "both");
    peer = find(infos, "peer@peer.example");
    house_write(&house, "one", peer->bytes);
    again = look(&house, "one");
    g_assert_cmpuint(again->len, ==, 1);
    taken = house_import(&house, "one", peer->fingerprint, FALSE);
    g_assert_cmpuint(taken->len, ==, 1);
    g_assert_cmpstr(((struct key_info *)taken->pdata[0])->fingerprint, ==, peer->fingerprint);
    house_leave(&house);
}

/* Signatures of others on a key are not for us. */
static void test_small(void)
{
    struct house house;
    g_autoptr(GPtrArray) infos = NULL;
    gsize before, after;

    build(&house);
    infos = look(&house, "both");
    before = g_bytes_get_size(find(infos, "peer@peer.example")->bytes);
    g_free(house_run(&house, "gpg -q --batch --yes -u '=" OTHER "' --quick-sign-key $(" FINGERPRINT(
                                 PEER) "); gpg --export '=" PEER "' >signed"));
    g_clear_pointer(&infos, g_ptr_array_unref);
    infos = look(&house, "signed");
    after = g_bytes_get_size(find(infos, "peer@peer.example")->bytes);
    g_assert_cmpuint(after, ==, before);
    house_leave(&house);
}

static void test_imported_by_name(void)
{
    struct house house;
    g_autofree char *peer = NULL, *why = NULL, *lower = NULL, *nobody = NULL;
    g_autoptr(GPtrArray) ours = NULL, taken = NULL;
    g_autoptr(GBytes) both = NULL;

    build(&house);
    peer = house_run(&house, FINGERPRINT(PEER));
    both = house_file(&house, "both");
    for (int i = 0; i < 4; i++) {
        const char *const wrong[] = {
            "peer@peer.example", peer + 24, "0123456789012345678901234567890123456789", ""};
        const char *const named[] = {peer, wrong[i], NULL};
        g_autofree char *said = refusal(
            &house, KEYS_IMPORT, g_variant_new("(@ay^asb)", house_bytes(both), named, FALSE));
        g_assert_nonnull(strstr(said, wrong[i]));
        g_clear_pointer(&ours, g_ptr_array_unref);
        ours = house_keys(&house, KEYS_LIST, g_variant_new("()"));
        g_assert_cmpuint(ours->len, ==, 1);
    }
    taken = house_import(&house, "both", peer, FALSE);
    g_assert_cmpuint(taken->len, ==, 1);
    g_clear_pointer(&ours, g_ptr_array_unref);
    ours = house_keys(&house, KEYS_LIST, g_variant_new("()"));
    g_assert_cmpuint(ours->len, ==, 2);
    house_leave(&house);
}

static void test_secret_only_if_asked(void)
{
    struct house house;
    g_autofree char *peer = NULL, *keys = NULL, *why = NULL;
    g_autoptr(GPtrArray) seen = NULL, taken = NULL, secret = NULL;
    g_autoptr(GBytes) both = NULL;

    build(&house);
    peer = house_run(&house, FINGERPRINT(PEER));
    seen = look(&house, "secret");
    g_assert_true(((struct key_info *)seen->pdata[0])->secret);
    taken = house_import(&house, "secret", peer, FALSE);
    g_assert_false(((struct key_info *)taken->pdata[0])->secret);
    keys = house_run(&house, "ls $O/private-keys-v1.d | wc -l");
    g_assert_cmpstr(keys, ==, "2"); /* our own */
    both = house_file(&house, "both");
    why = refusal(&house, KEYS_IMPORT,
        g_variant_new("(@ay^asb)", house_bytes(both), (const char *[]){peer, NULL}, TRUE));
    g_assert_nonnull(strstr(why, "no secret key"));
    secret = house_import(&house, "secret", peer, TRUE);
    g_assert_true(((struct key_info *)secret->pdata[0])->secret);
    house_leave(&house);
}

static void test_what_is_no_key_file(void)
{
    static const struct {
        const char *name, *script;
    } rows[] = {
        {"empty", ": >file"},
        {"text", "cp text file"},
        {"noise", "(printf '\\231'; head -c 10000 /dev/urandom) >file"},
        {"cut", "head -c 100 both >file"},
        {"a message", "gpg -q --batch --trust-model always -r '=" PEER "' -e -o file text"},
        {"armour without a key", "gpg -q --store -a -o file text"},
    };
    struct house house;

    build(&house);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *script = g_strconcat("rm -f file; ", rows[i].script, NULL);
        g_autoptr(GError) error = NULL;
        g_autoptr(GVariant) result = NULL;
        g_autoptr(GBytes) file = NULL;
        g_free(house_run(&house, script));
        file = house_file(&house, "file");
        result = house_try(&house, KEYS_LOOK, house_bytes(file), &error);
        if (result ? g_variant_n_children(result) > 0
                   : !g_error_matches(error, MADO_ERROR, MADO_E_KEYS_REFUSED))
            house_fail("%s: %s", rows[i].name, error ? error->message : "keys");
    }
    house_leave(&house);
}

static void test_signed_by_itself_with_a_weak_digest(void)
{
    struct house house;
    g_autofree char *why = NULL;
    g_autoptr(GBytes) file = NULL;

    build(&house);
    g_free(house_run(&house, "gpg -q --batch --passphrase '' --cert-digest-algo SHA1 "
                             "--quick-gen-key 'Sha <sha@peer.example>' rsa2048 cert,sign 1y; "
                             "gpg --export '=Sha <sha@peer.example>' >weak"));
    file = house_file(&house, "weak");
    why = refusal(&house, KEYS_LOOK, house_bytes(file));
    g_assert_nonnull(strstr(why, "SHA-1"));
    house_leave(&house);
}

static void test_too_large(void)
{
    struct house house;
    g_autofree char *why = NULL;
    g_autoptr(GBytes) file =
        g_bytes_new_take(g_malloc0(LIMIT_KEY_FILE_BYTES + 1), LIMIT_KEY_FILE_BYTES + 1);

    house_build(&house);
    why = refusal(&house, KEYS_LOOK, house_bytes(file));
    g_assert_nonnull(strstr(why, "larger"));
    house_leave(&house);
}

/* A key with as many signatures as fit into what we take: copies of one of its packets. */
static const char flood[] = "import os, sys\n"
                            "b = open('signed', 'rb').read(); at = 0; packets = []\n"
                            "while at < len(b):\n"
                            "    n = 1 << (b[at] & 3)\n"
                            "    end = at + 1 + n + int.from_bytes(b[at + 1:at + 1 + n], 'big')\n"
                            "    packets.append(b[at:end]); at = end\n"
                            "out = packets[:4]\n"
                            "last = packets[int(sys.argv[1])]\n"
                            "while sum(map(len, out)) < 1000000:\n"
                            "    out.append(last[:-8] + os.urandom(8))\n"
                            "open('flood', 'wb').write(b''.join(out))\n";

/* Processor seconds of all that has ended: no matter what else the machine does. */
static double spent(void)
{
    struct rusage usage;

    g_assert_cmpint(getrusage(RUSAGE_CHILDREN, &usage), ==, 0);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec);
}

static void check_flood(struct house *house, const char *packet)
{
    g_autoptr(GBytes) python = g_bytes_new_static(flood, strlen(flood)), file = NULL;
    g_autofree char *script = g_strconcat("python3 flood.py ", packet, NULL);
    g_autoptr(GVariant) result = NULL;
    g_autoptr(GError) error = NULL;
    double before;

    house_write(house, "flood.py", python);
    g_free(house_run(house, script));
    file = house_file(house, "flood");
    before = spent();
    result = house_try(house, KEYS_LOOK, house_bytes(file), &error);
    g_assert_true(result || error);
    g_assert_true(!error || g_error_matches(error, MADO_ERROR, MADO_E_KEYS_REFUSED));
    g_test_message("%.0f s: %s", spent() - before, error ? error->message : "looked at");
    g_assert_cmpfloat(spent() - before, <, 2 * LIMIT_KEY_CPU_SECONDS);
}

static void test_flooded(void)
{
    struct house house;

    build(&house);
    g_free(house_run(&house, "gpg -q --batch --yes -u '=" OTHER "' --quick-sign-key $(" FINGERPRINT(
                                 PEER) "); gpg --export '=" PEER "' >signed"));
    check_flood(&house, "3"); /* of somebody else */
    if (g_getenv("MADO_LONG"))
        check_flood(&house, "2"); /* of its own: gpg has to check them, until it may no longer */
    house_leave(&house);
}

/* -- what gpg need not check again -- */

/* In the file of a home each packet is followed by what gpg noted of it; of a signature: that it
 * was checked, and good. Without, each start of gpg checks it anew, which takes as long as all the
 * rest of its work. */
static void check_noted(struct house *house, guint signatures)
{
    static const guint8 head[] = {0xb0, 6, 0}, mark[] = {'g', 'p', 'g', 0};
    enum { NOTE = 4, CHECKED_AND_GOOD = 3 };
    g_autofree char *path = g_build_filename(house->home, "pubring.kbx", NULL);
    g_autofree char *ring = NULL;
    guint good = 0, others = 0;
    gsize size;

    g_assert_true(g_file_get_contents(path, &ring, &size, NULL));
    for (gsize i = 0; i + sizeof(head) + 1 + sizeof(mark) <= size; i++)
        if (memcmp(ring + i, head, sizeof(head)) == 0 &&
            memcmp(ring + i + NOTE, mark, sizeof(mark)) == 0)
            *(ring[i + sizeof(head)] == CHECKED_AND_GOOD ? &good : &others) += 1;
    g_assert_cmpuint(others, ==, 0);
    g_assert_cmpuint(good, ==, signatures);
}

static void test_signatures_are_checked_once(void)
{
    struct house house;
    g_autoptr(GPtrArray) made = NULL, longer = NULL, secret = NULL;
    g_autofree char *peer = NULL, *other = NULL;
    gint64 now = g_get_real_time() / G_USEC_PER_SEC;

    build(&house);
    check_noted(&house, 2); /* made: of its name, and of its subkey */
    made = house_keys(
        &house, KEYS_MAKE, g_variant_new("(ssx)", "Team", "team@ours.example", now + 86400));
    longer = house_keys(&house, KEYS_EXTEND,
        g_variant_new("(sx)", ((struct key_info *)made->pdata[0])->fingerprint, now + 30 * 86400));
    g_assert_nonnull(longer);
    check_noted(&house, 4);
    other = house_meet(&house, OTHER);
    g_assert_nonnull(other);
    check_noted(&house, 5);
    peer = house_run(&house, FINGERPRINT(PEER));
    secret = house_import(&house, "secret", peer, TRUE);
    g_assert_cmpuint(secret->len, ==, 1);
    check_noted(&house, 7);
    house_leave(&house);
}

/* -- our own -- */

static void test_made(void)
{
    struct house house;
    g_autoptr(GPtrArray) ours = NULL;
    g_autofree char *checked = NULL;
    const struct key_info *us;

    house_build(&house);
    ours = house_keys(&house, KEYS_LIST, g_variant_new("()"));
    g_assert_cmpuint(ours->len, ==, 1);
    us = ours->pdata[0];
    g_assert_cmpstr(us->fingerprint, ==, house.us);
    g_assert_cmpstr(us->user_ids[0], ==, US);
    g_assert_cmpstr(us->addresses[0], ==, "us@ours.example");
    g_assert_cmpstr(us->algorithm, ==, "ed25519/cv25519");
    g_assert_true(us->secret && us->can_sign && us->can_encrypt);
    g_assert_cmpint(us->expires, ==, 0);
    house_leave(&house);
}

static void test_what_is_not_made(void)
{
    static const struct {
        const char *name, *address;
        gint64 expires;
    } rows[] = {
        {"A\nB", "a@ours.example", 0},
        {"A <b@b.example>", "a@ours.example", 0},
        {"A", "a@ours.example>\n", 0},
        {"A", "", 0},
        {"A", "a", 0},
        {"A", "a@ours.example", 1},
        {"A", "a@ours.example", -1},
        {"A", "a@ours.example", G_MAXINT64},
    };
    struct house house;

    house_build(&house);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        g_free(refusal(&house, KEYS_MAKE,
            g_variant_new("(ssx)", rows[i].name, rows[i].address, rows[i].expires)));
    house_leave(&house);
}

static void test_extended_and_exported(void)
{
    struct house house;
    g_autoptr(GPtrArray) made = NULL, longer = NULL;
    g_autoptr(GVariant) bytes = NULL;
    g_autofree char *expiries = NULL, *why = NULL, *unknown = NULL;
    gint64 now = g_get_real_time() / G_USEC_PER_SEC;
    const struct key_info *key;

    house_build(&house);
    made = house_keys(
        &house, KEYS_MAKE, g_variant_new("(ssx)", "窓 Team", "team@ours.example", now + 86400));
    key = made->pdata[0];
    g_assert_cmpstr(key->user_ids[0], ==, "窓 Team <team@ours.example>");
    g_assert_cmpint(ABS(key->expires - now - 86400), <, 60);
    longer =
        house_keys(&house, KEYS_EXTEND, g_variant_new("(sx)", key->fingerprint, now + 30 * 86400));
    g_assert_cmpint(ABS(((struct key_info *)longer->pdata[0])->expires - now - 30 * 86400), <, 60);
    bytes = house_do(&house, KEYS_EXPORT, g_variant_new_string(key->fingerprint));
    {
        g_autoptr(GBytes) file = g_variant_get_data_as_bytes(bytes);
        house_write(&house, "export", file);
    }
    expiries = house_run(&house, "gpg --with-colons --show-keys export | awk -F: -v n=$(date +%s) "
                                 "'/^(pub|sub)/{print int(($7-n+3600)/86400)}'");
    g_assert_cmpstr(expiries, ==, "30\n30");
    why = refusal(&house, KEYS_EXTEND, g_variant_new("(sx)", "team@ours.example", now + 86400));
    unknown = refusal(&house, KEYS_EXPORT, g_variant_new_string("team@ours.example"));
    g_assert_nonnull(why);
    g_assert_nonnull(unknown);
    house_leave(&house);
}

/* -- with a passphrase -- */

static void test_passphrase(void)
{
    struct house house;
    g_autoptr(GPtrArray) made = NULL;
    g_autoptr(mado_opened) ours = NULL, password = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) mail = NULL;
    g_autofree char *protected = NULL;

    house_build_with(&house, "our secret");
    made = house_keys(
        &house, KEYS_MAKE, g_variant_new("(ssx)", "Window", "us@ours.example", (gint64)0));
    g_assert_nonnull(made);
    protected = house_run(&house, "cat $O/private-keys-v1.d/*.key | grep -a -c '(protected-'");
    g_assert_cmpstr(protected, ==, "2");
    g_free(
        house_run(&house, "gpg --homedir $O --export | gpg -q --import; gpg -q --batch "
                          "--trust-model always -r '=" US "' -e -o mail text; gpg -q --batch "
                          "--pinentry-mode loopback --passphrase 'our secret' -c -o other text"));
    ours = house_open(&house, LAYER_PGP_ENCRYPTED, "mail", NULL);
    g_assert_cmpint(ours->state, ==, OPENED_DONE);
    /* It is for our keys alone: no stranger's ciphertext is opened with it. */
    password = house_open(&house, LAYER_PGP_ENCRYPTED, "other", NULL);
    g_assert_cmpint(password->state, ==, OPENED_PASSWORD);
    keyring_close(house.keyring);
    g_free(house_run(&house, "gpgconf --homedir $O --kill all"));
    house.keyring = keyring_open(house.home, "another", &error);
    g_assert_no_error(error);
    mail = house_file(&house, "mail");
    g_assert_null(house_try_open(&house, LAYER_PGP_ENCRYPTED, mail, NULL, &error));
    g_assert_error(error, MADO_ERROR, MADO_E_KEYS_LATER);
    house_leave(&house);
}

/* The agents of homes that were thrown away end with them. */
static void test_no_agent_is_left(void)
{
    struct house house;
    g_autofree char *left = NULL;

    build(&house);
    {
        g_autoptr(GPtrArray) seen = look(&house, "secret");
        g_assert_cmpuint(seen->len, ==, 1);
    }
    left = house_run(&house, "for i in $(seq 200); do pgrep -f \"gpg-agent --homedir $O/t-\" "
                             ">pids || break; sleep 0.05; done; cat pids | wc -l");
    g_assert_cmpstr(left, ==, "0");
    house_leave(&house);
}

/* What a worker left that was killed goes when the next one opens the home; what one is using
 * stays. */
static void test_what_was_left_behind(void)
{
    struct house house;
    g_autofree char *folder = NULL;
    struct keyring *second;
    int used;

    house_build(&house);
    g_free(house_run(&house, "mkdir -p $O/t-abcdef/private-keys-v1.d; touch $O/t-abcdef/x"));
    second = keyring_open(house.home, NULL, NULL);
    keyring_close(second);
    g_assert_false(house_has_temporary(&house));
    folder = g_build_filename(house.home, "t-abcdef", NULL);
    g_assert_cmpint(g_mkdir(folder, 0700), ==, 0);
    used = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    g_assert_cmpint(flock(used, LOCK_EX), ==, 0);
    second = keyring_open(house.home, NULL, NULL);
    keyring_close(second);
    g_assert_true(house_has_temporary(&house));
    close(used);
    g_rmdir(folder);
    house_leave(&house);
}

/* gpg reads gpg.conf-2 and not gpg.conf, if there is one: our options would say nothing. */
static void test_no_other_options_in_our_home(void)
{
    static const char *const rivals[] = {"gpg.conf-2", "gpgsm.conf-2.2", "gpg-agent.conf-2.2.40"};
    struct house house;

    house_build(&house);
    for (gsize i = 0; i < G_N_ELEMENTS(rivals); i++) {
        g_autofree char *path = g_build_filename(house.home, rivals[i], NULL);
        g_autoptr(GError) error = NULL;
        g_assert_true(g_file_set_contents(path, "max-output 10\n", -1, NULL));
        g_assert_null(keyring_open(house.home, NULL, &error));
        g_assert_error(error, MADO_ERROR, MADO_E_KEYS_REFUSED);
        g_assert_nonnull(strstr(error->message, rivals[i]));
        g_assert_cmpint(unlink(path), ==, 0);
    }
    house_leave(&house);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/keys-directory/looked-at", test_looked_at);
    g_test_add_func("/keys-directory/one", test_the_bytes_are_one_key);
    g_test_add_func("/keys-directory/small", test_small);
    g_test_add_func("/keys-directory/named", test_imported_by_name);
    g_test_add_func("/keys-directory/secret", test_secret_only_if_asked);
    g_test_add_func("/keys-directory/no-key", test_what_is_no_key_file);
    g_test_add_func("/keys-directory/weak", test_signed_by_itself_with_a_weak_digest);
    g_test_add_func("/keys-directory/too-large", test_too_large);
    g_test_add_func("/keys-directory/flooded", test_flooded);
    g_test_add_func("/keys-directory/checked-once", test_signatures_are_checked_once);
    g_test_add_func("/keys-directory/made", test_made);
    g_test_add_func("/keys-directory/not-made", test_what_is_not_made);
    g_test_add_func("/keys-directory/extended", test_extended_and_exported);
    g_test_add_func("/keys-directory/passphrase", test_passphrase);
    g_test_add_func("/keys-directory/agents", test_no_agent_is_left);
    g_test_add_func("/keys-directory/rivals", test_no_other_options_in_our_home);
    g_test_add_func("/keys-directory/left-behind", test_what_was_left_behind);
    return g_test_run();
}
