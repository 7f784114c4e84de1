/* Who may hand over, accept, and say that something was read; and that who keeps watch at night has
 * the rights of that while they do. */
#include "control-house.h"
#include "clock.h"
#include "control-answers.h"
#include "control-duty.h"
#include "now.h"

/* A Friday, 10:00 in Tokyo. */
#define MORNING "2026-11-20T10:00:00+09:00"
#define EVENING "2026-11-20T18:00:00+09:00"

static char *only_day[] = {(char *)"tanaka", NULL}, *only_night[] = {(char *)"soc", NULL};

static void add_operator(struct house *house, const char *user, const char *role)
{
    struct member *member = g_new0(struct member, 1);
    g_autofree char *address = g_strconcat(user, "@sakura.example", NULL);

    member->user = g_strdup(user);
    member->name = g_strdup(user);
    member->role = g_strdup(role);
    member->addresses = g_new0(char *, 2);
    member->addresses[0] = g_steal_pointer(&address);
    g_ptr_array_add(house->settings->operators, member);
}

static void set_now(const char *text)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(now_fix_from_text(text, &error));
    g_assert_no_error(error);
}

static void open_duty(struct house *house)
{
    house_open(house, 0);
    add_operator(house, "tanaka", "handler");
    add_operator(house, "suzuki", "handler");
    add_operator(house, "soc", "night");
    add_operator(house, "soc2", "night");
    add_operator(house, "sato", "commander");
    g_free(house->settings->team.timezone);
    house->settings->team.timezone = g_strdup("Asia/Tokyo");
    g_strfreev(house->settings->duty.day);
    g_strfreev(house->settings->duty.night);
    house->settings->duty.day = g_strdupv(only_day);
    house->settings->duty.night = g_strdupv(only_night);
    house->context.clock = clock_new(house->settings, NULL, NULL);
    set_now(MORNING);
}

static void close_duty(struct house *house)
{
    clock_free((struct clock *)house->context.clock);
    house_close(house);
}

/* Its code, or 0. */
static int asks(const struct house *house, const char *user, enum ctl_role role,
    const char *command, const char *args)
{
    const struct asker asker = {user, duty_role(&house->context, user, role)};
    g_autoptr(GString) lines = g_string_new(NULL);
    json_t *given = json_loads(args, 0, NULL), *row;
    const char *last;
    int code;

    if (asker.role < ctl_find(command)->role) {
        json_decref(given);
        return MADO_E_FORBIDDEN;
    }
    control_answer(&house->context, &asker, ctl_find(command), given, lines);
    json_decref(given);
    g_string_truncate(lines, lines->len - 1);
    last = strrchr(lines->str, '\n');
    row = json_loads(last ? last + 1 : lines->str, 0, NULL);
    code = (int)json_integer_value(json_object_get(json_object_get(row, "error"), "code"));
    json_decref(row);
    return code;
}

static void test_night_is_a_role_for_who_is_on_duty(void)
{
    struct house house;

    open_duty(&house);
    g_assert_cmpint(duty_role(&house.context, "soc", CTL_NIGHT), ==, CTL_VIEWER);
    g_assert_cmpint(duty_role(&house.context, "soc2", CTL_NIGHT), ==, CTL_VIEWER);
    for (enum ctl_role role = CTL_ROLE_NONE; role <= CTL_ADMIN; role++)
        if (role != CTL_NIGHT)
            g_assert_cmpint(duty_role(&house.context, "tanaka", role), ==, role);
    g_assert_cmpint(asks(&house, "tanaka", CTL_HANDLER, "duty handover", "{}"), ==, 0);
    g_assert_cmpint(duty_role(&house.context, "soc", CTL_NIGHT), ==, CTL_VIEWER);
    g_assert_cmpint(asks(&house, "soc", CTL_NIGHT, "duty accept", "{}"), ==, 0);
    g_assert_cmpint(duty_role(&house.context, "soc", CTL_NIGHT), ==, CTL_NIGHT);
    g_assert_cmpint(duty_role(&house.context, "soc2", CTL_NIGHT), ==, CTL_VIEWER);
    /* whatever the clock says, until the other accepts */
    set_now("2026-11-24T12:00:00+09:00");
    g_assert_cmpint(duty_role(&house.context, "soc", CTL_NIGHT), ==, CTL_NIGHT);
    g_assert_cmpint(asks(&house, "tanaka", CTL_HANDLER, "duty accept", "{}"), ==, 0);
    g_assert_cmpint(duty_role(&house.context, "soc", CTL_NIGHT), ==, CTL_VIEWER);
    close_duty(&house);
}

