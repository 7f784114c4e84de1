/* outbox: letters of ours, one of them, and what is done with it. */
#include "madoctl.h"
#include <inttypes.h>
#include <string.h>

static const struct column columns[] = {
    {"ID", "id", CELL_COUNT},
    {"STATE", "state", CELL_WORD},
    {"AGE", "age_seconds", CELL_AGE, "created"},
    {"KIND", "kind", CELL_TEXT},
    {"TICKET", "ticket", CELL_TEXT},
    {"TRIES", "attempts", CELL_COUNT},
    {"TO", "to", CELL_TEXT},
    {"SUBJECT", "subject", CELL_TEXT},
    {NULL},
};

/* -- outbox [list] [STATE] -- */

static json_t *list_args(char **words, const struct options *options, GError **error)
{
    if (*words && g_str_equal(*words, "list"))
        words++;
    return *words ? view_one_word(words, "state", "", error) : json_object();
}

static void draw_why(struct screen *screen, const json_t *row)
{
    g_autofree char *text = g_strdup_printf(_("Letter %" PRIi64 " to %s: %s"),
        row_number(row, "id"), row_text(row, "to"), row_text(row, "reply"));

    screen_wrap(screen, 0, text);
}

static void draw_list(struct screen *screen, json_t *rows, gboolean first)
{
    gsize i;
    json_t *row;

    view_table(screen, columns, rows, first, "No such letters.");
    json_array_foreach(rows, i, row)
        if (screen->terminal && (g_str_equal(row_text(row, "state"), "failed") ||
                                    g_str_equal(row_text(row, "state"), "held")))
            draw_why(screen, row);
}

/* -- hold [list] -- */

static json_t *held_args(char **words, const struct options *options, GError **error)
{
    if (!*words || (g_str_equal(*words, "list") && !words[1]))
        return json_object();
    view_usage(error, "There is no hold %s. Nothing was changed. See: madoctl help hold", *words);
    return NULL;
}

/* -- outbox show ID -- */

static json_t *id_args(char **words, const struct options *options, GError **error)
{
    return view_one_word(words, "id", "Which letter? See: madoctl outbox.", error);
}

static void draw_headers(struct screen *screen, const json_t *row)
{
    gsize i;
    json_t *one;

    if (screen->terminal)
        screen_print(screen, PLAIN, "\n");
    json_array_foreach(json_object_get(row, "headers"), i, one)
        if (screen->terminal)
            screen_print(screen, PLAIN, "%s\n", json_string_value(one));
        else
            screen_cells(screen, "header", json_string_value(one), NULL);
}

static void draw_dropped(struct screen *screen, const json_t *row)
{
    g_autofree char *text =
        g_strdup_printf("by %s: %s", row_text(row, "dropped_by"), row_text(row, "dropped_why"));

    if (*row_text(row, "dropped_by"))
        view_fact(screen, "Dropped", text);
}

static void draw_next(struct screen *screen, const json_t *row)
{
    static const char *const open[] = {"deferred", "failed", "unknown", NULL};

    if (screen->terminal && g_strv_contains(open, row_text(row, "state")))
        screen_print(screen, PLAIN,
            "\nNext:  madoctl outbox retry %" PRIi64 "\n       madoctl outbox drop %" PRIi64
            " --reason TEXT\n",
            row_number(row, "id"), row_number(row, "id"));
    if (screen->terminal && g_str_equal(row_text(row, "state"), "held"))
        screen_print(screen, PLAIN,
            "\nNext:  madoctl hold release %" PRIi64 " --reason TEXT"
            "\n       madoctl hold drop %" PRIi64 " --reason TEXT\n",
            row_number(row, "id"), row_number(row, "id"));
}

