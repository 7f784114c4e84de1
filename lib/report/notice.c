/* Lines with a label, as notices have them: "Source IP : 192.0.2.1", or a label with what belongs
 * to it below:
 *
 *   fraudulent web site:
 *       https[:]//host[.]example/path
 *       (192.0.2.1)
 */
#include "report-parts.h"
#include <string.h>

enum { MOST_OF_A_LABEL = 60, MOST_OF_A_LINE = LIMIT_FOUND_BYTES, MOST_LINES = 20000 };

/* Labels that mean something in a sentence of a notice alone, and what happened. */
static const struct {
    const char *label, *kind;
} blocks[] = {
    {"fraudulent web site", "phishing"},
    {"fraudulent website", "phishing"},
    {"phishing site", "phishing"},
    {"phishing url", "phishing"},
    {"the link of suspicious url", "phishing"},
    {"suspicious url", "phishing"},
    {"malicious url", "malware"},
    {"malware url", "malware"},
    {"malware site", "malware"},
    {"defaced web site", "defacement"},
    {"defaced website", "defacement"},
    {"c2 server", "botnet"},
    {"harvesting on your network", "harvesting"},
    {"email spamming on your network", "spam"},
    {"comment spamming on your network", "spam"},
    {"dictionary attacks on your network", "login-attack"},
    {"suspicious ips on your network", "suspicious"},
};

struct notice {
    struct report *report;
    const struct place *place;
    char *value[ROLES]; /* of the event that is being read */
    char *label[ROLES]; /* behind which they stand */
    char *zone;         /* "(timezone: UTC+0000)", for what follows */
    const char *block;  /* the kind of the block that is being read; NULL */
    gboolean has_value; /* that block has one */
};

static void forget(struct notice *notice)
{
    for (int role = 0; role < ROLES; role++) {
        g_clear_pointer(&notice->value[role], g_free);
        g_clear_pointer(&notice->label[role], g_free);
    }
}

/* "Source: a newspaper" is no source. */
static gboolean is_thing(const char *text)
{
    return text && value_is_told(text);
}

static void end_event(struct notice *notice)
{
    if (!is_thing(notice->value[ROLE_SOURCE]))
        g_clear_pointer(&notice->value[ROLE_SOURCE], g_free);
    if (!is_thing(notice->value[ROLE_INDICATOR]))
        g_clear_pointer(&notice->value[ROLE_INDICATOR], g_free);
    if (!notice->value[ROLE_ZONE])
        notice->value[ROLE_ZONE] = g_strdup(notice->zone);
    if (notice->value[ROLE_SOURCE] || notice->value[ROLE_INDICATOR])
        event_add(notice->report, (const char *const *)notice->value, notice->place->from);
    forget(notice);
}

/* A label that was there begins the next event; another for the same thing says it again. */
static void set(struct notice *notice, enum role role, const char *label, const char *value)
{
    gboolean again = g_strcmp0(notice->label[role], label) == 0;

    if (again && (role == ROLE_SOURCE || role == ROLE_INDICATOR)) {
        end_event(notice);
        notice->value[ROLE_KIND] = g_strdup(notice->block);
    }
    if (role == ROLE_INDICATOR)
        value_add(notice->report, value, notice->place->from);
    if (notice->value[role])
        return;
    notice->value[role] = g_strdup(value);
    notice->label[role] = g_strdup(label);
}

/* -- blocks -- */

static const char *block_of(const char *label)
{
    gsize length = strlen(label);

    for (gsize i = 0; i < G_N_ELEMENTS(blocks); i++) {
        gsize size = strlen(blocks[i].label);
        if (size <= length && !g_ascii_strcasecmp(label + length - size, blocks[i].label))
            return blocks[i].kind;
    }
    return NULL;
}

static void end_block(struct notice *notice)
{
    end_event(notice);
    notice->block = NULL;
}

