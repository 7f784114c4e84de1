/* set: fields of a ticket as operators write them. What they mistype is told with what there is. */
#include "control-record.h"
#include "control-query.h"
#include "desk.h"
#include "error.h"
#include "sight.h"
#include "text.h"
#include <inttypes.h>
#include <string.h>

enum { LONGEST_SUBJECT = 500, LONGEST_TEAM = 50 };

/* "There is no severity "hihg": did you mean "high"? There are: ..." */
static gboolean refuse_word(
    const char *what, const char *word, const char *const *names, GError **error)
{
    g_autofree char *all = g_strjoinv(", ", (char **)names);
    const char *guess = ctl_nearest(word, names);

    if (guess)
        return answer_refuse(error, MADO_E_USAGE,
            "There is no %s \"%s\": did you mean \"%s\"? There are: %s. Nothing was changed.", what,
            word, guess, all);
    return answer_refuse(error, MADO_E_USAGE,
        "There is no %s \"%s\". There are: %s. Nothing was changed.", what, word, all);
}

/* -- a value as the store has it: NULL with an error; the caller frees it -- */

static char *one_of(const char *what, const char *value, const char *const *names, GError **error)
{
    g_autofree char *lower = g_ascii_strdown(value, -1);

    if (g_strv_contains(names, lower))
        return g_steal_pointer(&lower);
    refuse_word(what, value, names, error);
    return NULL;
}

static char *read_severity(const struct deed *deed, const char *value, GError **error)
{
    return one_of("severity", value, severity_names, error);
}

static char *read_category(const struct deed *deed, const char *value, GError **error)
{
    const GPtrArray *list = deed->answer->context->settings->categories;
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    for (guint i = 0; i < list->len; i++)
        g_ptr_array_add(names, ((const struct category *)list->pdata[i])->id);
    g_ptr_array_add(names, NULL);
    return one_of("category", value, (const char *const *)names->pdata, error);
}

/* "waiting:peer", "embargo:2026-12-01": the state alone. */
static char *read_state(const struct deed *deed, const char *value, GError **error)
{
    const char *colon = strchr(value, ':');
    g_autofree char *state = colon ? g_strndup(value, (gsize)(colon - value)) : g_strdup(value);

    g_autofree char *known = one_of("state", state, incident_states, error);

    return known ? g_strconcat(known, colon, NULL) : NULL;
}

/* Seconds since 1970, as the store has them; "-" and "" are never. */
static char *read_due(const struct deed *deed, const char *value, GError **error)
{
    gint64 at = 0;

    if (*value && !g_str_equal(value, "-") && !when_due(deed->answer, value, &at)) {
        answer_refuse(error, MADO_E_USAGE,
            "\"%s\" is no time. Nothing was changed. Write: madoctl set %s due=2026-12-01, "
            "due='2026-12-01 18:00', due=3d or due=-",
            value, deed->was->number);
        return NULL;
    }
    return g_strdup_printf("%" PRIi64, at);
}

/* When something has happened; "-" and "": it has not. */
static char *read_past(const struct deed *deed, const char *value, GError **error)
{
    gint64 since = deed->now, until;

    if (!*value || g_str_equal(value, "-"))
        return g_strdup("0");
    if ((g_str_equal(value, "now") || when_period(deed->answer, value, &since, &until)) &&
        since <= deed->now)
        return g_strdup_printf("%" PRIi64, since);
    answer_refuse(error, MADO_E_USAGE,
        "\"%s\" is no time that is over. Nothing was changed. Write: madoctl set %s replied=now, "
        "replied='2026-11-20 18:00' or replied=-",
        value, deed->was->number);
    return NULL;
}

static char *read_label(const struct deed *deed, const char *value, GError **error)
{
    const char *label = label_from_words(value);
    g_autofree char *upper = g_ascii_strup(value, -1);

    if (!label)
        refuse_word("label", upper, label_names, error);
    return g_strdup(label);
}

