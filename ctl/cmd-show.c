/* show: one ticket on a screen, or its mails. */
#include "madoctl.h"
#include "reason.h"
#include <inttypes.h>
#include <string.h>

enum { NAME_WIDTH = 14, KIND_WIDTH = 14, SUBJECT_LINES = 2 };

static json_t *args(char **words, const struct options *options, GError **error)
{
    json_t *args = view_one_word(words, "id", "Which ticket? Write: madoctl show 42.", error);

    if (args && options->mail)
        json_object_set_new(args, "mail", json_true());
    return args;
}

/* A value of several lines stays behind its name's column. */
static void fact(struct screen *screen, const char *name, const char *value)
{
    g_auto(GStrv) lines = g_strsplit(value, "\n", -1);

    if (!screen->terminal) {
        screen_cells(screen, name, value, NULL);
        return;
    }
    for (char **line = lines; *line; line++) {
        screen_pad(screen, PLAIN, line == lines ? _(name) : "", NAME_WIDTH);
        screen_wrap(screen, NAME_WIDTH, *line);
    }
}

static char *person(const json_t *row, const char *path)
{
    const json_t *who = row_at(row, path);
    const char *name = row_text(who, "name");
    const char *address = row_text(who, "address");

    if (!*address)
        return g_strdup(*name ? name : "-");
    return g_strdup_printf("%s%s<%s>", name, *name ? " " : "", address);
}

static char *attachments(const json_t *row)
{
    GString *out = g_string_new(NULL);
    gsize i;
    json_t *one;

    json_array_foreach(json_object_get(row, "attachments"), i, one) {
        g_autofree char *size = ctl_bytes((guint64)row_number(one, "size"));
        const char *name = row_text(one, "name");
        g_string_append_printf(out, "%s%s (%s, %s)", i ? "\n" : "", *name ? name : _("(no name)"),
            size, row_text(one, "type"));
    }
    return g_string_free(out, FALSE);
}

static char *acknowledged(const json_t *row)
{
    const json_t *ack = json_object_get(row, "acknowledged");
    const char *state = row_text(ack, "state");
    g_autofree char *why = reason_said(row_text(ack, "why"));
    g_autofree char *age = ctl_age_long(row_number(ack, "seconds"));
    g_autofree char *when = row_when(ack, "at", row_text(row, "received"));

    if (g_str_equal(state, "sent"))
        return g_strdup_printf(_("%s (in %s)"), when, age);
    if (g_str_equal(state, "none"))
        return g_strdup_printf(*why ? _("no: %s") : _("no"), why);
    if (g_str_equal(state, "dropped"))
        return g_strdup(_("no, the letter was dropped: see madoctl outbox dropped"));
    if (g_str_equal(state, "failed") || g_str_equal(state, "unknown"))
        return g_strdup_printf(_("%s: see madoctl outbox %s"),
            g_str_equal(state, "failed") ? _("no, the letter failed") : _("uncertain"), state);
    return g_strdup_printf(_("not yet, the letter is %s: see madoctl outbox %s"), state, state);
}

static void draw_heading(struct screen *screen, const json_t *row)
{
    screen_print(screen, BOLD, "%s#%s", row_text(row, "tag"), row_text(row, "ticket"));
    screen_print(
        screen, screen_style(row_text(row, "severity")), "   %s", row_text(row, "severity"));
    screen_print(screen, screen_style(row_text(row, "state")), "   %s", row_text(row, "state"));
    screen_print(screen, PLAIN, "   %s   %s\n", row_text(row, "tlp"), row_text(row, "category"));
    screen_wrap_some(screen, 0, SUBJECT_LINES, row_text(row, "subject"));
    screen_print(screen, PLAIN, "\n");
}

/* What operators write has lines, each behind the column; what else has some is not to look like
 * that.
 */
static void draw_text(struct screen *screen, int width, const json_t *event)
{
    static const char *const typed[] = {"note", "phone", "visit", "web", NULL};
    gboolean note = g_strv_contains(typed, row_text(event, "kind"));
    g_autofree char *words = view_event_words(event);
    g_auto(GStrv) lines = g_strsplit(words, "\n", note ? -1 : 1);

    screen_wrap(screen, width, *lines ? *lines : "");
    for (char **line = lines; *line && *++line;) {
        screen_print(screen, PLAIN, "%*s", width, "");
        screen_wrap(screen, width, *line);
    }
}

static void draw_events(struct screen *screen, const json_t *row)
{
    gsize i;
    json_t *event;
    const char *received = row_text(row, "received");

    if (screen->terminal)
        screen_print(screen, PLAIN, "\n");
    json_array_foreach(json_object_get(row, "events"), i, event) {
        g_autofree char *when = row_when(event, "at", received);
        int width = (int)strlen(when) + 2 + KIND_WIDTH;
        if (!screen->terminal) {
            screen_cells(screen, "event", row_text(event, "at"), row_text(event, "actor"),
                row_text(event, "kind"), row_text(event, "text"), NULL);
            continue;
        }
        screen_print(screen, PLAIN, "%s  ", when);
        screen_pad(screen, PLAIN, row_text(event, "kind"), KIND_WIDTH);
        draw_text(screen, width, event);
    }
}

