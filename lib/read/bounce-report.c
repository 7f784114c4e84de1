/* What a program wrote for programs: the fields of RFC 3464, their like in JSON, RFC 5965. */
#include "bounce-parts.h"
#include <string.h>

enum { SAID_MAX = 4096, TYPE_MAX = 40 };

enum field { FINAL, ORIGINAL, ACTUAL, ACTION, STATUS, DIAGNOSIS, CATEGORY, FIELDS };
static const char *const names[FIELDS] = {
    [FINAL] = "final-recipient:",
    [ORIGINAL] = "original-recipient:",
    [ACTUAL] = "x-actual-recipient:",
    [ACTION] = "action:",
    [STATUS] = "status:",
    [DIAGNOSIS] = "diagnostic-code:",
    [CATEGORY] = "x-powermta-bouncecategory:",
};

struct group {
    GPtrArray *mentions;
    GString *value[FIELDS];
    gboolean has[FIELDS];
    int current; /* the field that a folded line goes on; -1: none */
};

/* "smtp; 550 no" without the word that says whose language it is (RFC 3464 2.3.6). */
static const char *behind_type(const char *value)
{
    gsize type = strcspn(value, "; \t");

    return value[type] == ';' ? value + type + 1 : value;
}

static void keep(char **field, const char *value)
{
    g_free(*field);
    *field = g_ascii_strdown(value, -1);
    g_strstrip(*field);
}

static void append_limited(GString *text, const char *more)
{
    gsize room = text->len < SAID_MAX ? SAID_MAX - text->len : 0;

    g_string_append_len(text, more, (gssize)MIN(strlen(more), room));
}

static char *recipient_of_group(const struct group *group)
{
    static const enum field order[] = {FINAL, ORIGINAL, ACTUAL};
    char *recipient = NULL;

    for (gsize i = 0; i < G_N_ELEMENTS(order) && !recipient; i++)
        if (group->has[order[i]])
            recipient = address_of_field(group->value[order[i]]->str);
    return recipient;
}

/* A group without an address (a pipe, a file) still says what happened. */
static void end_group(struct group *group)
{
    gboolean any = group->has[FINAL] || group->has[ORIGINAL] || group->has[ACTUAL];
    g_autofree char *recipient = any ? recipient_of_group(group) : NULL;
    struct mention *mention = any ? mention_of(group->mentions, recipient ?: "") : NULL;

    if (mention) {
        keep(&mention->action, group->value[ACTION]->str);
        keep(&mention->status, group->value[STATUS]->str);
        append_limited(mention->said, behind_type(g_strstrip(group->value[DIAGNOSIS]->str)));
        g_string_append_c(mention->said, '\n');
        append_limited(mention->said, group->value[CATEGORY]->str);
    }
    for (int i = 0; i < FIELDS; i++) {
        g_string_truncate(group->value[i], 0);
        group->has[i] = FALSE;
    }
    group->current = -1;
}

static int field_of(const char *line)
{
    for (int i = 0; i < FIELDS; i++)
        if (!g_ascii_strncasecmp(line, names[i], strlen(names[i])))
            return i;
    return -1;
}

static void read_line(struct group *group, char *line)
{
    int field = field_of(line);

    if (field == FINAL && group->has[FINAL])
        end_group(group); /* for want of a blank line between two groups */
    if (field >= 0) {
        group->has[field] = TRUE;
        group->current = field;
        append_limited(group->value[field], line + strlen(names[field]));
    } else if (g_ascii_isspace(*line) && group->current >= 0) {
        g_string_append_c(group->value[group->current], ' ');
        append_limited(group->value[group->current], g_strstrip(line));
    } else {
        group->current = -1;
    }
}

GPtrArray *report_mentions(const char *text)
{
    struct group group = {.mentions = mentions_new(), .current = -1};
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (int i = 0; i < FIELDS; i++)
        group.value[i] = g_string_new(NULL);
    for (char **line = lines; *line; line++)
        if (!(*line)[strspn(*line, " \t\r")])
            end_group(&group);
        else
            read_line(&group, *line);
    end_group(&group);
    for (int i = 0; i < FIELDS; i++)
        g_string_free(group.value[i], TRUE);
    return group.mentions;
}

/* -- JSON -- */

/* Its keys, and the fields that say the same; each object is a group. */
static const struct {
    const char *key, *field;
} keys[] = {
    {"\"emailAddress\":\"", "Final-Recipient: "},
    {"\"recipients\":[\"", "Action: delivered\nFinal-Recipient: "},
    {"\"action\":\"", "Action: "},
    {"\"status\":\"", "Status: "},
    {"\"diagnosticCode\":\"", "Diagnostic-Code: "},
    {"\"smtpResponse\":\"", "Diagnostic-Code: "},
    {"\"complaintFeedbackType\":\"", "Feedback-Type: "},
};

/* A notification within a notification has each quote escaped once more. */
static char *without_escapes(const char *text)
{
    GString *out = g_string_new(NULL);

    for (; *text; text++) {
        gboolean between =
            *text == ' ' && (strchr(":\"", text[1]) || g_str_has_suffix(out->str, ":"));
        if (*text != '\\' && *text != '\n' && !between)
            g_string_append_c(out, *text);
    }
    return g_string_free(out, FALSE);
}

char *report_of_json(const char *text)
{
    g_autofree char *plain = without_escapes(text);
    GString *fields = g_string_new(NULL);

    for (const char *at = strpbrk(plain, "\"{"); at; at = strpbrk(at + 1, "\"{")) {
        if (*at == '{')
            g_string_append(fields, "\n");
        for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
            if (g_str_has_prefix(at, keys[i].key)) {
                const char *value = at + strlen(keys[i].key);
                g_string_append(fields, keys[i].field);
                g_string_append_len(fields, value, (gssize)strcspn(value, "\""));
                g_string_append_c(fields, '\n');
            }
    }
    return g_string_free(fields, FALSE);
}

/* -- complaints -- */

static char *word_of(const char *value)
{
    g_autofree char *lower = g_ascii_strdown(value, -1);
    const char *word = g_strstrip(lower);

    return g_strndup(word, MIN(strspn(word, "abcdefghijklmnopqrstuvwxyz-"), (gsize)TYPE_MAX));
}

GPtrArray *report_feedback(const char *text, char **type)
{
    static const char type_name[] = "feedback-type:", recipient_name[] = "original-rcpt-to:";
    GPtrArray *mentions = mentions_new();
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    *type = g_strdup("");
    for (char **line = lines; *line; line++) {
        g_autofree char *recipient = NULL;
        if (!g_ascii_strncasecmp(*line, type_name, strlen(type_name)) && !**type) {
            g_free(*type);
            *type = word_of(*line + strlen(type_name));
        } else if (!g_ascii_strncasecmp(*line, recipient_name, strlen(recipient_name)) &&
                   (recipient = address_of_field(*line + strlen(recipient_name)))) {
            mention_of(mentions, recipient);
        }
    }
    return mentions;
}