static char *read_line(const char *what, const char *value, gsize longest, GError **error)
{
    g_autofree char *text = g_strstrip(g_strdup(value));
    g_autofree char *harmless = text_harmless(text, NULL);

    if (g_str_equal(text, harmless) && strlen(text) <= longest)
        return g_steal_pointer(&text);
    answer_refuse(error, MADO_E_BAD_DATA,
        strlen(text) > longest ? "The %s is longer than %zu"
                                 " bytes. Nothing was changed."
                               : N_("The %s has characters that cannot be seen (of %zu"
                                    " bytes at most). Nothing was changed."),
        what, longest);
    return NULL;
}

static char *read_team(const struct deed *deed, const char *value, GError **error)
{
    return read_line("team", value, LONGEST_TEAM, error);
}

/* Why it is kept whatever retention says; "-" and "" end that. */
static char *read_kept(const struct deed *deed, const char *value, GError **error)
{
    return g_str_equal(value, "-") ? g_strdup("")
                                   : read_line("reason", value, LONGEST_SUBJECT, error);
}

static char *read_subject(const struct deed *deed, const char *value, GError **error)
{
    char *subject = read_line("subject", value, LONGEST_SUBJECT, error);

    if (subject && !*subject) {
        answer_refuse(error, MADO_E_USAGE,
            "A ticket has a subject. Nothing was changed. Write: madoctl set %s subject='TEXT'",
            deed->was->number);
        g_clear_pointer(&subject, g_free);
    }
    return subject;
}

/* -- handler: an operator who may work on it and sees it -- */

static gboolean refuse_operator(const struct answer *answer, const char *user, GError **error)
{
    const GPtrArray *operators = answer->context->settings->operators;
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    for (guint i = 0; operators && i < operators->len; i++)
        g_ptr_array_add(names, ((const struct member *)operators->pdata[i])->user);
    g_ptr_array_add(names, (char *)"me");
    g_ptr_array_add(names, NULL);
    return refuse_word("operator", user, (const char *const *)names->pdata, error);
}

static gboolean may_handle(const struct deed *deed, const struct member *member, GError **error)
{
    const struct incident *was = deed->was;
    gboolean is = FALSE;

    if (ctl_role_from_name(member->role) < CTL_NIGHT)
        return answer_refuse(error, MADO_E_BAD_DATA,
            "%s is a %s, who works on no tickets. Nothing was changed. See: madoctl config show",
            member->user, member->role);
    if (!store_is_member(deed->answer->context->store, was->id, member->user, &is, error))
        return FALSE;
    return gate_may_see(member->role, &(struct sight){was->label, was->restricted, is,
                                          g_str_equal(was->state, "embargo")}) ||
           answer_refuse(error, MADO_E_BAD_DATA,
               "%s may not see %s, which is restricted. Nothing was changed. Let them first: "
               "madoctl restrict %s --member %s",
               member->user, was->number, was->number, member->user);
}

/* "me" and who asks are fine without a look: they see it. Nobody is "". */
static char *read_handler(const struct deed *deed, const char *value, GError **error)
{
    const struct answer *answer = deed->answer;
    const struct member *member = answer_find_operator(answer, value);

    if (g_str_equal(value, "me") || g_str_equal(value, answer->user))
        return g_strdup(answer->user);
    if (!*value || g_str_equal(value, "-"))
        return g_strdup("");
    if (!member) {
        refuse_operator(answer, value, error);
        return NULL;
    }
    return may_handle(deed, member, error) ? g_strdup(member->user) : NULL;
}

/* -- how it is set, where that is more than a value -- */

/* What a state needs to be said with it. */
static gboolean set_waiting(
    struct deed *deed, const struct wish *wish, const char *whom, GError **error)
{
    g_auto(GStrv) halves = g_strsplit(whom ? whom : "", ":", 2);
    g_autofree char *line = read_line("name", whom ? whom : "", LONGEST_SUBJECT, error);

    if (!line)
        return FALSE;
    if (!*halves || !g_strv_contains(waited_for, *halves))
        return answer_refuse(error, MADO_E_USAGE,
            "Waiting for whom? Nothing was changed. Write: madoctl set %s state=waiting:reporter, "
            "waiting:peer or waiting:vendor, with a name if you like: 'waiting:vendor: ACME'",
            deed->was->number);
    return deed_move(deed, wish, NULL, error) &&
           deed_set(deed, &(struct wish){.field = "waits_for", .value = line}, error);
}

