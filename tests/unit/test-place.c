/* One store in the place of another: wherever that was left, there is one whole store, and the one
 * before it is not lost. */
#include "place.h"
#include "store-help.h"
#include <fcntl.h>
#include <sys/wait.h>

struct stage {
    char *folder, *path, *fresh, *aside, *mark;
};

static char *in(const struct stage *stage, const char *name)
{
    return g_build_filename(stage->folder, name, NULL);
}

static struct stage stage_new(void)
{
    struct stage stage = {.folder = g_dir_make_tmp("mado-place-XXXXXX", NULL)};

    stage.path = in(&stage, "mado.db");
    stage.fresh = in(&stage, "fresh.db");
    stage.aside = in(&stage, "before.db");
    stage.mark = g_strconcat(stage.path, PLACE_MARK, NULL);
    return stage;
}

static void stage_clear(struct stage *stage)
{
    folder_remove(stage->folder);
    g_free(stage->path);
    g_free(stage->fresh);
    g_free(stage->aside);
    g_free(stage->mark);
}

static void put(const char *path, const char *suffix, const char *text)
{
    g_autofree char *name = g_strconcat(path, suffix, NULL);

    g_assert_true(g_file_set_contents(name, text, -1, NULL));
}

/* "" where there is no such file. */
static void has(const char *path, const char *suffix, const char *text)
{
    g_autofree char *name = g_strconcat(path, suffix, NULL);
    g_autofree char *found = NULL;

    g_file_get_contents(name, &found, NULL, NULL);
    g_assert_cmpstr(found ? found : "", ==, text);
}

static void test_the_first_store_takes_an_empty_place(void)
{
    struct stage stage = stage_new();

    put(stage.fresh, "", "new");
    MUST(store_take_place(stage.fresh, stage.path, stage.aside, &error));
    has(stage.path, "", "new");
    has(stage.fresh, "", "");
    has(stage.aside, "", "");
    has(stage.mark, "", "");
    stage_clear(&stage);
}

static void test_the_one_before_goes_aside_with_all_that_is_its_own(void)
{
    static const char *const beside[] = {"-wal", "-shm", "-journal"};
    struct stage stage = stage_new();

    put(stage.path, "", "old");
    for (gsize i = 0; i < G_N_ELEMENTS(beside); i++)
        put(stage.path, beside[i], beside[i]);
    put(stage.fresh, "", "new");
    MUST(store_take_place(stage.fresh, stage.path, stage.aside, &error));
    has(stage.path, "", "new");
    has(stage.aside, "", "old");
    for (gsize i = 0; i < G_N_ELEMENTS(beside); i++) {
        has(stage.path, beside[i], "");
        has(stage.aside, beside[i], beside[i]);
    }
    has(stage.mark, "", "");
    stage_clear(&stage);
}

static void test_what_is_not_there_takes_no_place(void)
{
    struct stage stage = stage_new();

    put(stage.path, "", "old");
    MUST_FAIL(store_take_place(stage.fresh, stage.path, stage.aside, &error), MADO_E_STORE_WRITE);
    has(stage.path, "", "old");
    has(stage.mark, "", "");
    stage_clear(&stage);
}

/* -- left anywhere: the next who opens it does the rest -- */

static void write_mark(const struct stage *stage)
{
    g_autofree char *text = g_strdup_printf("%s\n%s\n", stage->fresh, stage->aside);

    put(stage->mark, "", text);
}

/* What is there, a letter each: p path, w its -wal, f fresh, a aside, A its -wal. */
static void test_it_is_ended_from_wherever_it_was_left(void)
{
    static const char *const left[] = {"pwf", "pwfa", "pfaA", "paA"};

    for (gsize i = 0; i < G_N_ELEMENTS(left); i++) {
        struct stage stage = stage_new();
        gboolean over = !strchr(left[i], 'f');
        g_test_message("%s", left[i]);
        put(stage.path, "", over ? "new" : "old");
        if (strchr(left[i], 'w'))
            put(stage.path, "-wal", "old commits");
        if (strchr(left[i], 'f'))
            put(stage.fresh, "", "new");
        if (strchr(left[i], 'a') && !over)
            g_assert_cmpint(link(stage.path, stage.aside), ==, 0);
        else if (over)
            put(stage.aside, "", "old");
        if (strchr(left[i], 'A'))
            put(stage.aside, "-wal", "old commits");
        write_mark(&stage);
        MUST(place_finish(stage.path, &error));
        has(stage.path, "", "new");
        has(stage.path, "-wal", "");
        has(stage.aside, "", "old");
        has(stage.aside, "-wal", "old commits");
        has(stage.mark, "", "");
        MUST(place_finish(stage.path, &error)); /* and there is no more to do */
        has(stage.path, "", "new");
        stage_clear(&stage);
    }
}

