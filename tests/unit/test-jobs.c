/* The desk and its keys workers: each job ends once, whatever becomes of who had it. */
#include "errands-house.h"
#include <mado/limits.h>
#include <poll.h>

/* -- who asks -- */

struct heard {
    guint times;
    enum keys_outcome outcome;
    gsize keys; /* in the result */
    gboolean given_up;
    char *why;
};

static void done(struct desk *desk, gpointer data, const struct job_end *end)
{
    struct heard *told = data;

    told->times++;
    told->outcome = end->outcome;
    told->given_up = end->given_up;
    told->keys = end->result ? g_variant_n_children(end->result) : 0;
    g_free(told->why);
    told->why = g_strdup(end->why);
    g_assert_true((end->outcome == KEYS_DONE) == (end->result != NULL));
}

static void ask(struct house *house, struct heard *told)
{
    *told = (struct heard){0};
    jobs_do(&house->desk, KEYS_LIST, g_variant_new("()"), done, told);
    g_assert_cmpuint(told->times, ==, 0); /* never before this returns */
}

static void expect_told(struct heard *told, enum keys_outcome outcome, const char *why)
{
    g_assert_cmpuint(told->times, ==, 1);
    g_assert_cmpint(told->outcome, ==, outcome);
    g_assert_nonnull(strstr(told->why, why));
    g_clear_pointer(&told->why, g_free);
}

/* A turn of the desk's, with all that it may hand out. */
static void work_turn(struct house *house)
{
    turn(house);
    jobs_feed(&house->desk);
    turn(house);
}

/* -- the worker -- */

static guint64 expect_job(int worker)
{
    struct ipc_message message;
    g_autoptr(GVariant) argument = NULL;
    guint64 job;
    guint32 op;

    g_assert_true(ipc_receive(worker, &message, NULL));
    g_assert_cmpint(message.kind, ==, IPC_WORK);
    g_variant_get(message.body, "(tu)", &job, &op);
    g_assert_cmpint(op, ==, KEYS_LIST);
    argument = ipc_read_variant(message.fd, keys_argument(op), LIMIT_JOB_BYTES, NULL);
    g_assert_nonnull(argument);
    ipc_message_clear(&message);
    return job;
}

static int result_of(guint count)
{
    g_autoptr(GPtrArray) infos = g_ptr_array_new_with_free_func(key_info_free);
    int file = fd_new_memory("result", NULL);

    for (guint i = 0; i < count; i++) {
        struct key_info *info = key_info_new();
        info->bytes = g_bytes_new(NULL, 0);
        g_ptr_array_add(infos, info);
    }
    g_assert_true(ipc_write_variant(file, key_infos_to_variant(infos), NULL));
    return file;
}

static void say_worked(
    struct house *house, int worker, guint64 job, guint32 outcome, const char *why, int file)
{
    say(house, worker, IPC_WORKED, g_variant_new("(tus)", job, outcome, why), file);
    if (file >= 0)
        close(file);
    jobs_feed(&house->desk);
}

/* A new one in the place of one that has ended. */
static int restart(struct house *house, int worker, guint instance)
{
    close(worker);
    turn(house);
    return start_role(house, ROLE_KEYS, instance);
}

/* The pauses between tries are over. */
static void let_pauses_pass(struct house *house, int worker, guint64 *job)
{
    gint64 until = g_get_monotonic_time() + 30 * G_USEC_PER_SEC;
    struct pollfd on = {worker, POLLIN, 0};

    do
        work_turn(house);
    while (poll(&on, 1, 20) == 0 && g_get_monotonic_time() < until);
    *job = expect_job(worker);
}

/* Though the longest pause behind a first try is over. */
static void expect_nothing_for_now(struct house *house, int worker)
{
    gint64 until = g_get_monotonic_time() + G_USEC_PER_SEC / 2;
    struct pollfd on = {worker, POLLIN, 0};

    do
        work_turn(house);
    while (poll(&on, 1, 20) == 0 && g_get_monotonic_time() < until);
    expect_nothing(worker);
}

/* -- tests -- */

