/* coord, notify, escalate: letters to others than who told us. Each party of a coordination is
 * written to by itself; many are told the same by one text, which is seen once. */
#include "error.h"
#include "madoctl.h"
#include <stdio.h>
#include <string.h>

struct parties {
    struct call *call;
    const char *purpose;
    json_t *rows;     /* whom the daemon says that is meant */
    struct pen *pens; /* one each */
    gsize count;
};

static void parties_clear(struct parties *parties)
{
    for (gsize i = 0; i < parties->count; i++)
        pen_clear(&parties->pens[i]);
    g_free(parties->pens);
    json_decref(parties->rows);
}

/* -- who is meant -- */

/* "--to A B": what stands behind the ticket belongs there, too. */
static json_t *names_of(const struct call *call)
{
    json_t *names = json_array();

    for (char **one = call->options.tos; one && *one; one++)
        json_array_append_new(names, ctl_string(*one));
    for (char **one = call->words + 1; *one; one++)
        json_array_append_new(names, ctl_string(*one));
    return names;
}

static gboolean is_escalation(const struct parties *parties)
{
    return g_str_equal(parties->purpose, "escalate");
}

static gboolean find_parties(struct parties *parties, GError **error)
{
    const struct options *options = &parties->call->options;
    json_t *args = json_object(), *next = NULL;
    gboolean done;

    view_give(args, "purpose", parties->purpose);
    view_give(args, "id", *parties->call->words);
    view_give(args, "group", options->group);
    if (is_escalation(parties))
        view_give(args, "target", options->to);
    else
        json_object_set_new(args, "names", names_of(parties->call));
    parties->rows = json_array();
    done = client_ask(parties->call, "recipients", args, parties->rows, &next, error);
    json_decref(next);
    return done;
}

/* -- drafts -- */

static json_t *extra_of(const struct parties *parties, const json_t *row)
{
    const struct options *options = &parties->call->options;
    json_t *extra = json_pack("{s:O}", "to", json_object_get(row, "to"));

    view_give(extra, "reply_by", options->reply_by);
    view_give(extra, "show_reporter", options->show_reporter);
    view_give(extra, "label", options->label);
    view_give(extra, "format", options->format);
    view_give(extra, "only", options->only);
    if (is_escalation(parties))
        view_give(extra, "target", options->to);
    return extra;
}

static gboolean draft_one(struct parties *parties, const json_t *row, GError **error)
{
    const struct options *options = &parties->call->options;
    struct pen *pen = &parties->pens[parties->count];

    if (!*row_text(row, "to")) {
        screen_complain_softly("%s has no mail address, and is not written to: madoctl contact "
                               "edit '%s' address+=ADDRESS",
            row_text(row, "name"), row_text(row, "name"));
        return TRUE;
    }
    parties->count++;
    *pen = (struct pen){.call = parties->call,
        .purpose = parties->purpose,
        .ticket = *parties->call->words,
        .extra = extra_of(parties, row),
        .said = options->text || g_str_equal(parties->purpose, "share"),
        .confirmed = options->in_clear,
        .approve = options->approve};
    return pen_draft(pen, error);
}

/* All of them before anything goes: what is refused is refused at once. */
static gboolean draft_all(struct parties *parties, GError **error)
{
    gsize i;
    json_t *row;

    parties->pens = g_new0(struct pen, json_array_size(parties->rows) + 1);
    json_array_foreach(parties->rows, i, row)
        if (!draft_one(parties, row, error))
            return FALSE;
    return parties->count || view_usage(error, "Nobody of them has a mail address. Nothing was "
                                               "sent. See: madoctl contact");
}

/* -- one by one -- */

static int go_each(struct parties *parties, GError **error)
{
    int worst = 0;

    for (gsize i = 0; i < parties->count; i++) {
        int status = pen_go(&parties->pens[i], error);
        if (status < 0)
            return -1;
        worst = MAX(worst, status);
    }
    return worst;
}

/* -- many at once -- */

static gboolean is_same(const struct pen *one, const struct pen *other)
{
    return g_str_equal(row_text(one->draft, "subject"), row_text(other->draft, "subject")) &&
           g_str_equal(row_text(one->draft, "text"), row_text(other->draft, "text"));
}

/* The first pen with that text. */
static gsize leader_of(const struct parties *parties, gsize i)
{
    gsize leader = 0;

    while (leader < i && !is_same(&parties->pens[leader], &parties->pens[i]))
        leader++;
    return leader;
}

static void copy_text(struct pen *to, const struct pen *from)
{
    json_object_set(to->draft, "subject", json_object_get(from->draft, "subject"));
    json_object_set(to->draft, "text", json_object_get(from->draft, "text"));
    to->edited = from->edited;
}

/* What is the same is edited once. */
static gboolean edit_all(struct parties *parties, GError **error)
{
    g_autofree gsize *leaders = g_new0(gsize, parties->count);

    for (gsize i = 0; i < parties->count; i++)
        leaders[i] = leader_of(parties, i);
    for (gsize i = 0; i < parties->count; i++) {
        if (leaders[i] == i && !pen_edit(&parties->pens[i], error))
            return FALSE;
        if (leaders[i] != i)
            copy_text(&parties->pens[i], &parties->pens[leaders[i]]);
    }
    return TRUE;
}