static gboolean set_embargo(
    struct deed *deed, const struct wish *wish, const char *until, GError **error)
{
    g_autofree char *written = NULL;
    gint64 at = 0;

    if (!until || !when_due(deed->answer, until, &at) || at <= deed->now)
        return answer_refuse(error, MADO_E_USAGE,
            "Under embargo until when? A day to come. Nothing was changed. Write: madoctl set %s "
            "state=embargo:2026-12-01",
            deed->was->number);
    written = g_strdup_printf("%" PRIi64, at);
    return deed_move(deed, wish, NULL, error) &&
           deed_set(deed, &(struct wish){.field = "embargo_until", .value = written}, error);
}

static gboolean set_rejected(
    struct deed *deed, const struct wish *wish, const char *more, GError **error)
{
    g_autofree char *usage =
        g_strdup_printf("madoctl set %s state=rejected --reason TEXT", deed->was->number);

    return answer_is_reason(wish->reason, usage, error) &&
           deed_move(deed, wish, wish->reason, error);
}

static const struct {
    const char *state;
    gboolean (*set)(struct deed *deed, const struct wish *wish, const char *more, GError **error);
} needy[] = {{"waiting", set_waiting}, {"embargo", set_embargo}, {"rejected", set_rejected}};

static gboolean set_state(struct deed *deed, const struct wish *wish, GError **error)
{
    const char *colon = strchr(wish->value, ':');
    gsize length = colon ? (gsize)(colon - wish->value) : strlen(wish->value);
    g_autofree char *state = g_strndup(wish->value, length);
    const struct wish plain = {wish->field, state, wish->reason};

    for (gsize i = 0; i < G_N_ELEMENTS(needy); i++)
        if (g_str_equal(needy[i].state, state))
            return needy[i].set(deed, &plain, colon ? colon + 1 : NULL, error);
    return colon ? answer_refuse(error, MADO_E_USAGE,
                       "The state %s needs nothing behind it. Nothing was changed. Write: madoctl "
                       "set %s state=%s",
                       state, deed->was->number, state)
                 : deed_move(deed, &plain, NULL, error);
}

/* More people may know of it then, which cannot be taken back. */
static gboolean set_label(struct deed *deed, const struct wish *wish, GError **error)
{
    const struct incident *was = deed->was;
    g_autofree char *usage =
        g_strdup_printf("madoctl set %s label=%s --reason TEXT", was->number, wish->value);

    if (label_is_stricter(was->label, wish->value) && !answer_is_reason(wish->reason, usage, error))
        return FALSE;
    return deed_set(deed, wish, error);
}

/* Its words are told when it is set. */
static char *read_facet(const struct deed *deed, const char *value, GError **error)
{
    return g_ascii_strdown(value, -1);
}

static const struct {
    const char *typed, *field; /* field: as the store calls it */
    char *(*read)(const struct deed *deed, const char *value, GError **error);
    gboolean (*set)(struct deed *deed, const struct wish *wish, GError **error);
} settable[] = {
    {"severity", "severity", read_severity, deed_set},
    {"sev", "severity", read_severity, deed_set},
    {"category", "category", read_category, deed_set},
    {"cat", "category", read_category, deed_set},
    {"handler", "handler", read_handler, deed_set},
    {"team", "team", read_team, deed_set},
    {"label", "label", read_label, set_label},
    {"tlp", "label", read_label, set_label},
    {"state", "state", read_state, set_state},
    {"subject", "subject", read_subject, deed_set},
    {"due", "due", read_due, deed_set},
    {"keep", "kept", read_kept, deed_set},
    {"replied", "reply", read_past, deed_set_target},
    {"updated", "update", read_past, deed_set_target},
    {"verified", "verify", read_past, deed_set_target},
    {"fixed", "fix", read_past, deed_set_target},
    {"published", "publish", read_past, deed_set_target},
    {"attacker", "attacker", read_facet, deed_set_facet},
    {"tool", "tool", read_facet, deed_set_facet},
    {"vulnerability", "vulnerability", read_facet, deed_set_facet},
    {"action", "action", read_facet, deed_set_facet},
    {"target", "target", read_facet, deed_set_facet},
    {"unauthorized-result", "unauthorized-result", read_facet, deed_set_facet},
    {"objectives", "objectives", read_facet, deed_set_facet},
};

