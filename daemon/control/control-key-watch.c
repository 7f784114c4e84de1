/* How keys are: for doctor, `key check` and status. */
#include "control-answers.h"
#include "control-query.h"
#include "now.h"
#include "people.h"

#define DAY G_GINT64_CONSTANT(86400)

/* What it is worth saying, of ours and of others, and what to do about it. */
static const struct {
    enum finding ours, theirs;
    const char *do_with_ours, *do_with_theirs;
} worth[KEY_HEALTHS] = {
    [KEY_GOOD] = {FINE, FINE, NULL, NULL},
    [KEY_ENDS_IN_60] = {WARNING, WARNING, N_("madoctl key extend, then madoctl key publish DIR"),
        N_("ask its owner for the new copy, then: madoctl key import FILE")},
    [KEY_ENDS_IN_30] = {WARNING, WARNING, N_("madoctl key extend, then madoctl key publish DIR"),
        N_("ask its owner for the new copy, then: madoctl key import FILE")},
    [KEY_ENDS_IN_7] = {WARNING, WARNING, N_("madoctl key extend, then madoctl key publish DIR"),
        N_("ask its owner for the new copy, then: madoctl key import FILE")},
    [KEY_EXPIRED] = {FAILURE, WARNING,
        N_("nobody can write to us sealed: madoctl key extend, then madoctl key publish DIR"),
        N_("what needs it is held: ask its owner for the new copy, then: madoctl key import FILE")},
    [KEY_REVOKED] = {FAILURE, WARNING,
        N_("madoctl key init --replace, then madoctl key publish DIR"),
        N_("ask its owner for the new key, import it, and pin it")},
};

static char *moment(const struct answer *answer, gint64 at)
{
    g_autoptr(GDateTime) end = at ? when_local(answer, at) : NULL;

    return end ? g_date_time_format(end, ", until %Y-%m-%d") : g_strdup("");
}

static void examine_one(struct answer *answer, const struct key *key)
{
    gint64 now = now_seconds();
    enum key_health health = key_health(key, now);
    gboolean ours = key_is_ours(key);
    g_autofree char *state = key_health_words(key, now);
    g_autofree char *end = moment(answer, key->revoked ? 0 : key_end(key));
    g_autofree char *check = g_strdup_printf(ours ? "our key" : "key of %s", key->owner);
    g_autofree char *text = g_strdup_printf("%s %s%s", key->fingerprint, state, end);

    answer_finding(answer, check, ours ? worth[health].ours : worth[health].theirs,
        ours ? worth[health].do_with_ours : worth[health].do_with_theirs, text);
}

/* Those of others that are well are one line. */
static void examine_others(struct answer *answer, guint well)
{
    g_autofree char *text = g_strdup_printf(
        _("%u pinned and good%s"), well, well ? "" : _(": nobody is written to sealed"));

    answer_finding(answer, "keys of others", FINE, NULL, text);
}

static void examine_none(struct answer *answer, gboolean others)
{
    answer_finding(answer, "our key", others ? WARNING : FINE, "madoctl key init",
        others ? _("we have none: what needs a signature or a seal waits")
               : _("we have none: letters go out unsigned (madoctl key init)"));
}

static void examine_home(struct answer *answer)
{
    struct status_facts facts;
    g_autofree char *text = NULL;

    answer_facts(answer, &facts);
    if (facts.home_lacks) {
        text =
            g_strdup_printf(_("the secret part of %s is not in our home: nothing sealed to it is "
                              "opened"),
                facts.home_lacks);
        answer_finding(answer, "home of keys", FAILURE,
            "bring it in from your copy: madoctl key import FILE --own", text);
    }
    answer_facts_clear(&facts);
}

void answer_examine_keys(struct answer *answer, gboolean all)
{
    struct store *store = answer->context->store;
    g_autoptr(GPtrArray) own = store_keys_in(store, "own", NULL);
    g_autoptr(GPtrArray) pinned = store_keys_in(store, "pinned", NULL);
    guint well = 0;

    for (guint i = 0; own && i < own->len; i++)
        examine_one(answer, own->pdata[i]);
    if (own && !own->len)
        examine_none(answer, pinned && pinned->len);
    for (guint i = 0; pinned && i < pinned->len; i++) {
        gboolean good = key_health(pinned->pdata[i], now_seconds()) == KEY_GOOD;
        well += good;
        if (!good)
            examine_one(answer, pinned->pdata[i]);
    }
    if (all || (pinned && pinned->len))
        examine_others(answer, well);
    examine_home(answer);
}

/* -- status -- */

static void count(const struct answer *answer, json_t *row)
{
    gint64 now = now_seconds();
    g_autoptr(GPtrArray) watched =
        store_keys_to_watch(answer->context->store, now + KEY_WATCHED_DAYS * DAY, NULL);
    guint ending = 0, over = 0;

    for (guint i = 0; watched && i < watched->len; i++) {
        const struct key *key = watched->pdata[i];
        if (key_is_ours(key))
            continue;
        if (key_health(key, now) >= KEY_EXPIRED)
            over++;
        else
            ending++;
    }
    answer_set(row, "others_ending", json_integer(ending));
    answer_set(row, "others_over", json_integer(over));
}

json_t *answer_keys_in_short(const struct answer *answer)
{
    g_autoptr(GPtrArray) own = store_keys_in(answer->context->store, "own", NULL);
    gint64 now = now_seconds();
    json_t *row = json_object(), *rows = json_array();

    for (guint i = 0; own && i < own->len; i++) {
        const struct key *key = own->pdata[i];
        g_autofree char *brief = key_short(key->fingerprint);
        g_autofree char *state = key_health_words(key, now);
        json_array_append_new(
            rows, json_pack("{s:o,s:o,s:b}", "short", ctl_string(brief), "state", ctl_string(state),
                      "well", key_health(key, now) == KEY_GOOD));
    }
    answer_set(row, "own", rows);
    count(answer, row);
    return row;
}
