/* Where is looked for what: one row a finder. */
#include "report.h"
#include "json-parts.h"
#include "report-parts.h"
#include <libxml/parser.h>
#include <string.h>

/* What a person wrote, and files that are text. */
static void (*const finders[])(struct report *report, const struct place *place) = {
    label_find,
    ticket_find,
    arf_find,
    xarf_find,
    json_find,
    xml_find,
    csv_find,
    form_find,
};

/* The library for JSON reads random bytes from a file for its tables, once. */
void report_warm(void)
{
    json_object_seed(0);
    xmlInitParser();
}

/* What a format says is known better than what stands somewhere in it: who sends it, what it is
 * written by. */
static void look(struct report *report, const struct place *of)
{
    gboolean whole = FALSE;
    struct place place = *of;

    place.whole = &whole;
    for (gsize i = 0; i < G_N_ELEMENTS(finders); i++)
        finders[i](report, &place);
    /* Who stands in the header of a mail that was complained of is not said to have done it. */
    if (!whole && strcmp(of->type, "text/rfc822-headers") != 0)
        indicator_find(report, &place);
}

static struct place place_of_file(const struct facts *facts, guint number)
{
    const struct part_file *file = g_ptr_array_index(facts->parts, number);

    return (struct place){
        file->text, *file->name ? file->name : file->type, file->type, FALSE, facts};
}

/* What is passed on is what the mail is about: no quotation. */
static gboolean is_forwarded(const char *subject)
{
    static const char *const marks[] = {"fw:", "fwd:", "転送:", "転送："};

    for (gsize i = 0; i < G_N_ELEMENTS(marks); i++)
        if (g_ascii_strncasecmp(subject, marks[i], strlen(marks[i])) == 0)
            return TRUE;
    return FALSE;
}

void report_find(struct facts *facts)
{
    const struct message *message = facts->message;
    const struct place subject = {message->subject, "subject", "text/plain", FALSE, facts};
    gboolean quotes = !is_forwarded(message->subject);
    const struct place text = {message->text, "text", "text/plain", quotes, facts};

    look(message->report, &subject);
    look(message->report, &text);
    for (guint i = 0; i < facts->parts->len; i++) {
        const struct place file = place_of_file(facts, i);
        look(message->report, &file);
    }
    notice_find(message->report, &text);
    for (guint i = 0; i < facts->parts->len; i++) {
        const struct place file = place_of_file(facts, i);
        notice_find(message->report, &file);
    }
}
