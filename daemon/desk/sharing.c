/*
 * What others are told of an incident: indicators and events of its mails
 *
 * Who reported it stands in none of it, and nor does where it happened to them: a target is told
 * only if it is an indicator itself. What came sealed makes the file one that leaves sealed.
 */
#include "state.h"
#include "category.h"
#include "coordination.h"
#include "desk.h"
#include "error.h"
#include "sharing.h"
#include <mado/incident.h>
#include <mado/report.h>
#include <string.h>

enum { MAILS_AT_ONCE = 200 };

struct gathering {
    struct desk *desk;
    const struct sharing *wanted;
    struct incident *incident;
    struct identity *identity; /* NULL: nothing to hide */
    GPtrArray *released;       /* struct released */
    struct report *all;
    GHashTable *values; /* of the indicators */
    GHashTable *clear;  /* of those that came in clear, too */
    gboolean sealed;    /* something in it came sealed alone */
};

/* -- what may be told -- */

static gboolean is_wanted(const struct gathering *gathering, const struct indicator *one)
{
    char **only = gathering->wanted->only;

    return !only || g_strv_contains((const char *const *)only, indicator_name(one->kind));
}

static gboolean names_reporter(const struct gathering *gathering, const char *text)
{
    g_autofree char *found =
        gathering->identity && *text ? identity_find(gathering->identity, text) : NULL;

    return found != NULL;
}

static void take_indicators(
    struct gathering *gathering, const struct report *report, gboolean sealed)
{
    for (guint i = 0; i < report->indicators->len; i++) {
        const struct indicator *one = report->indicators->pdata[i];
        if (!is_wanted(gathering, one) || names_reporter(gathering, one->value))
            continue;
        report_add_indicator(gathering->all, one->kind, one->value, "", "");
        g_hash_table_add(gathering->values, g_strdup(one->value));
        if (!sealed || asking_is_released(gathering->released, one->value))
            g_hash_table_add(gathering->clear, g_strdup(one->value));
    }
}

/* -- what was seen -- */

static void set_harmless(
    const struct gathering *gathering, char **to, const char *value, gboolean tells)
{
    report_set(to, tells && !names_reporter(gathering, value) ? value : "");
}

static void take_sighting(struct gathering *gathering, const struct sighting *one, gboolean sealed)
{
    gboolean target_told = g_hash_table_contains(gathering->values, one->target);
    struct sighting *told;

    if (!g_hash_table_contains(gathering->values, one->source) ||
        !(told = report_add_sighting(gathering->all, "")))
        return;
    gathering->sealed |= sealed;
    told->at = one->at;
    report_set(&told->time, one->time);
    report_set(&told->source, one->source);
    report_set(&told->source_port, one->source_port);
    report_set(&told->target_port, one->target_port);
    report_set(&told->protocol, one->protocol);
    set_harmless(gathering, &told->target, one->target, target_told);
    set_harmless(gathering, &told->kind, one->kind, TRUE);
    /* A line of a log names whose it is. */
    set_harmless(gathering, &told->evidence, one->evidence, !*one->target || target_told);
}

static void take_sightings(
    struct gathering *gathering, const struct report *report, gboolean sealed)
{
    for (guint i = 0; i < report->sightings->len; i++)
        take_sighting(gathering, report->sightings->pdata[i], sealed);
}

/* -- the mails -- */

static gboolean take_mail(struct gathering *gathering, guint64 mail, GError **error)
{
    g_autoptr(mado_report) report = store_report_show(gathering->desk->store, mail, error);
    gboolean sealed = FALSE;

    if (!report || !store_came_sealed(gathering->desk->store, mail, &sealed, error))
        return FALSE;
    take_indicators(gathering, report, sealed);
    take_sightings(gathering, report, sealed);
    return TRUE;
}

