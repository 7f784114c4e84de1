/* What goes with a letter, as the gate sees it: did it come from strangers, did it come sealed? */
#include "state.h"
#include "coordination.h"
#include "desk.h"
#include "readable.h"
#include "say.h"
#include <mado/limits.h>
#include <mado/report.h>
#include <string.h>

enum { LONGEST_LOOKED_AT = 1024 * 1024, MOST_STEPS = 1 << 28 };

char *asking_words(const struct asking *asking)
{
    g_autoptr(GString) words = g_string_new(asking->text);

    for (guint i = 0; asking->enclosures && i < asking->enclosures->len; i++)
        g_string_append_printf(
            words, "\n%s", ((const struct enclosure *)asking->enclosures->pdata[i])->name);
    return asking->text || words->len ? g_string_free(g_steal_pointer(&words), FALSE) : NULL;
}

/* -- single facts: the cells of a table are shorter than what the gate looks for -- */

static char *as_lines(const GPtrArray *texts)
{
    GString *lines = g_string_new(NULL);

    for (guint i = 0; texts && i < texts->len; i++)
        g_string_append_printf(lines, "%s\n", (const char *)texts->pdata[i]);
    return g_string_free(lines, FALSE);
}

static gboolean tells_a_fact(const char *text, const GPtrArray *facts)
{
    for (guint i = 0; i < facts->len; i++)
        if (taint_has_whole(text, facts->pdata[i]))
            return TRUE;
    return FALSE;
}

/* Those that came sealed alone, and were not released; as they are, and masked. */
static GPtrArray *sealed_facts(
    struct desk *desk, guint64 incident, const GPtrArray *released, GError **error)
{
    g_autoptr(GPtrArray) all =
        store_indicators_of_incident(desk->store, incident, LIMIT_INDICATORS, error);
    GPtrArray *facts = all ? g_ptr_array_new_with_free_func(g_free) : NULL;
    g_autofree char *let_go = as_lines(released);

    for (guint i = 0; all && i < all->len; i++) {
        const struct shared *one = all->pdata[i];
        if (one->clear || taint_has_whole(let_go, one->value))
            continue;
        g_ptr_array_add(facts, g_strdup(one->value));
        g_ptr_array_add(facts, indicator_defanged(one->kind, one->value));
    }
    return facts;
}

/* What is too long to be looked at may say anything. */
static gboolean says_what_came_sealed(
    const struct enclosure *file, const struct asking_taint *taint)
{
    g_autoptr(GPtrArray) texts = NULL;
    gboolean is_text, says = FALSE;

    if (!taint->tainted || !taint->tainted->len)
        return FALSE;
    if (file->size > LONGEST_LOOKED_AT || file->size * taint->facts->len > MOST_STEPS)
        return enclosure_is_text(file);
    texts = readable_texts(file->bytes, &is_text);
    for (guint i = 0; i < texts->len && !says; i++) {
        g_autoptr(GPtrArray) runs = taint_find(texts->pdata[i], taint->tainted, taint->released);
        says = runs->len > 0 || tells_a_fact(texts->pdata[i], taint->facts);
    }
    return says;
}

/* What is wrapped up counts as what is in it. */
static gboolean look_at(struct desk *desk, const struct enclosure *file,
    const struct asking_taint *taint, struct gate_attachments *attachments, GError **error)
{
    struct file_origin itself, inside = {0};

    if (!store_file_origin(desk->store, file->sha256, &itself, error) ||
        (*file->wraps && !store_file_origin(desk->store, file->wraps, &inside, error)))
        return FALSE;
    attachments->count++;
    attachments->bare += itself.came;
    attachments->wrapped += *file->wraps != 0;
    attachments->tainted +=
        file->sealed || itself.sealed || inside.sealed || says_what_came_sealed(file, taint);
    return TRUE;
}

gboolean asking_files(struct desk *desk, const struct asking *asking,
    const struct asking_taint *taint, struct gate_attachments *attachments, GError **error)
{
    guint count = asking->enclosures ? asking->enclosures->len : 0;
    gboolean any = count && taint->tainted && taint->tainted->len;
    g_autoptr(GPtrArray) facts =
        any ? sealed_facts(desk, asking->incident, taint->released, error) : g_ptr_array_new();
    const struct asking_taint all = {taint->tainted, taint->released, facts};
    gboolean done = facts != NULL;

    *attachments = (struct gate_attachments){0};
    for (guint i = 0; done && i < count; i++)
        done = look_at(desk, asking->enclosures->pdata[i], &all, attachments, error);
    return done;
}

/* -- who reported it -- */

static char *find_in(const GPtrArray *texts, const struct identity *hidden)
{
    char *found = NULL;

    for (guint i = 0; i < texts->len && !found; i++)
        found = identity_find(hidden, texts->pdata[i]);
    return found;
}

/* Of what is no text nobody says that it tells nothing, and it may be long. */
static void keep_a_piece(GPtrArray *texts)
{
    char *whole = texts->pdata[0];

    if (strlen(whole) > LONGEST_LOOKED_AT)
        *g_utf8_find_prev_char(whole, whole + LONGEST_LOOKED_AT) = '\0';
    g_ptr_array_set_size(texts, 1);
}

/* With ".csv" behind a host it would be another one. */
static void add_name(GPtrArray *texts, const char *name)
{
    g_autofree char *left = g_strdup(name);
    char *dot;

    g_ptr_array_add(texts, g_strdup(name));
    while ((dot = strrchr(left, '.'))) {
        *dot = '\0';
        g_ptr_array_add(texts, g_strdup(left));
    }
}

/* In its name, and in what can be read of it. */
void asking_check_file(
    const struct enclosure *file, const struct identity *hidden, GPtrArray *checks)
{
    gboolean is_text;
    g_autoptr(GPtrArray) texts = readable_texts(file->bytes, &is_text);
    g_autofree char *found = NULL;

    if (!is_text)
        keep_a_piece(texts);
    add_name(texts, file->name);
    found = find_in(texts, hidden);
    if (found)
        checks_add(checks, "reporter", CHECK_FAIL,
            g_strdup_printf(_("the file %s tells who reported it (\"%s\"): take that out, or say "
                              "why they may know: --show-reporter REASON"),
                file->name, found));
    else if (!is_text)
        checks_add(checks, "reporter", CHECK_WARNING,
            g_strdup_printf(_("the file %s is no text, and nobody but you can say whether it tells "
                              "who reported it: open it"),
                file->name));
}
