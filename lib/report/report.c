/* Where is looked for what: one row a finder. */
#include "report.h"
#include "json-parts.h"
#include "report-parts.h"
#include <libxml/parser.h>
#include <string.h>

/* What a person wrote, and files that are text. */
static const struct finder {
    void (*find)(struct report *report, const struct place *place);
    enum aspect { AS_LETTER = 1, AS_REPORT = 2, AS_BOTH = 3 } aspect;
} finders[] = {
    {label_find, AS_LETTER},
    {ticket_find, AS_LETTER},
    {arf_find, AS_REPORT},
    {xarf_find, AS_BOTH}, /* a letter may announce one that is not there */
    {json_find, AS_REPORT},
    {xml_find, AS_REPORT},
    {csv_find, AS_REPORT},
    {form_find, AS_REPORT},
};

/* The library for JSON reads random bytes from a file for its tables, once. */
void report_warm(void)
{
    json_object_seed(0);
    xmlInitParser();
}

/* What a format says is known better than what stands somewhere in it: who sends it, what it is
 * written by. */
static void look(struct report *report, const struct place *of, enum aspect aspect)
{
    gboolean whole = FALSE;
    struct place place = *of;

    place.whole = &whole;
    for (gsize i = 0; i < G_N_ELEMENTS(finders); i++)
        if (finders[i].aspect & aspect)
            finders[i].find(report, &place);
    /* Who stands in the header of a mail that was complained of is not said to have done it. */
    if (!whole && aspect != AS_LETTER && strcmp(of->type, "text/rfc822-headers") != 0)
        indicator_find(report, &place);
}

static struct place place_of_file(const struct facts *facts, guint number)
{
    const struct part_file *file = g_ptr_array_index(facts->parts, number);

    return (struct place){
        file->text, *file->name ? file->name : file->type, file->type, FALSE, facts};
}

static gboolean is_shown(const struct facts *facts, guint number)
{
    return ((const struct part_file *)g_ptr_array_index(facts->parts, number))->shown;
}

/* Where a file is all that there is, its name and type say what it is a report in; as the text it
 * would be one more. */
static gboolean has_shown(const struct facts *facts)
{
    for (guint i = 0; i < facts->parts->len; i++)
        if (is_shown(facts, i))
            return TRUE;
    return FALSE;
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
    gboolean is_file = has_shown(facts);

    look(message->report, &subject, AS_BOTH);
    look(message->report, &text, is_file ? AS_LETTER : AS_BOTH);
    for (guint i = 0; i < facts->parts->len; i++) {
        const struct place file = place_of_file(facts, i);
        look(message->report, &file, is_shown(facts, i) ? AS_REPORT : AS_BOTH);
    }
    if (!is_file)
        notice_find(message->report, &text);
    for (guint i = 0; i < facts->parts->len; i++) {
        const struct place file = place_of_file(facts, i);
        notice_find(message->report, &file);
    }
}
