/* Our own words are no secret of whoever sends them back to us sealed. Most mail programs do: they
 * quote what they answer; and another team with mado writes by the same templates. */
#include "state.h"
#include "category.h"
#include "now.h"
#include <mado/incident.h>

enum { CLEAR_LETTERS_LOOKED_AT = 50 };

static void add(GPtrArray *words, const char *one)
{
    if (one && *one)
        g_ptr_array_add(words, g_strdup(one));
}

static void add_team(const struct desk *desk, GPtrArray *words)
{
    const struct settings *settings = desk->settings;
    const char *const own[] = {settings->team.name, settings->team.name_ja, settings->team.address,
        settings->team.phone, settings->team.emergency, settings->team.key_fingerprint,
        settings->team.key_url};

    for (gsize i = 0; i < G_N_ELEMENTS(own); i++)
        add(words, own[i]);
    for (guint i = 0; i < settings->operators->len; i++)
        add(words, ((const struct member *)settings->operators->pdata[i])->name);
    for (guint i = 0; i < settings->categories->len; i++) {
        const struct category *category = settings->categories->pdata[i];
        add(words, category->en);
        add(words, category->ja);
    }
    writing_add_notes(words);
    for (guint i = 0; i < templates_words(desk->templates)->len; i++)
        add(words, templates_words(desk->templates)->pdata[i]);
}

static gboolean add_keys(struct desk *desk, GPtrArray *words, GError **error)
{
    for (int cms = FALSE; cms <= TRUE; cms++) {
        g_autoptr(mado_key) key = NULL;
        if (!store_signing_key(desk->store, cms, now_seconds(), &key, error))
            return FALSE;
        add(words, key ? key->fingerprint : NULL);
    }
    return TRUE;
}

static void add_time(const struct desk *desk, gint64 at, GPtrArray *words)
{
    for (char **language = desk->settings->team.languages; at && *language; language++)
        g_ptr_array_add(words, clock_tell(desk->clock, at, *language));
}

/* By when we asked others. */
static gboolean add_asked(struct desk *desk, guint64 incident, GPtrArray *words, GError **error)
{
    g_autoptr(GPtrArray) all = store_coordinations(desk->store, incident, error);

    for (guint i = 0; all && i < all->len; i++)
        add_time(desk, ((const struct coordination *)all->pdata[i])->due, words);
    return all != NULL;
}

/* Our number for it, and our times: what is closed in this minute is told so. */
static gboolean add_incident(struct desk *desk, guint64 incident, GPtrArray *words, GError **error)
{
    struct incident *found = store_incident_show(desk->store, incident, error);

    if (!found)
        return FALSE;
    g_ptr_array_add(words, desk_tagged(desk, found->number));
    add_time(desk, found->opened_at, words);
    add_time(desk, found->closed_at ?: now_seconds(), words);
    add_time(desk, found->reply_by, words);
    incident_free(found);
    return add_asked(desk, incident, words, error);
}

/* What has gone in clear is out. */
static gboolean add_letters(struct desk *desk, guint64 incident, GPtrArray *words, GError **error)
{
    g_autoptr(GPtrArray) texts =
        store_clear_texts(desk->store, incident, CLEAR_LETTERS_LOOKED_AT, error);

    for (guint i = 0; texts && i < texts->len; i++) {
        g_auto(GStrv) lines = g_strsplit(texts->pdata[i], "\n", -1);
        for (char **line = lines; *line; line++)
            add(words, g_strstrip(*line));
    }
    return texts != NULL;
}

GPtrArray *asking_released(gpointer data, guint64 incident, GError **error)
{
    struct desk *desk = data;
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) facts = store_released_around(desk->store, incident, error);

    for (guint i = 0; facts && i < facts->len; i++)
        add(words, ((const struct released *)facts->pdata[i])->text);
    if (!facts || !add_keys(desk, words, error) || !add_incident(desk, incident, words, error) ||
        !add_letters(desk, incident, words, error))
        return NULL;
    add_team(desk, words);
    return g_steal_pointer(&words);
}

gboolean asking_is_released(const GPtrArray *released, const char *value)
{
    for (guint i = 0; i < released->len; i++)
        if (taint_has_whole(((const struct released *)released->pdata[i])->text, value))
            return TRUE;
    return FALSE;
}
