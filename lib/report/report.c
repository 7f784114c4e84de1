/* Where is looked for what: one row a finder. */
#include "report.h"
#include "report-parts.h"

/* What a person wrote, and files that are text. */
static void (*const finders[])(struct report *report, const struct place *place) = {
    find_indicators,
};

void report_warm(void)
{
}

static void look(struct report *report, const struct place *place)
{
    for (gsize i = 0; i < G_N_ELEMENTS(finders); i++)
        finders[i](report, place);
}

void report_find(struct facts *facts)
{
    struct message *message = facts->message;

    look(message->report, &(struct place){message->subject, "subject", "text/plain", FALSE});
    look(message->report, &(struct place){message->text, "text", "text/plain", TRUE});
    for (guint i = 0; i < facts->parts->len; i++) {
        const struct part_file *file = g_ptr_array_index(facts->parts, i);
        look(message->report,
            &(struct place){file->text, *file->name ? file->name : file->type, file->type, FALSE});
    }
}