/* What a screen leaves out is said, with the command that has it. */
static void draw_left_out(struct screen *screen, const json_t *row)
{
    const char *number = row_text(row, "ticket");
    gsize events = json_array_size(json_object_get(row, "events"));
    gsize mails = json_array_size(json_object_get(row, "mails"));

    if (json_is_true(json_object_get(row, "events_left_out")))
        screen_print(screen, NOTICE,
            _("\nOnly the first %zu events stand here. All: madoctl history %s\n"), events, number);
    if (json_is_true(json_object_get(row, "mails_left_out")))
        screen_print(screen, NOTICE,
            _("\nOnly the files of the first %zu"
              " mails stand here. All: madoctl show %s --mail\n"),
            mails, number);
}

static void draw_closed(struct screen *screen, const json_t *closed)
{
    g_autoptr(GString) text = g_string_new(row_text(closed, "reason"));
    gsize i;
    json_t *id;

    if (!json_is_object(closed))
        return;
    json_array_foreach(json_object_get(closed, "key_ids"), i, id)
        g_string_append_printf(
            text, "%s0x%s", i ? ", " : _("; for the keys "), json_string_value(id));
    if (row_number(closed, "tries"))
        g_string_append_printf(text, _("; tried %" PRIi64 " times"), row_number(closed, "tries"));
    fact(screen, "Closed", text->str);
}

/* What a sender sends along is the sender's claim. */
static void draw_offered(struct screen *screen, const json_t *mail)
{
    gsize i;
    json_t *one;

    json_array_foreach(json_object_get(mail, "keys_offered"), i, one) {
        g_autofree char *text = g_strdup_printf(_("%s came with it (madoctl key show %s)"),
            json_string_value(one), json_string_value(one));
        fact(screen, "Key", screen->terminal ? text : json_string_value(one));
    }
}

static void draw_labels(struct screen *screen, const json_t *mail)
{
    gsize i;
    json_t *one;

    json_array_foreach(json_object_get(mail, "labels"), i, one) {
        const char *label = row_text(one, "label");
        g_autofree char *text = g_strdup_printf(
            "%s (%s)", *label ? label : row_text(one, "as_written"), row_text(one, "where"));
        fact(screen, "Label", text);
    }
}

static void draw_mail_facts(struct screen *screen, const json_t *mail)
{
    g_autofree char *files = attachments(mail);
    g_autofree char *facts = view_reasons(screen, mail, "problems", "\n");

    draw_labels(screen, mail);
    view_protection(screen, json_object_get(mail, "crypto"), fact);
    draw_closed(screen, json_object_get(mail, "closed"));
    if (*files)
        fact(screen, "Attached", files);
    view_report(screen, json_object_get(mail, "report"), fact);
    if (*facts)
        fact(screen, "Problems", facts);
    draw_offered(screen, mail);
}

/* Who may see it beside its label, and what others call it. */
static void draw_sight(struct screen *screen, const json_t *row)
{
    g_autofree char *members = view_joined(row, "members", ", ");
    gsize i;
    json_t *one;

    if (json_is_true(json_object_get(row, "restricted")))
        fact(screen, "Restricted", *members ? members : _("commanders and admins alone"));
    json_array_foreach(json_object_get(row, "references"), i, one) {
        g_autofree char *text =
            g_strdup_printf("%s (%s)", row_text(one, "id"), row_text(one, "told_by"));
        fact(screen, "Reference", text);
    }
}

/* What nobody has confirmed is said to be a proposal. */
static void draw_triage(struct screen *screen, const json_t *row)
{
    g_autofree char *category =
        g_strdup_printf("%s (%s)", row_text(row, "category"), row_text(row, "category_by"));
    const char *name;
    json_t *value;
    gsize i;

    if (*row_text(row, "category_by"))
        fact(screen, "Category", category);
    if (*row_text(row, "team"))
        fact(screen, "Team", row_text(row, "team"));
    json_object_foreach(json_object_get(row, "vulnerability"), name, value) {
        g_autofree char *text = g_strdup_printf("%s: %s", name, json_string_value(value));
        if (json_is_string(value))
            fact(screen, "Vulnerability", text);
    }
    json_array_foreach(json_object_get(row, "reporters"), i, value) {
        g_autofree char *who =
            g_strdup_printf("%s <%s>", row_text(value, "name"), row_text(value, "address"));
        if (i > 0)
            fact(screen, "Also from", g_strchug(who));
    }
}