static gboolean refuse_field(const char *name, GError **error)
{
    const char *names[G_N_ELEMENTS(settable) + 1] = {NULL};

    for (gsize i = 0; i < G_N_ELEMENTS(settable); i++)
        names[i] = settable[i].typed;
    return refuse_word("field", name, names, error);
}

/* Who keeps watch at night sorts what comes, and decides nothing else. */
static gboolean may_set(const struct deed *deed, const char *name, GError **error)
{
    static const char *const by_night[] = {"severity", "category", "handler", "team", NULL};

    return deed->answer->role >= CTL_HANDLER || g_strv_contains(by_night, name) ||
           answer_refuse(error, MADO_E_FORBIDDEN,
               "The role night sets severity, category, handler and team, and not %s. Nothing was "
               "changed. Ask a handler: madoctl note %s TEXT",
               name, deed->was->number);
}

/* As it was typed: "severity=high". */
gboolean deed_set_word(struct deed *deed, const char *word, const char *reason, GError **error)
{
    const char *equals = strchr(word, '=');
    g_autofree char *name = equals ? g_strndup(word, (gsize)(equals - word)) : g_strdup(word);
    g_autofree char *value = NULL;

    for (gsize i = 0; equals && i < G_N_ELEMENTS(settable); i++) {
        if (!g_str_equal(settable[i].typed, name))
            continue;
        if (!may_set(deed, name, error))
            return FALSE;
        value = settable[i].read(deed, equals + 1, error);
        return value &&
               settable[i].set(deed, &(struct wish){settable[i].field, value, reason}, error);
    }
    return equals ? refuse_field(name, error)
                  : answer_refuse(error, MADO_E_USAGE,
                        "\"%s\" sets no field. Nothing was changed. Write: madoctl set %s "
                        "severity=high",
                        word, deed->was->number);
}

/* -- set ID FIELD=VALUE... -- */

/* Two values for one field: which was meant? */
static gboolean are_different(const json_t *changes, GError **error)
{
    const char *last = json_string_value(
        json_object_get(json_array_get(changes, json_array_size(changes) - 1), "field"));

    for (gsize i = 0; i + 1 < json_array_size(changes); i++) {
        const char *one = json_string_value(json_object_get(json_array_get(changes, i), "field"));
        if (g_str_equal(one, last))
            return answer_refuse(
                error, MADO_E_USAGE, "The field %s stands there twice. Nothing was changed.", last);
    }
    return TRUE;
}

static gboolean set_words(struct deed *deed, const json_t *words, GError **error)
{
    const char *reason = answer_string(deed->answer, "reason");
    gsize i;
    json_t *word;

    json_array_foreach((json_t *)words, i, word)
        if (!deed_set_word(deed, json_string_value(word), reason, error) ||
            !are_different(deed->changes, error))
            return FALSE;
    return TRUE;
}

gboolean answer_set_fields(struct answer *answer, GError **error)
{
    static const char *const next[] = {"madoctl show ID", "madoctl history ID", NULL};
    static const char usage[] = "madoctl set 42 severity=high category=phishing";
    const json_t *words = json_object_get(answer->args, "set");
    const char *reason = answer_string(answer, "reason");
    struct deed deed;

    if (!json_array_size(words))
        return answer_refuse(
            error, MADO_E_USAGE, "Set which field? Nothing was changed. Write: %s", usage);
    if ((reason && !answer_is_reason(reason, usage, error)) ||
        !deed_begin(&deed, answer, answer_string(answer, "id"), error))
        return FALSE;
    if (!set_words(&deed, words, error))
        return deed_give_up(&deed);
    return deed_end(&deed, next, error);
}