/* Where nobody has shifts, the configuration alone says who may what. */
static void test_without_shifts_a_role_is_what_it_is(void)
{
    struct house house;

    open_duty(&house);
    g_clear_pointer(&house.settings->duty.day, g_strfreev);
    g_clear_pointer(&house.settings->duty.night, g_strfreev);
    house.settings->duty.day = g_new0(char *, 1);
    house.settings->duty.night = g_new0(char *, 1);
    g_assert_cmpint(duty_role(&house.context, "soc", CTL_NIGHT), ==, CTL_NIGHT);
    g_assert_cmpint(asks(&house, "tanaka", CTL_HANDLER, "duty", "{}"), ==, MADO_E_CONFIG_REFERENCE);
    close_duty(&house);
}

static void test_who_may_hand_over_and_accept(void)
{
    static const struct {
        const char *now, *user;
        enum ctl_role role;
        const char *command, *args;
        int code;
    } rows[] = {
        {MORNING, "suzuki", CTL_HANDLER, "duty handover", "{}", MADO_E_FORBIDDEN},
        {MORNING, "soc", CTL_NIGHT, "duty handover", "{}", MADO_E_FORBIDDEN},
        {MORNING, "tanaka", CTL_HANDLER, "duty set", "{\"when\":\"now\",\"user\":\"suzuki\"}",
            MADO_E_FORBIDDEN},
        {MORNING, "soc", CTL_NIGHT, "duty set", "{\"when\":\"2026-11-24\",\"user\":\"soc\"}",
            MADO_E_FORBIDDEN},
        {MORNING, "soc", CTL_NIGHT, "duty accept", "{}", MADO_E_FORBIDDEN},     /* not their turn */
        {MORNING, "tanaka", CTL_HANDLER, "duty accept", "{}", MADO_E_BAD_DATA}, /* is already */
        {EVENING, "suzuki", CTL_HANDLER, "duty accept", "{}", MADO_E_FORBIDDEN},
        {MORNING, "tanaka", CTL_HANDLER, "duty handover", "{\"to\":\"soc\"}", 0},
        {MORNING, "suzuki", CTL_HANDLER, "duty accept", "{}", MADO_E_FORBIDDEN},
        {MORNING, "tanaka", CTL_HANDLER, "duty accept", "{\"handover\":\"H-2026-0099\"}",
            MADO_E_NO_SUCH},
        {MORNING, "soc", CTL_NIGHT, "duty accept", "{\"handover\":\"H-2026-0001\"}", 0},
        {MORNING, "soc", CTL_NIGHT, "duty accept", "{\"handover\":\"H-2026-0001\"}",
            MADO_E_BAD_DATA},
        {MORNING, "sato", CTL_COMMANDER, "duty handover", "{\"to\":\"suzuki\"}", 0},
        {MORNING, "sato", CTL_COMMANDER, "duty set", "{\"when\":\"now\",\"user\":\"tanaka\"}", 0},
        /* who handed over is on duty no more, and who is has said nothing */
        {MORNING, "suzuki", CTL_HANDLER, "duty accept", "{}", MADO_E_FORBIDDEN},
        {MORNING, "soc2", CTL_NIGHT, "duty accept", "{\"handover\":\"H-2026-0002\"}",
            MADO_E_FORBIDDEN},
        {MORNING, "tanaka", CTL_HANDLER, "duty handover", "{\"to\":\"suzuki\"}", 0},
        {MORNING, "suzuki", CTL_HANDLER, "duty accept", "{}", 0},
    };
    struct house house;

    open_duty(&house);
    g_assert_true(store_begin(house.store, NULL));
    g_assert_true(store_begin_duty(
        house.store, &(struct duty_begin){"tanaka", "mado", 0, now_seconds()}, NULL));
    g_assert_true(store_commit(house.store, NULL));
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        int code;
        set_now(rows[i].now);
        code = asks(&house, rows[i].user, rows[i].role, rows[i].command, rows[i].args);
        if (code != rows[i].code)
            g_error("row %" G_GSIZE_FORMAT ", %s %s: %d", i, rows[i].user, rows[i].command, code);
    }
    close_duty(&house);
}

