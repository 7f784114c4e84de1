/* Where is looked for what: one row a finder. */
#include "report.h"
#include "report-parts.h"
#include <string.h>

/* What a person wrote, and files that are text. */
static void (*const finders[])(struct report *report, const struct place *place) = {
    find_labels,
    find_tickets,
};

void report_warm(void)
{
}

static void look(struct report *report, const struct place *place)
{
    for (gsize i = 0; i < G_N_ELEMENTS(finders); i++)
        if (finders[i])
            finders[i](report, place);
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
    struct message *message = facts->message;
    gboolean quotes = !is_forwarded(message->subject);

    look(message->report, &(struct place){message->subject, "subject", "text/plain", FALSE});
    look(message->report, &(struct place){message->text, "text", "text/plain", quotes});
    for (guint i = 0; i < facts->parts->len; i++) {
        const struct part_file *file = g_ptr_array_index(facts->parts, i);
        look(message->report,
            &(struct place){file->text, *file->name ? file->name : file->type, file->type, FALSE});
    }
}