/* What is planned for it, and what it has to do with others. */
static void draw_plan(struct screen *screen, const json_t *row)
{
    const json_t *merged = json_object_get(row, "merged");
    gsize i;
    json_t *one;

    if (*row_text(row, "waits_for"))
        fact(screen, "Waits for", row_text(row, "waits_for"));
    view_time(screen, "Embargo", row, "embargo_until");
    if (*row_text(row, "kept"))
        fact(screen, "Kept", row_text(row, "kept"));
    view_time(screen, "Purged", row, "purged");
    view_time(screen, "Due", row, "due");
    view_due(screen, row, fact);
    if (json_is_object(merged)) {
        g_autofree char *text = g_strdup_printf(_("%s, by %s %s"), row_text(merged, "into"),
            row_text(merged, "by"), row_text(merged, "reason"));
        fact(screen, "A part of", g_strchomp(text));
    }
    json_array_foreach(json_object_get(row, "links"), i, one) {
        g_autofree char *text = g_strdup_printf("%s: %s, %s, %s", row_text(one, "kind"),
            row_text(one, "ticket"), row_text(one, "state"), row_text(one, "subject"));
        fact(screen, "Linked", text);
    }
}

/* What is written down for the year. */
static void draw_record(struct screen *screen, const json_t *row)
{
    g_autoptr(GString) facets = g_string_new(NULL);
    g_autofree char *total = ctl_count((guint64)row_number(row, "damage.total"));
    g_autofree char *damage =
        g_strdup_printf(_("%s yen by a public formula: madoctl damage"), total);
    const char *name;
    json_t *value;

    json_object_foreach(json_object_get(row, "facets"), name, value)
        g_string_append_printf(
            facets, "%s%s %s", facets->len ? ", " : "", name, json_string_value(value));
    view_fact(screen, "Attack", facets->str);
    view_fact(screen, "Damage", *row_text(row, "damage.currency") ? damage : "");
}

static void draw_next(struct screen *screen, const json_t *row)
{
    const char *number = row_text(row, "ticket");
    gboolean is_new = g_str_equal(row_text(row, "state"), "new");

    screen_print(screen, PLAIN, "\nNext:  madoctl show %s --mail\n       madoctl %s %s\n", number,
        is_new ? "take" : "history", number);
}

static void draw_ticket(struct screen *screen, const json_t *row)
{
    g_autofree char *reporter = person(row, "reporter");
    g_autofree char *at = row_time(row, "received");
    g_autofree char *received = g_strdup_printf("%s %s", at, row_text(row, "zone"));
    g_autofree char *ack = acknowledged(row);
    const char *number = row_text(row, "ticket");
    gsize i;
    json_t *mail;

    if (screen->terminal)
        draw_heading(screen, row);
    else
        screen_cells(screen, "ticket", number, row_text(row, "severity"), row_text(row, "state"),
            row_text(row, "tlp"), row_text(row, "category"), row_text(row, "subject"), NULL);
    fact(screen, "Reporter", reporter);
    fact(screen, "Received", screen->terminal ? received : row_text(row, "received"));
    fact(screen, "Acknowledged", ack);
    view_time(screen, "Reply by", json_object_get(row, "acknowledged"), "reply_by");
    view_deliveries(screen, row);
    draw_triage(screen, row);
    draw_sight(screen, row);
    draw_plan(screen, row);
    draw_record(screen, row);
    if (*row_text(row, "handler"))
        fact(screen, "Handler", row_text(row, "handler"));
    if (*row_text(row, "result"))
        fact(screen, "Result", row_text(row, "result"));
    view_found(screen, row, fact);
    json_array_foreach(json_object_get(row, "mails"), i, mail)
        draw_mail_facts(screen, mail);
    draw_events(screen, row);
    if (screen->terminal)
        draw_left_out(screen, row);
    if (screen->terminal)
        draw_next(screen, row);
}

static void draw_mail(struct screen *screen, const json_t *row)
{
    g_autofree char *from = person(row, "from");
    g_autofree char *at = row_time(row, "arrived");
    g_autofree char *size = ctl_bytes((guint64)row_number(row, "size"));
    g_autofree char *machine =
        g_strdup_printf("%s (%s)", row_text(row, "machine.kind"), row_text(row, "machine.why"));
    const char *text = row_text(row, "text");
    gboolean by_machine = *row_text(row, "machine.why") != '\0';

    screen_print(screen, BOLD, "Mail %" PRIi64, row_number(row, "mail"));
    screen_print(screen, PLAIN, "   %s   %s   %s\n",
        *row_text(row, "ledger") ? row_text(row, "ledger") : _("not read yet"), at, size);
    if (*row_text(row, "ticket"))
        fact(screen, "Ticket", row_text(row, "ticket"));
    fact(screen, "From", from);
    fact(screen, "Subject", row_text(row, "subject"));
    if (by_machine)
        fact(screen, "Machine", machine);
    if (*row_text(row, "claims"))
        fact(screen, "Claims", row_text(row, "claims"));
    view_found(screen, row, fact);
    draw_mail_facts(screen, row);
    screen_print(screen, PLAIN, "\n%s%s\n", *text ? text : _("(no text)"),
        g_str_has_suffix(text, "\n") ? "" : "\n");
}

static void draw(struct screen *screen, json_t *rows, gboolean first)
{
    gsize i;
    json_t *row;

    json_array_foreach(rows, i, row) {
        if (json_object_get(row, "events"))
            draw_ticket(screen, row);
        else
            draw_mail(screen, row);
    }
}

const struct view view_show = {"show", args, draw, .pager = TRUE};