static void test_a_job_is_done(void)
{
    struct house house;
    struct heard told;
    int worker;

    house_open(&house);
    ask(&house, &told);
    work_turn(&house); /* nobody is there yet */
    g_assert_true(jobs_wait(&house.desk));
    worker = start_role(&house, ROLE_KEYS, 0);
    work_turn(&house);
    g_assert_true(jobs_in_hand(&house.desk) && !jobs_wait(&house.desk));
    say_worked(&house, worker, expect_job(worker), KEYS_DONE, "", result_of(3));
    expect_told(&told, KEYS_DONE, "");
    g_assert_cmpuint(told.keys, ==, 3);
    g_assert_false(jobs_in_hand(&house.desk));
    close(worker);
    house_close(&house);
}

static void test_a_refusal_and_a_later_are_final(void)
{
    struct house house;
    struct heard told;
    int worker;

    house_open(&house);
    worker = start_role(&house, ROLE_KEYS, 0);
    ask(&house, &told);
    work_turn(&house);
    say_worked(&house, worker, expect_job(worker), KEYS_REFUSED, "gpg says \033no", -1);
    expect_told(&told, KEYS_REFUSED, "gpg says \\x1Bno");
    ask(&house, &told);
    work_turn(&house);
    say_worked(&house, worker, expect_job(worker), KEYS_LATER, "the hour is full", -1);
    expect_told(&told, KEYS_LATER, "the hour is full");
    g_assert_false(told.given_up);
    work_turn(&house);
    expect_nothing(worker);
    close(worker);
    house_close(&house);
}

static void test_each_worker_has_its_next_with_it_in_order(void)
{
    struct house house;
    struct heard told[5];
    int first, second;
    guint64 one, two, behind_one, behind_two;

    house_open(&house);
    first = start_role(&house, ROLE_KEYS, 0);
    second = start_role(&house, ROLE_KEYS, 1);
    for (gsize i = 0; i < G_N_ELEMENTS(told); i++)
        ask(&house, &told[i]);
    work_turn(&house);
    one = expect_job(first);
    two = expect_job(second);
    behind_one = expect_job(first);
    behind_two = expect_job(second);
    expect_nothing(first);
    expect_nothing(second);
    g_assert_true(two == one + 1 && behind_one == one + 2 && behind_two == one + 3);
    say_worked(&house, second, two, KEYS_DONE, "", result_of(0));
    g_assert_cmpuint(told[0].times, ==, 0);
    expect_told(&told[1], KEYS_DONE, "");
    work_turn(&house);
    say_worked(&house, second, behind_two, KEYS_DONE, "", result_of(0));
    say_worked(&house, second, expect_job(second), KEYS_DONE, "", result_of(0));
    say_worked(&house, first, one, KEYS_DONE, "", result_of(0));
    say_worked(&house, first, behind_one, KEYS_DONE, "", result_of(0));
    for (gsize i = 0; i < G_N_ELEMENTS(told); i++)
        if (i != 1)
            expect_told(&told[i], KEYS_DONE, "");
    close(first);
    close(second);
    house_close(&house);
}

static void test_nobody_has_two_while_another_has_none(void)
{
    struct house house;
    struct heard told[2];
    int first, second;

    house_open(&house);
    first = start_role(&house, ROLE_KEYS, 0);
    second = start_role(&house, ROLE_KEYS, 1);
    ask(&house, &told[0]);
    ask(&house, &told[1]);
    work_turn(&house);
    expect_job(first);
    expect_job(second);
    close(first);
    close(second);
    house_close(&house);
}

