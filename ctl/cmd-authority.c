/*
 * report authority: a sheet for those who tell an authority of an incident
 *
 * What is known of the ticket stands in it, and what forms ask for besides is left open. The lines
 * are those that the forms of Japanese authorities have in common: personal information, denial of
 * service, ransomware. Whether any of that applies is nothing that a program decides, and the sheet
 * says so.
 */
#include "error.h"
#include "madoctl.h"
#include "text.h"
#include <string.h>

enum {
    MOST_FACTS = 30,
    FIRST_DAYS = 3,
    FIRST_DAYS_AT_MOST = 5,
    LAST_DAYS = 30,
    LAST_DAYS_WORSE = 60
};

struct sheet_page {
    const json_t *row; /* of `show` */
    GString *text;
};

static void add_line(const struct sheet_page *page, const char *name, const char *value)
{
    g_string_append_printf(page->text, "  %s: %s\n", name, *value ? value : "____");
}

static void head(const struct sheet_page *page, const char *name)
{
    g_string_append_printf(page->text, "\n%s\n", name);
}

/* -- what is known -- */

static void add_path(const struct sheet_page *page, const char *name, const char *path)
{
    g_autofree char *value = text_harmless(row_text(page->row, path), NULL);

    add_line(page, name, value);
}

static char *first_mail(const struct sheet_page *page)
{
    const json_t *told = json_object_get(page->row, "told");

    return g_strdup(json_array_size(told) ? row_text(json_array_get(told, 0), "way") : _("mail"));
}

/* Days of the calendar behind the moment at which we knew. */
static char *days_behind(const struct sheet_page *page, int days)
{
    g_autoptr(GDateTime) known =
        g_date_time_new_from_iso8601(row_text(page->row, "received"), NULL);
    g_autoptr(GDateTime) then = known ? g_date_time_add_days(known, days) : NULL;

    return then ? g_date_time_format(then, "%Y-%m-%d") : g_strdup("____");
}

static void add_facts(const struct sheet_page *page)
{
    const json_t *all = json_object_get(page->row, "indicators");
    gsize count = json_array_size(all), i;
    json_t *one;

    head(page, _("Indicators of compromise"));
    if (!count)
        g_string_append(page->text, "  ____\n");
    json_array_foreach((json_t *)all, i, one) {
        g_autofree char *value = text_harmless(row_text(one, "value"), NULL);
        if (i < MOST_FACTS)
            g_string_append_printf(page->text, "  %s  %s\n", row_text(one, "type"), value);
    }
    if (count > MOST_FACTS)
        g_string_append_printf(page->text, _("  and %zu more: madoctl share %s --format csv\n"),
            count - MOST_FACTS, row_text(page->row, "ticket"));
}

/* -- the sheet -- */

static void add_open(const struct sheet_page *page, const char *const *names)
{
    for (; *names; names++)
        add_line(page, _(*names), "");
}

static void add_known(const struct sheet_page *page)
{
    g_autofree char *way = first_mail(page);

    head(page, _("1. What happened"));
    add_path(page, _("Number"), "ticket");
    add_path(page, _("Subject"), "subject");
    add_path(page, _("Kind"), "category");
    add_path(page, _("Severity"), "severity");
    add_path(page, _("We knew it at"), "received");
    add_line(page, _("How we came to know it"), way);
    add_path(page, _("State"), "state");
    add_path(page, _("Over since"), "closed");
    add_path(page, _("What came of it"), "result");
    add_open(
        page, (const char *const[]){N_("When it began"),
                  N_("Systems concerned, and whose they are"), N_("Cause, and the way in"), NULL});
}

static void add_clocks(const struct sheet_page *page)
{
    g_autofree char *from = days_behind(page, FIRST_DAYS),
                    *to = days_behind(page, FIRST_DAYS_AT_MOST),
                    *last = days_behind(page, LAST_DAYS),
                    *worse = days_behind(page, LAST_DAYS_WORSE);
    g_autofree char *first = g_strdup_printf("%s .. %s", from, to);
    g_autofree char *whole = g_strdup_printf(_("%s (%s where malice is feared)"), last, worse);

    head(page, _("2. Personal information (whether this applies is for Legal to decide)"));
    add_line(page, _("First report within 3 to 5 days"), first);
    add_line(page, _("Full report within 30 days"), whole);
    add_open(page, (const char *const[]){N_("What kind of data"), N_("Of how many persons"),
                       N_("Harm that has come of it, or may"), N_("What the persons were told"),
                       N_("What was made public"), N_("What keeps it from happening again"), NULL});
}

static void add_attack(const struct sheet_page *page)
{
    head(page, _("3. Denial of service"));
    add_open(page, (const char *const[]){N_("Kind of attack, and how large"),
                       N_("From when to when"), N_("Services that failed"), N_("Demands"), NULL});
    head(page, _("4. Ransomware"));
    add_open(page, (const char *const[]){N_("Name or family"), N_("Ending of the files"),
                       N_("Ransom note, word for word"), N_("Was data taken away?"),
                       N_("Are there backups?"), NULL});
}

static void add_people(const struct sheet_page *page)
{
    head(page, _("5. Who was told, and who answers"));
    add_line(page, _("Team"), "");
    add_path(page, _("Handler"), "handler");
    add_open(page, (const char *const[]){N_("Person who answers questions"),
                       N_("Telephone and mail"), N_("Other authorities that were told"), NULL});
}

static char *sheet_of(const json_t *row)
{
    const struct sheet_page page = {row, g_string_new(NULL)};

    g_string_append_printf(page.text, _("Sheet for authorities, %s   %s\n"),
        row_text(row, "ticket"), row_text(row, "tlp"));
    g_string_append_printf(page.text, "%s\n",
        _("What mado knows is filled in; ____ is for you. Who is to be told, of what and by when, "
          "is "
          "for Legal to decide."));
    add_known(&page);
    add_clocks(&page);
    add_attack(&page);
    add_people(&page);
    add_facts(&page);
    return g_string_free(page.text, FALSE);
}

/* -- asking -- */

static gboolean check(const struct call *call, GError **error)
{
    const struct options *options = &call->options;

    if (!call->words[1])
        return view_usage(error, "Of which ticket? Write: madoctl report authority 42.");
    if (options->audience || options->label ||
        (options->format && !g_str_equal(options->format, "text")))
        return view_usage(error,
            "The sheet for authorities is text, and has no audience and no label of its own. "
            "Write: madoctl report authority %s.",
            call->words[1]);
    return TRUE;
}

char *authority_sheet(struct call *call, GError **error)
{
    const char *spoken = say_language();
    json_t *args = check(call, error) ? view_one_word(call->words + 1, "id", "", error) : NULL;
    json_t *rows = json_array();
    char *sheet = NULL;

    if (args && view_pages(call, "show", args, rows, error)) {
        say_in(call->options.language ? call->options.language : spoken);
        sheet = sheet_of(json_array_get(rows, 0));
        say_in(spoken);
    }
    json_decref(args);
    json_decref(rows);
    return sheet;
}