/* What was done to protect it, and what is yet to be done. */
static void draw_protection(struct screen *screen, const json_t *row)
{
    g_autofree char *to = view_texts(row, "sealed_to");
    g_autofree char *gate =
        g_strdup_printf("%s: %s", row_text(row, "gate"), row_text(row, "gate_why"));

    view_fact(screen, "To be done",
        g_str_equal(row_text(row, "to_do"), "seal")   ? _("signed and sealed")
        : g_str_equal(row_text(row, "to_do"), "sign") ? "signed"
                                                      : "");
    view_fact(screen, "Signed with", row_text(row, "signed_with"));
    view_fact(screen, "Sealed to", to);
    if (*row_text(row, "gate"))
        view_fact(screen, "Gate says now", gate);
}

static void draw_files(struct screen *screen, const json_t *row)
{
    gsize i;
    json_t *file;

    json_array_foreach(json_object_get(row, "files"), i, file) {
        g_autofree char *text =
            g_strdup_printf("%s, SHA-256 %s%s%s", row_text(file, "name"), row_text(file, "sha256"),
                *row_text(file, "wraps") ? _(", with a stranger's file ") : "",
                row_text(file, "wraps"));
        view_fact(screen, "Attached", text);
    }
}

static void draw_letter(struct screen *screen, const json_t *row)
{
    g_autofree char *tries = g_strdup_printf("%" PRIi64, row_number(row, "attempts"));
    g_autofree char *size = ctl_bytes((guint64)row_number(row, "size"));

    screen_print(screen, BOLD, "Letter %" PRIi64, row_number(row, "id"));
    screen_print(screen, PLAIN, "   %s   ", row_text(row, "kind"));
    screen_print(screen, screen_style(row_text(row, "state")), "%s", row_text(row, "state"));
    screen_print(screen, PLAIN, "   %s\n", size);
    view_fact(screen, "Ticket", row_text(row, "ticket"));
    view_fact(
        screen, "Sender", *row_text(row, "from") ? row_text(row, "from") : _("<> (no bounces)"));
    view_fact(screen, "Recipient", row_text(row, "to"));
    view_fact(screen, "Message-ID", row_text(row, "message_id"));
    view_time(screen, "Queued", row, "created");
    view_time(screen, "Changed", row, "changed");
    view_time(screen, "Next try", row, "next_try");
    view_fact(screen, "Tries", tries);
    view_fact(screen, g_str_equal(row_text(row, "state"), "held") ? "Held because" : _("Answer"),
        row_text(row, "reply"));
    draw_protection(screen, row);
    draw_dropped(screen, row);
    view_deliveries(screen, row);
    draw_files(screen, row);
    draw_headers(screen, row);
    draw_next(screen, row);
}

static void draw_show(struct screen *screen, json_t *rows, gboolean first)
{
    gsize i;
    json_t *row;

    json_array_foreach(rows, i, row)
        draw_letter(screen, row);
}

/* -- outbox retry ID -- */

void view_changed_letter(struct screen *screen, const json_t *row, const char *what)
{
    g_autofree char *id = g_strdup_printf("%" PRIi64, row_number(row, "id"));

    if (!screen->terminal) {
        screen_cells(screen, id, row_text(row, "state"), row_text(row, "to"),
            row_text(row, "warning"), NULL);
        return;
    }
    screen_print(screen, PLAIN, "Letter %s to %s %s.\n", id, row_text(row, "to"), what);
    if (*row_text(row, "warning"))
        screen_print(screen, NOTICE, "%s\n", row_text(row, "warning"));
}

static void draw_retry(struct screen *screen, json_t *rows, gboolean first)
{
    gsize i;
    json_t *row;

    json_array_foreach(rows, i, row)
        view_changed_letter(screen, row, _("is sent again"));
}

const struct view view_outbox = {"outbox", list_args, draw_list, .latest = TRUE};
const struct view view_outbox_show = {"outbox show", id_args, draw_show, .pager = TRUE};
const struct view view_outbox_retry = {"outbox retry", id_args, draw_retry};
const struct view view_hold = {"hold", held_args, draw_list};
const struct view view_hold_show = {"hold show", id_args, draw_show, .pager = TRUE};