static void test_what_was_behind_a_job_that_ends_its_worker_is_new(void)
{
    struct house house;
    struct heard bad, good, other;
    int worker;
    guint64 job, behind, again;

    house_open(&house);
    worker = start_role(&house, ROLE_KEYS, 0);
    ask(&house, &bad);
    ask(&house, &good);
    work_turn(&house);
    job = expect_job(worker);
    behind = expect_job(worker);
    worker = restart(&house, worker, 0);
    work_turn(&house);
    g_assert_cmpuint(expect_job(worker), ==, behind); /* at once: it has done nothing */
    say_worked(&house, worker, behind, KEYS_DONE, "", result_of(0));
    expect_told(&good, KEYS_DONE, "");
    let_pauses_pass(&house, worker, &again);
    g_assert_cmpuint(again, ==, job);
    ask(&house, &other);
    work_turn(&house);
    expect_nothing(worker); /* nothing waits behind one that was tried before */
    say_worked(&house, worker, job, KEYS_DONE, "", result_of(0));
    work_turn(&house);
    say_worked(&house, worker, expect_job(worker), KEYS_DONE, "", result_of(0));
    expect_told(&bad, KEYS_DONE, "");
    expect_told(&other, KEYS_DONE, "");
    close(worker);
    house_close(&house);
}

static void test_one_that_was_tried_is_given_alone(void)
{
    struct house house;
    struct heard bad, fresh;
    int worker;
    guint64 job;

    house_open(&house);
    worker = start_role(&house, ROLE_KEYS, 0);
    ask(&house, &bad);
    work_turn(&house);
    expect_job(worker);
    worker = restart(&house, worker, 0);
    ask(&house, &fresh);
    work_turn(&house);
    job = expect_job(worker);
    expect_nothing_for_now(&house, worker); /* not behind the one that it does */
    say_worked(&house, worker, job, KEYS_DONE, "", result_of(0));
    expect_told(&fresh, KEYS_DONE, "");
    let_pauses_pass(&house, worker, &job);
    say_worked(&house, worker, job, KEYS_DONE, "", result_of(0));
    expect_told(&bad, KEYS_DONE, "");
    close(worker);
    house_close(&house);
}

static void test_a_job_that_ends_its_worker_is_tried_again(void)
{
    struct house house;
    struct heard told;
    int worker;
    guint64 job, again;

    house_open(&house);
    worker = start_role(&house, ROLE_KEYS, 0);
    ask(&house, &told);
    work_turn(&house);
    job = expect_job(worker);
    worker = restart(&house, worker, 0);
    work_turn(&house);
    expect_nothing(worker); /* behind a pause */
    let_pauses_pass(&house, worker, &again);
    g_assert_cmpuint(again, ==, job);
    say_worked(&house, worker, again, KEYS_DONE, "", result_of(1));
    expect_told(&told, KEYS_DONE, "");
    close(worker);
    house_close(&house);
}

static void test_and_given_up_in_the_end(void)
{
    struct house house;
    struct heard told, other;
    int worker;
    guint64 job;

    house_open(&house);
    worker = start_role(&house, ROLE_KEYS, 0);
    ask(&house, &told);
    for (guint i = 0; i < LIMIT_JOB_TRIES; i++) {
        g_assert_cmpuint(told.times, ==, 0);
        let_pauses_pass(&house, worker, &job);
        if (i == 1) { /* meanwhile others are served */
            ask(&house, &other);
            worker = restart(&house, worker, 0);
            work_turn(&house);
            say_worked(&house, worker, expect_job(worker), KEYS_DONE, "", result_of(0));
            expect_told(&other, KEYS_DONE, "");
        } else {
            worker = restart(&house, worker, 0);
        }
    }
    work_turn(&house);
    expect_told(&told, KEYS_LATER, "6 times");
    g_assert_true(told.given_up);
    close(worker);
    house_close(&house);
}

static void test_who_takes_too_long_is_ended(void)
{
    struct house house;
    struct heard told;
    int worker, at_rest;
    guint64 job;

    house_open(&house);
    house.settings->keys.patience = 0;
    worker = start_role(&house, ROLE_KEYS, 0);
    at_rest = start_role(&house, ROLE_KEYS, 1);
    ask(&house, &told);
    work_turn(&house);
    job = expect_job(worker);
    g_assert_cmpuint(job, !=, 0);
    jobs_feed(&house.desk);
    g_assert_true(is_cut_off(worker));
    g_assert_true(is_cut_off(at_rest)); /* the agent that hangs may be its child */
    g_assert_true(was_killed(&house, ROLE_KEYS, 0));
    g_assert_true(jobs_wait(&house.desk));
    g_assert_cmpuint(told.times, ==, 0);
    close(worker);
    close(at_rest);
    house_close(&house);
}