static void test_a_mark_that_says_nothing_is_not_followed(void)
{
    static const char *const marks[] = {"", "one\n", "one\ntwo", "no names at all"};

    for (gsize i = 0; i < G_N_ELEMENTS(marks); i++) {
        struct stage stage = stage_new();
        put(stage.path, "", "old");
        put(stage.mark, "", marks[i]);
        MUST_FAIL(place_finish(stage.path, &error), MADO_E_STORE_WRITE);
        has(stage.path, "", "old");
        has(stage.mark, "", marks[i]);
        stage_clear(&stage);
    }
}

static void test_opening_a_store_ends_it(void)
{
    struct stage stage = stage_new();
    g_autoptr(mado_store) store = NULL;
    guint64 incident = 0;

    MUST(store = store_open(stage.fresh, &error));
    MUST(store_begin(store, &error));
    report(store, "new", "text", "TLP:GREEN", &incident);
    MUST(store_commit(store, &error));
    g_clear_pointer(&store, store_close);
    MUST(store = store_open(stage.path, &error));
    g_clear_pointer(&store, store_close);
    write_mark(&stage);
    MUST(store = store_open(stage.path, &error));
    g_assert_cmpint(count(store, "SELECT count(*) FROM incident"), ==, 1);
    g_clear_pointer(&store, store_close);
    stage_clear(&stage);
}

/* -- who has it -- */

static void test_an_open_store_is_told(void)
{
    struct stage stage = stage_new();
    struct flock lock = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0x40000000, .l_len = 1};
    int tell[2], end[2], fd;
    char byte = 0;
    pid_t child;

    g_assert_false(store_is_open(stage.path));
    put(stage.path, "", "a store");
    g_assert_false(store_is_open(stage.path));
    g_assert_cmpint(pipe(tell) | pipe(end), ==, 0);
    if ((child = fork()) == 0) { /* one's own locks are not told */
        fd = open(stage.path, O_RDWR);
        byte = fcntl(fd, F_SETLK, &lock) == 0 ? 'y' : 'n';
        close(end[1]);
        _exit(write(tell[1], &byte, 1) != 1 || read(end[0], &byte, 1) != 0);
    }
    close(end[0]);
    g_assert_cmpint(read(tell[0], &byte, 1), ==, 1);
    g_assert_cmpint(byte, ==, 'y');
    g_assert_true(store_is_open(stage.path));
    close(end[1]);
    g_assert_cmpint(read(tell[0], &byte, 0), ==, 0);
    close(tell[0]);
    close(tell[1]);
    g_assert_cmpint(waitpid(child, NULL, 0), ==, child);
    g_assert_false(store_is_open(stage.path));
    stage_clear(&stage);
}

static void test_a_store_is_removed_whole(void)
{
    static const char *const all[] = {"", "-wal", "-shm", "-journal"};
    struct stage stage = stage_new();

    for (gsize i = 0; i < G_N_ELEMENTS(all); i++)
        put(stage.path, all[i], "x");
    put(stage.path, ".other", "stays");
    store_remove_file(stage.path);
    for (gsize i = 0; i < G_N_ELEMENTS(all); i++)
        has(stage.path, all[i], "");
    has(stage.path, ".other", "stays");
    stage_clear(&stage);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func(
        "/place/the first store takes an empty place", test_the_first_store_takes_an_empty_place);
    g_test_add_func("/place/the one before goes aside",
        test_the_one_before_goes_aside_with_all_that_is_its_own);
    g_test_add_func(
        "/place/what is not there takes no place", test_what_is_not_there_takes_no_place);
    g_test_add_func(
        "/place/it is ended from wherever it was left", test_it_is_ended_from_wherever_it_was_left);
    g_test_add_func("/place/a mark that says nothing is not followed",
        test_a_mark_that_says_nothing_is_not_followed);
    g_test_add_func("/place/opening a store ends it", test_opening_a_store_ends_it);
    g_test_add_func("/place/an open store is told", test_an_open_store_is_told);
    g_test_add_func("/place/a store is removed whole", test_a_store_is_removed_whole);
    return g_test_run();
}
