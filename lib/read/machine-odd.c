/* Bounces that none of the usual marks tell: each row is one way, looked at before the mail's own
 * marks of a list, a notification or a person. */
#include "fields.h"
#include "machine.h"
#include <string.h>

enum { OWN_WORDS_MAX = 60 };

static gboolean has_field(const GArray *fields, const char *name)
{
    return fields_count(fields, name) > 0;
}

static char *squeezed(const char *text)
{
    GString *out = g_string_new(NULL);

    for (gsize i = 0; text[i] && out->len < 4096; i++)
        if (!strchr("\\ \n\"", text[i]))
            g_string_append_c(out, text[i]);
    return g_string_free(out, FALSE);
}

/* A cloud's notification is JSON; which one, says one of its first keys. */
static gboolean notifies(
    const struct message *message, const GArray *fields, const char *const *types)
{
    g_autofree char *text = NULL;

    if (*message->text != '{' || !has_field(fields, "X-Amz-Sns-Message-Id"))
        return FALSE;
    text = squeezed(message->text);
    for (; *types; types++) {
        g_autofree char *key = g_strdup_printf("notificationType:%s,", *types);
        if (strstr(text, key))
            return TRUE;
    }
    return FALSE;
}

static gboolean notifies_delivery(const struct message *message, const GArray *fields)
{
    static const char *const types[] = {"Bounce", "Delivery", NULL};

    return notifies(message, fields, types);
}

static gboolean notifies_complaint(const struct message *message, const GArray *fields)
{
    static const char *const types[] = {"Complaint", NULL};

    return notifies(message, fields, types);
}

/* The program of a mailing list gives a letter back, under the list's own fields. */
static gboolean is_refused_by_list(const struct message *message, const GArray *fields)
{
    static const char text[] = "you are not a member of this mailing list";

    return (has_field(fields, "X-MLServer") || has_field(fields, "List-Subscribe") ||
               has_field(fields, "Mailing-List")) &&
           !g_ascii_strncasecmp(message->text, text, strlen(text));
}

/* What a person wrote above the first quoted line. */
static gsize length_of_own_words(const char *text)
{
    const char *quote = strstr(text, "\n>");

    return quote ? (gsize)(quote - text) : strlen(text);
}

/* A whole bounce, quoted, with next to no word of whoever passed it on. More words than that are a
 * report about a bounce, for a person. */
static gboolean is_passed_on(const struct message *message, const GArray *fields)
{
    static const char *const marks[] = {"> reporting-mta:", "> final-recipient:", "> action:",
        "> status:", "> from: mail delivery"};
    static const char *const prefixes[] = {"fwd:", "fw:"};
    g_autofree char *text = NULL;
    gboolean forwarded = FALSE;

    for (gsize i = 0; i < G_N_ELEMENTS(prefixes); i++)
        forwarded |= !g_ascii_strncasecmp(message->subject, prefixes[i], strlen(prefixes[i]));
    if (!forwarded || length_of_own_words(message->text) > OWN_WORDS_MAX)
        return FALSE;
    text = g_ascii_strdown(message->text, -1);
    for (gsize i = 0; i < G_N_ELEMENTS(marks); i++)
        if (!strstr(text, marks[i]))
            return FALSE;
    return TRUE;
}

static const struct {
    enum machine kind;
    gboolean (*holds)(const struct message *message, const GArray *fields);
    const char *why;
} ways[] = {
    {MACHINE_BOUNCE, notifies_delivery, "X-Amz-Sns-Message-Id, with a notification of delivery"},
    {MACHINE_FEEDBACK, notifies_complaint, "X-Amz-Sns-Message-Id, with a complaint"},
    {MACHINE_BOUNCE, is_refused_by_list, "text of a mailing list: \"you are not a member\""},
    {MACHINE_BOUNCE, is_passed_on, "a bounce that was passed on without a word"},
};

char *machine_odd_why(enum machine kind, const struct message *message, const GArray *fields)
{
    for (gsize i = 0; i < G_N_ELEMENTS(ways); i++)
        if (ways[i].kind == kind && ways[i].holds(message, fields))
            return g_strdup(ways[i].why);
    return NULL;
}
