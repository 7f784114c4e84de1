/* inbox: mail that a person sorts, and what they say of it. */
#include "madoctl.h"
#include "reason.h"
#include <inttypes.h>
#include <string.h>

static const struct column columns[] = {
    {"MAIL", "mail", CELL_COUNT},
    {"AGE", "age_seconds", CELL_AGE, "arrived"},
    {"CLAIMS", "claims", CELL_TEXT},
    {"FROM", "from.address", CELL_TEXT},
    {"SUBJECT", "subject", CELL_TEXT},
    {NULL},
};

/* -- list -- */

static json_t *list_args(char **words, const struct options *options, GError **error)
{
    if (!*words || (g_str_equal(*words, "list") && !words[1]))
        return json_object();
    view_usage(error, "There is no inbox %s. Nothing was changed. See: madoctl help inbox", *words);
    return NULL;
}

static void draw_why(struct screen *screen, const json_t *row)
{
    g_autofree char *why = reason_said(row_text(row, "why"));
    g_autofree char *text = g_strdup_printf("%" PRIi64 ": %s", row_number(row, "mail"), why);

    screen_wrap(screen, 0, text);
}

static void draw_list(struct screen *screen, json_t *rows, gboolean first)
{
    gsize i;
    json_t *row;

    view_table(screen, columns, rows, first, "No mail waits to be sorted.");
    if (!screen->terminal || !json_array_size(rows))
        return;
    screen_print(screen, PLAIN, "\n");
    json_array_foreach(rows, i, row)
        draw_why(screen, row);
}

static void finish_list(struct screen *screen, guint64 rows)
{
    if (rows)
        screen_print(screen, PLAIN,
            "\nNext:  madoctl inbox show ID      madoctl inbox accept ID\n"
            "       madoctl inbox attach ID TICKET, feed ID, spam ID, reject ID\n");
}

/* -- show -- */

static json_t *mail_args(char **words, const struct options *options, GError **error)
{
    json_t *args =
        view_one_word(words, "mail", "Which mail? Write it as 17; see: madoctl inbox.", error);

    if (args && options->reason)
        json_object_set_new(args, "reason", ctl_string(options->reason));
    return args;
}

static void draw_sorted(struct screen *screen, const json_t *row)
{
    g_autofree char *text =
        g_strdup_printf("%s, by %s%s%s", row_text(row, "sorted.as"), row_text(row, "sorted.by"),
            *row_text(row, "sorted.reason") ? ": " : "", row_text(row, "sorted.reason"));
    g_autofree char *why = reason_said(row_text(row, "why"));

    view_fact(screen, "Why", screen->terminal ? why : row_text(row, "why"));
    if (*row_text(row, "sorted.as"))
        view_fact(screen, "Sorted", text);
}

static void draw_show(struct screen *screen, json_t *rows, gboolean first)
{
    gsize i;
    json_t *row;

    view_show.draw(screen, rows, first);
    json_array_foreach(rows, i, row)
        draw_sorted(screen, row);
}

/* -- accept, attach, feed, spam, reject -- */

static json_t *attach_args(char **words, const struct options *options, GError **error)
{
    json_t *args;

    if (!words[0] || !words[1] || words[2]) {
        view_usage(error,
            "Which mail, and which ticket? Nothing was changed. Write: madoctl inbox attach 17 42");
        return NULL;
    }
    args = json_pack("{s:o,s:o}", "mail", ctl_string(words[0]), "id", ctl_string(words[1]));
    if (options->ack)
        json_object_set_new(args, "ack", json_true());
    return args;
}

static void draw_done(struct screen *screen, json_t *rows, gboolean first)
{
    const json_t *row = json_array_get(rows, 0);
    g_autofree char *mail = g_strdup_printf("mail:%" PRIi64, row_number(row, "mail"));
    g_autofree char *why = reason_said(row_text(row, "why"));
    const char *ticket = row_text(row, "ticket"), *ledger = row_text(row, "ledger");

    if (!screen->terminal)
        screen_cells(screen, mail, ledger, ticket, row_text(row, "why"), NULL);
    else if (*ticket)
        screen_print(
            screen, GOOD, "%s is in ticket %s now. See: madoctl show %s\n", mail, ticket, ticket);
    else
        screen_print(screen, GOOD, "%s is settled as %s: %s.\n", mail, ledger, why);
}

static int run_accept(struct call *call, GError **error)
{
    return view_order(
        call, &view_inbox_accept, mail_args(call->words, &call->options, error), error);
}

static int run_attach(struct call *call, GError **error)
{
    return view_order(
        call, &view_inbox_attach, attach_args(call->words, &call->options, error), error);
}

static int run_feed(struct call *call, GError **error)
{
    return view_order(call, &view_inbox_feed, mail_args(call->words, &call->options, error), error);
}

static int run_spam(struct call *call, GError **error)
{
    return view_order(call, &view_inbox_spam, mail_args(call->words, &call->options, error), error);
}

static int run_reject(struct call *call, GError **error)
{
    return view_order(
        call, &view_inbox_reject, mail_args(call->words, &call->options, error), error);
}

const struct view view_inbox = {"inbox", list_args, draw_list, .finish = finish_list};
const struct view view_inbox_show = {"inbox show", mail_args, draw_show, .pager = TRUE};
const struct view view_inbox_accept = {"inbox accept", NULL, draw_done, .run = run_accept};
const struct view view_inbox_attach = {"inbox attach", NULL, draw_done, .run = run_attach};
const struct view view_inbox_feed = {"inbox feed", NULL, draw_done, .run = run_feed};
const struct view view_inbox_spam = {"inbox spam", NULL, draw_done, .run = run_spam};
const struct view view_inbox_reject = {"inbox reject", NULL, draw_done, .run = run_reject};