static gboolean take_mails(struct gathering *gathering, GError **error)
{
    guint64 after = 0;
    guint count;

    do {
        g_autoptr(GPtrArray) mails = store_mails_of_incident(
            gathering->desk->store, gathering->incident->id, after, MAILS_AT_ONCE, error);
        if (!mails)
            return FALSE;
        count = mails->len;
        for (guint i = 0; i < count; i++) {
            after = ((const struct mail_row *)mails->pdata[i])->id;
            if (!take_mail(gathering, after, error))
                return FALSE;
        }
    } while (count == MAILS_AT_ONCE);
    return TRUE;
}

/* -- the file -- */

/* The subject is a stranger's words, unless an operator has set it. */
static char *title_of(const struct gathering *gathering)
{
    const struct incident *incident = gathering->incident;
    guint count = 0;

    if (!*incident->subject_by)
        return g_strdup("");
    return gathering->identity
               ? identity_remove(gathering->identity, incident->subject, "(removed)", &count)
               : g_strdup(incident->subject);
}

static struct enclosure *render(const struct gathering *gathering)
{
    const struct settings *settings = gathering->desk->settings;
    const struct incident *incident = gathering->incident;
    const struct category *category = category_find(settings->categories, incident->category);
    const struct share_format *format = share_format_find(gathering->wanted->format);
    g_autofree char *tag = desk_tagged(gathering->desk, incident->number);
    g_autofree char *title = title_of(gathering);
    const struct share share = {.number = tag,
        .label = gathering->wanted->label ? gathering->wanted->label : incident->label,
        .title = title,
        .category = category && category->rsit ? category->rsit : "",
        .severity = incident->severity,
        .team = settings->team.name,
        .address = settings->team.address,
        .opened_at = incident->opened_at,
        .changed_at = incident->updated_at,
        .indicators = gathering->all->indicators,
        .sightings = gathering->all->sightings};
    g_autofree char *name = share_file_name(&share, format);
    char *text = format->render(&share);
    g_autoptr(GBytes) bytes = g_bytes_new_take(text, strlen(text));
    struct enclosure *file = enclosure_new(name, bytes, NULL);

    file->sealed = gathering->sealed;
    return file;
}

static void look_for_seals(struct gathering *gathering)
{
    for (guint i = 0; i < gathering->all->indicators->len; i++) {
        const struct indicator *one = gathering->all->indicators->pdata[i];
        gathering->sealed |= !g_hash_table_contains(gathering->clear, one->value);
    }
}

static gboolean is_all(const struct gathering *gathering, GError **error)
{
    if (gathering->all->more)
        error_set(error, MADO_E_BAD_DATA,
            "%s has more than %d indicators or events. Nothing was shared. Take some of them: "
            "--only url,domain",
            gathering->incident->number, LIMIT_INDICATORS);
    return !gathering->all->more;
}

static gboolean gather(struct gathering *gathering, const struct sheet *sheet, GError **error)
{
    struct sheet told = *sheet;

    /* that they may be named is said for the letter, and no program reads letters */
    told.shown = NULL;
    told.inside = FALSE;
    told.purpose = (char *)"share";
    gathering->incident = store_incident_show(gathering->desk->store, sheet->incident, error);
    gathering->released =
        gathering->incident ? store_released(gathering->desk->store, sheet->incident, error) : NULL;
    return gathering->released &&
           reporters_hidden(gathering->desk, &told, &gathering->identity, error) &&
           take_mails(gathering, error) && is_all(gathering, error);
}

struct enclosure *sharing_make(gpointer desk, const struct sheet *sheet,
    const struct sharing *wanted, struct share_count *count, GError **error)
{
    struct gathering gathering = {.desk = desk,
        .wanted = wanted,
        .all = report_new(),
        .values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .clear = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};
    struct enclosure *file = NULL;

    if (gather(&gathering, sheet, error)) {
        look_for_seals(&gathering);
        file = render(&gathering);
        *count =
            (struct share_count){gathering.all->indicators->len, gathering.all->sightings->len};
    }
    g_hash_table_unref(gathering.values);
    g_hash_table_unref(gathering.clear);
    g_clear_pointer(&gathering.released, g_ptr_array_unref);
    identity_free(gathering.identity);
    incident_free(gathering.incident);
    report_free(gathering.all);
    return file;
}