static void test_those_that_were_tried_leave_a_worker_to_others(void)
{
    struct house house;
    struct heard told[2], fresh;
    int first, second;
    guint64 job;

    house_open(&house);
    first = start_role(&house, ROLE_KEYS, 0);
    second = start_role(&house, ROLE_KEYS, 1);
    ask(&house, &told[0]);
    ask(&house, &told[1]);
    work_turn(&house);
    expect_job(first);
    expect_job(second);
    first = restart(&house, first, 0);
    second = restart(&house, second, 1);
    let_pauses_pass(&house, first, &job);
    expect_nothing_for_now(&house, second);
    ask(&house, &fresh);
    work_turn(&house);
    say_worked(&house, second, expect_job(second), KEYS_DONE, "", result_of(0));
    expect_told(&fresh, KEYS_DONE, "");
    close(first);
    close(second);
    house_close(&house);
}

/* -- a worker that was broken -- */

static void try_lie(guint64 job_offset, guint32 outcome, int (*file)(void))
{
    struct house house;
    struct heard told;
    int worker;

    house_open(&house);
    worker = start_role(&house, ROLE_KEYS, 0);
    ask(&house, &told);
    work_turn(&house);
    say_worked(&house, worker, expect_job(worker) + job_offset, outcome, "", file ? file() : -1);
    g_assert_true(is_cut_off(worker));
    g_assert_true(was_killed(&house, ROLE_KEYS, 0));
    g_assert_cmpuint(told.times, ==, 0);
    g_assert_true(jobs_wait(&house.desk)); /* tried again */
    close(worker);
    house_close(&house);
}

static int a_result(void)
{
    return result_of(1);
}

static int no_result(void)
{
    int file = fd_new_memory("result", NULL);

    g_assert_true(fd_write_all(file, "\1\2\3\4\5\6\7\377", 8, NULL));
    return file;
}

static int no_memory_file(void)
{
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void test_a_worker_that_lies_is_ended(void)
{
    try_lie(1, KEYS_DONE, a_result);
    try_lie(0, KEYS_DONE, no_result);
    try_lie(0, KEYS_DONE, no_memory_file);
    try_lie(0, KEYS_DONE, NULL);
    try_lie(0, KEYS_REFUSED, a_result);
    try_lie(0, KEYS_OUTCOMES, NULL);
}

static void test_a_worker_without_a_job_has_nothing_to_say(void)
{
    struct house house;
    int worker;

    house_open(&house);
    worker = start_role(&house, ROLE_KEYS, 0);
    say_worked(&house, worker, 0, KEYS_DONE, "", result_of(1));
    g_assert_true(is_cut_off(worker));
    close(worker);
    house_close(&house);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/jobs/done", test_a_job_is_done);
    g_test_add_func("/jobs/final", test_a_refusal_and_a_later_are_final);
    g_test_add_func("/jobs/order", test_each_worker_has_its_next_with_it_in_order);
    g_test_add_func("/jobs/spread", test_nobody_has_two_while_another_has_none);
    g_test_add_func("/jobs/behind", test_what_was_behind_a_job_that_ends_its_worker_is_new);
    g_test_add_func("/jobs/alone", test_one_that_was_tried_is_given_alone);
    g_test_add_func("/jobs/again", test_a_job_that_ends_its_worker_is_tried_again);
    g_test_add_func("/jobs/given up", test_and_given_up_in_the_end);
    g_test_add_func("/jobs/too long", test_who_takes_too_long_is_ended);
    g_test_add_func("/jobs/fair", test_those_that_were_tried_leave_a_worker_to_others);
    g_test_add_func("/jobs/lies", test_a_worker_that_lies_is_ended);
    g_test_add_func("/jobs/no job", test_a_worker_without_a_job_has_nothing_to_say);
    return g_test_run();
}
