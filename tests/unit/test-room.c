/* When a disk is too full to take mail, and when it is well again. */
#include "room.h"
#include <errno.h>
#include <mado/limits.h>

#define MB (G_GUINT64_CONSTANT(1) << 20)
#define TB (MB << 20)

static void test_the_limits_hold_with_a_quarter_between(void)
{
    static const struct {
        guint64 left, all;
        enum room_state before, after;
    } rows[] = {
        /* 64 MB decide on a small disk */
        {64 * MB, 1000 * MB, ROOM_ENOUGH, ROOM_ENOUGH},
        {64 * MB - 1, 1000 * MB, ROOM_ENOUGH, ROOM_LOW},
        {64 * MB, 1000 * MB, ROOM_LOW, ROOM_LOW},
        {80 * MB - 1, 1000 * MB, ROOM_LOW, ROOM_LOW},
        {80 * MB, 1000 * MB, ROOM_LOW, ROOM_ENOUGH},
        /* 5 in a hundred on a large one */
        {500 * MB, 10000 * MB, ROOM_ENOUGH, ROOM_ENOUGH},
        {500 * MB - 1, 10000 * MB, ROOM_ENOUGH, ROOM_LOW},
        {625 * MB - 1, 10000 * MB, ROOM_LOW, ROOM_LOW},
        {625 * MB, 10000 * MB, ROOM_LOW, ROOM_ENOUGH},
        {8000000 * TB, 16000000 * TB, ROOM_LOW, ROOM_ENOUGH},
        /* 8 MB are left for what was begun */
        {8 * MB, 1000 * MB, ROOM_LOW, ROOM_LOW},
        {8 * MB - 1, 1000 * MB, ROOM_LOW, ROOM_NONE},
        {0, 1000 * MB, ROOM_ENOUGH, ROOM_NONE},
        {10 * MB - 1, 1000 * MB, ROOM_NONE, ROOM_NONE},
        {10 * MB, 1000 * MB, ROOM_NONE, ROOM_LOW},
        {70 * MB, 1000 * MB, ROOM_NONE, ROOM_LOW},
        {80 * MB, 1000 * MB, ROOM_NONE, ROOM_ENOUGH},
        {0, 0, ROOM_ENOUGH, ROOM_NONE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct room room = {rows[i].left, rows[i].all};
        if (room_judge(&room, rows[i].before) != rows[i].after)
            g_test_fail_printf("row %zu", i);
    }
}

static void test_a_folder_can_be_asked(void)
{
    struct room room = {0};

    g_assert_true(room_look("/", &room));
    g_assert_cmpuint(room.all, >, 0);
    g_assert_cmpuint(room.left, <=, room.all);
    g_assert_false(room_look("/no/such/folder", &room));
    g_assert_cmpint(errno, ==, ENOENT);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/room/limits", test_the_limits_hold_with_a_quarter_between);
    g_test_add_func("/room/look", test_a_folder_can_be_asked);
    return g_test_run();
}