/* -- who says that it was read -- */

static void tell(struct house *house, const char *target, const char *address)
{
    g_autofree char *cause = g_strconcat("escalation:", address, NULL);
    g_autoptr(GBytes) bytes = g_bytes_new_static("x", 1);
    guint64 letter = 0;
    gboolean queued;
    const struct new_letter wanted = {.kind = "notice",
        .cause = cause,
        .sender = "",
        .recipient = address,
        .subject = "x",
        .message_id = cause,
        .incident = 1,
        .bytes = bytes,
        .at = now_seconds()};
    g_autoptr(GError) error = NULL;

    g_assert_true(store_begin(house->store, &error));
    store_queue_letter(house->store, &wanted, &queued, &error);
    g_assert_no_error(error);
    store_find_letter(house->store, "notice", cause, &letter, &error);
    store_keep_escalation(house->store,
        &(struct escalated){1, letter, target, address, "mado", now_seconds()}, &error);
    store_keep_escalation_step(
        house->store, &(struct escalation_step){1, (char *)target, 1, 1, 1, 0, G_MAXINT32}, &error);
    g_assert_no_error(error);
    g_assert_true(store_commit(house->store, &error));
}

static void test_who_may_say_that_it_was_read(void)
{
    static const struct {
        const char *user;
        enum ctl_role role;
        const char *args;
        int code;
    } rows[] = {
        {"viewer", CTL_VIEWER, "{\"id\":\"1\"}", MADO_E_BAD_DATA},
        {"viewer", CTL_VIEWER, "{\"id\":\"1\",\"how\":\"they say so\"}", MADO_E_BAD_DATA},
        {"suzuki", CTL_HANDLER, "{\"id\":\"1\"}", MADO_E_USAGE},
        {"suzuki", CTL_HANDLER, "{\"id\":\"1\",\"target\":\"press\"}", MADO_E_USAGE},
        {"sato", CTL_VIEWER, "{\"id\":\"1\",\"target\":\"commander\"}", 0}, /* they were told */
        {"sato", CTL_VIEWER, "{\"id\":\"1\",\"target\":\"commander\"}", MADO_E_BAD_DATA},
        {"suzuki", CTL_HANDLER, "{\"id\":\"1\",\"how\":\"by telephone\"}", 0},
        {"suzuki", CTL_HANDLER, "{\"id\":\"1\",\"how\":\"by telephone\"}", MADO_E_BAD_DATA},
    };
    struct house house;

    open_duty(&house);
    open_tickets(&house, 1);
    tell(&house, "management", "ciso@sakura.example");
    tell(&house, "commander", "sato@sakura.example");
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        int code = asks(&house, rows[i].user, rows[i].role, "ack-escalation", rows[i].args);
        if (code != rows[i].code)
            g_error("row %" G_GSIZE_FORMAT ", %s: %d", i, rows[i].user, code);
    }
    close_duty(&house);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/control-duty/night", test_night_is_a_role_for_who_is_on_duty);
    g_test_add_func("/control-duty/without shifts", test_without_shifts_a_role_is_what_it_is);
    g_test_add_func("/control-duty/who may", test_who_may_hand_over_and_accept);
    g_test_add_func("/control-duty/read", test_who_may_say_that_it_was_read);
    return g_test_run();
}