static gboolean weigh_all(struct parties *parties, GError **error)
{
    for (gsize i = 0; i < parties->count; i++)
        if (!pen_weigh(&parties->pens[i], error))
            return FALSE;
    return TRUE;
}

static void draw_party(struct screen *screen, const struct pen *pen)
{
    const json_t *row = pen->weighed;
    g_autofree char *how = preview_security(row);
    const char *result = pen_fails(pen) ? "FAIL" : preview_security_result(row);

    if (!screen->terminal) {
        screen_cells(screen, row_text(row, "to"), result, how, NULL);
        return;
    }
    screen_print(screen, screen_style(result), "  %-8s", result);
    screen_print(screen, PLAIN, "%s  ", row_text(row, "to"));
    screen_wrap(screen, 10 + (int)strlen(row_text(row, "to")) + 2, how);
}

static void draw_all(const struct parties *parties)
{
    struct screen *screen = parties->call->screen;

    for (gsize i = 0; i < parties->count; i++)
        if (leader_of(parties, i) == i)
            preview_draw(&parties->pens[i]);
    screen_print(screen, PLAIN, "%s", screen->terminal ? "\n" : "");
    for (gsize i = 0; i < parties->count; i++)
        draw_party(screen, &parties->pens[i]);
    screen_flush(screen, FALSE);
}

static json_t *weighed_rows(const struct parties *parties)
{
    json_t *rows = json_array();

    for (gsize i = 0; i < parties->count; i++)
        json_array_append(rows, parties->pens[i].weighed);
    return rows;
}

static gboolean show_all(const struct parties *parties, GError **error)
{
    static const struct view view = {"weigh"};
    json_t *rows;
    gboolean done;

    if (!parties->call->options.json) {
        draw_all(parties);
        return TRUE;
    }
    rows = weighed_rows(parties);
    done = view_show_rows(&view, parties->call, rows, TRUE, error);
    json_decref(rows);
    return done;
}

/* What goes to many is not let go by habit. */
static gboolean is_meant(const struct parties *parties)
{
    g_autofree char *count = g_strdup_printf("%" G_GSIZE_FORMAT, parties->count);
    g_autofree char *prompt =
        g_strdup_printf(_("\n%s letters would go. To send them type their number: "), count);
    g_autofree char *word = pen_read_word(prompt);

    return g_str_equal(word, count);
}

/* One that is refused keeps no other from going. */
static int send_all(struct parties *parties, GError **error)
{
    static const struct view sent = {"send", .draw = preview_draw_sent};
    json_t *rows = json_array();
    int status = 0;

    for (gsize i = 0; i < parties->count; i++) {
        g_autoptr(GError) refused = NULL;
        json_t *row = pen_send(&parties->pens[i], &refused);
        if (row) {
            json_array_append_new(rows, row);
            continue;
        }
        status = 1;
        screen_complain_softly(
            "%s: %s", row_text(parties->pens[i].draft, "to"), error_said(refused));
    }
    if (!view_show_rows(&sent, parties->call, rows, TRUE, error))
        status = -1;
    json_decref(rows);
    return status;
}

static int go_together(struct parties *parties, GError **error)
{
    const struct options *options = &parties->call->options;
    gboolean writes = !parties->pens->said && !options->yes && !options->dry_run;

    if ((writes && !edit_all(parties, error)) || !weigh_all(parties, error))
        return -1;
    if ((!options->yes || options->dry_run) && !show_all(parties, error))
        return -1;
    if (options->dry_run || (!options->yes && !is_meant(parties))) {
        fprintf(stderr, "%s\n",
            options->dry_run ? _("Nothing was sent (dry run).") : _("Nothing was sent."));
        return options->dry_run ? 0 : 1;
    }
    return send_all(parties, error);
}

/* -- the commands -- */

static gboolean is_whole(const struct call *call, GError **error)
{
    const char *name = call->command->name;

    if (!*call->words)
        return view_usage(error, "Which ticket? Nothing was sent. See: madoctl help %s", name);
    if (!call->options.to && !call->options.group)
        return view_usage(error, "To whom? Nothing was sent. See: madoctl help %s", name);
    return pen_may_begin(call, error);
}

int parties_write(struct call *call, const char *purpose, GError **error)
{
    struct parties parties = {.call = call, .purpose = purpose};
    int status = -1;

    if (is_whole(call, error) && find_parties(&parties, error) && draft_all(&parties, error))
        status = parties.count == 1 || g_str_equal(purpose, "coord") ? go_each(&parties, error)
                                                                     : go_together(&parties, error);
    parties_clear(&parties);
    return status;
}

static int run_coord(struct call *call, GError **error)
{
    return parties_write(call, "coord", error);
}

static int run_notify(struct call *call, GError **error)
{
    return parties_write(call, "notify", error);
}

static int run_escalate(struct call *call, GError **error)
{
    return parties_write(call, "escalate", error);
}

const struct view view_coord = {"coord", .run = run_coord};
const struct view view_notify = {"notify", .run = run_notify};
const struct view view_escalate = {"escalate", .run = run_escalate};
