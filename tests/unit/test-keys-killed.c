/* gpg and its agent end at any moment: then the answer is "later", never a wrong one. */
#include "keys-house.h"
#include <mado/limits.h>
#include <signal.h>
#include <unistd.h>

#define PEER "Peer <peer@peer.example>"
#define TRUST "gpg -q --batch --trust-model always "
#define ROUNDS 40

static void build(struct house *house)
{
    house_build(house);
    g_free(house_run(house, "gpg -q --batch --passphrase '' --quick-gen-key '" PEER "' "
                            "ed25519 cert,sign 1y; head -c 200000 /dev/urandom >big"));
    g_free(house_meet(house, PEER));
    g_free(
        house_run(house, TRUST "-u '=" PEER "' -r '=" US "' -s -e -o sealed big; " TRUST "-R '=" US
                               "' -e -o hidden text; " TRUST "-u '=" PEER "' -b -o sig big"));
}

/* Ends gpg and the agent that this process has started, and no others, again and again. */
static GPid start_killer(const struct house *house)
{
    g_autofree char *script =
        g_strdup_printf("while kill -0 %d; do "
                        "pkill -KILL -P %d -x gpg; sleep 0.0$((RANDOM %% 3))1; "
                        "pkill -KILL -P %d -x 'gpg|gpg-agent'; "
                        "sleep 0.0$((RANDOM %% 5))3; done",
            getpid(), getpid(), getpid());
    const char *const argv[] = {"/bin/bash", "-c", script, NULL};
    GPid killer;

    g_assert_true(g_spawn_async(NULL, (char **)argv, NULL,
        G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &killer, NULL));
    return killer;
}

struct job {
    enum layer_kind kind;
    const char *payload, *signature;
};

static const struct job jobs[] = {
    {LAYER_PGP_ENCRYPTED, "sealed", NULL},
    {LAYER_PGP_ENCRYPTED, "hidden", NULL},
    {LAYER_PGP_SIGNED, "big", "sig"},
};

/* TRUE: done, as it should be. */
static gboolean try_one(struct house *house, const struct job *job)
{
    g_autoptr(GBytes) payload = house_file(house, job->payload);
    g_autoptr(GBytes) signature = job->signature ? house_file(house, job->signature) : NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(mado_opened) opened = house_try_open(house, job->kind, payload, signature, &error);

    if (!opened) {
        if (!g_error_matches(error, MADO_ERROR, MADO_E_KEYS_LATER))
            house_fail("%s: %s", job->payload, error->message);
        return FALSE;
    }
    if (opened->state != OPENED_DONE)
        house_fail("%s: %s, %s", job->payload, opened_state_name(opened->state), opened->why);
    else if (strcmp(job->payload, "hidden") != 0 &&
             (opened->signatures->len != 1 ||
                 ((struct signature *)opened->signatures->pdata[0])->state != SIGNATURE_GOOD))
        house_fail("%s: signature %s", job->payload,
            opened->signatures->len == 0
                ? "none"
                : signature_state_name(((struct signature *)opened->signatures->pdata[0])->state));
    return TRUE;
}

static void test_killed_while_it_works(void)
{
    struct house house;
    int done = 0, later = 0;
    GPid killer;

    build(&house);
    killer = start_killer(&house);
    for (int i = 0; i < ROUNDS; i++)
        for (gsize k = 0; k < G_N_ELEMENTS(jobs); k++)
            *(try_one(&house, &jobs[k]) ? &done : &later) += 1;
    kill(killer, SIGKILL);
    waitpid(killer, NULL, 0);
    g_test_message("%d done, %d later", done, later);
    g_assert_cmpint(later, >, 0);
    for (gsize k = 0; k < G_N_ELEMENTS(jobs); k++)
        while (!try_one(&house, &jobs[k]))
            ;
    house_leave(&house);
}

/* Of a key that we have, and of one that nobody names. */
static void test_no_agent(void)
{
    struct house house;

    for (int warm = 0; warm < 2; warm++) {
        build(&house);
        if (warm)
            for (gsize k = 0; k < G_N_ELEMENTS(jobs); k++)
                g_assert_true(try_one(&house, &jobs[k]));
        g_free(
            house_run(&house, "gpgconf --homedir $O --kill all; echo no-autostart >>$O/gpg.conf"));
        g_assert_false(try_one(&house, &jobs[0]));
        g_assert_false(try_one(&house, &jobs[1]));
        g_assert_true(try_one(&house, &jobs[2]));
        g_free(house_run(&house, "sed -i /no-auto/d $O/gpg.conf"));
        for (gsize k = 0; k < G_N_ELEMENTS(jobs); k++)
            g_assert_true(try_one(&house, &jobs[k]));
        house_leave(&house);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/keys-killed/no-agent", test_no_agent);
    g_test_add_func("/keys-killed/while-it-works", test_killed_while_it_works);
    return g_test_run();
}