/* "(192.0.2.1)", "URL (192.0.2.1)": each word that is something. */
static void take_block_line(struct notice *notice, const char *line)
{
    g_auto(GStrv) words = g_strsplit_set(line, " \t()<>,", -1);

    for (char **word = words; *word; word++) {
        if (!**word || !is_thing(*word))
            continue;
        notice->has_value = TRUE;
        set(notice, value_is_address(*word) ? ROLE_SOURCE : ROLE_INDICATOR, "", *word);
    }
    if (!notice->has_value)
        end_block(notice); /* "none" */
}

static void begin_block(struct notice *notice, const char *kind, const char *value)
{
    end_event(notice);
    notice->block = kind;
    notice->has_value = FALSE;
    notice->value[ROLE_KIND] = g_strdup(kind);
    category_set(notice->report, category_of(kind));
    if (*value)
        take_block_line(notice, value);
}

/* -- lines -- */

/* "< Log Information (timezone: UTC+0000) >" */
static void note_zone(struct notice *notice, const char *line)
{
    const char *at = strcasestr(line, "timezone");
    gsize length;
    g_autofree char *zone = NULL;

    if (!at)
        return;
    at += strlen("timezone");
    at += strspn(at, " :");
    length = strcspn(at, ")> \t");
    zone = g_strndup(at, length);
    if (!time_is_zone(zone))
        return;
    g_free(notice->zone);
    notice->zone = g_steal_pointer(&zone);
}

/* The label before the colon, which is not that of "http://"; NULL. */
static char *label_in(const char *line, const char **value)
{
    const char *colon = strchr(line, ':');

    if (!colon || colon == line || colon - line > MOST_OF_A_LABEL || g_str_has_prefix(colon, "://"))
        return NULL;
    *value = colon + 1 + strspn(colon + 1, " \t");
    return g_strchomp(g_strndup(line, (gsize)(colon - line)));
}

static void take_label(struct notice *notice, const char *label, const char *value)
{
    const char *kind = block_of(label);
    enum role role = kind ? ROLE_NONE : role_of(label, &notice->zone);

    if (kind) {
        begin_block(notice, kind, value);
        return;
    }
    if (notice->block && (role != ROLE_NONE || !*value))
        end_block(notice);
    if (role != ROLE_NONE && *value)
        set(notice, role, label, value);
}

/* "2001:db8::1 (H)" has colons of its own. */
static gboolean begins_with_thing(const char *line)
{
    g_autofree char *word = g_strndup(line, strcspn(line, " \t("));

    return is_thing(word);
}

static void take_line(struct notice *notice, const char *line)
{
    const char *value = "";
    g_autofree char *label = NULL;

    line += strspn(line, " \t-*>");
    note_zone(notice, line);
    if (!*line) {
        if (notice->block && notice->has_value)
            end_block(notice);
        return;
    }
    label = label_in(line, &value);
    if (label && !begins_with_thing(line))
        take_label(notice, label, value);
    else if (notice->block)
        take_block_line(notice, line);
}

/* A form says itself what its labels mean. */
static gboolean is_told_by_form(const struct report *report)
{
    for (char **format = report->formats; *format; format++)
        if (g_str_has_prefix(*format, "form:") && report->sightings->len)
            return TRUE;
    return FALSE;
}

/* Beside a report in a format, files are its evidence; and a damaged one is no notice. */
static gboolean is_for_people(const struct report *report, const struct place *place)
{
    return g_str_equal(place->from, "text") ||
           (g_str_equal(place->type, "text/plain") && strcmp(place->from, "subject") != 0 &&
               !*report->formats && !*report->damaged);
}

void notice_find(struct report *report, const struct place *place)
{
    struct notice notice = {.report = report, .place = place};
    const char *at = place->text;

    if (!is_for_people(report, place) || is_told_by_form(report))
        return;
    for (int lines = 0; *at && lines < MOST_LINES; lines++) {
        gsize length = strcspn(at, "\n");
        g_autofree char *line = g_strchomp(g_strndup(at, MIN(length, (gsize)MOST_OF_A_LINE)));
        take_line(&notice, line);
        at += length + (at[length] == '\n');
    }
    report->more |= *at != '\0';
    end_event(&notice);
    g_free(notice.zone);
}
