/* Who may see what, for every answer: what an operator may not see is not there for them. An error
 * of the store hides, too. */
#include "control-answers.h"
#include "desk.h"
#include "error.h"
#include "number.h"
#include "sight.h"
#include <string.h>

static gboolean is_member(const struct answer *answer, guint64 incident)
{
    gboolean is = FALSE;

    return store_is_member(answer->context->store, incident, answer->user, &is, NULL) && is;
}

static gboolean sees_all(const struct answer *answer)
{
    return gate_may_see(ctl_role_name(answer->role),
        &(struct sight){.label = label_names[0], .restricted = TRUE, .embargo = TRUE});
}

/* Asked of the table, so that there is one. */
const struct sight_rule *answer_sight_rule(const struct answer *answer, struct sight_rule *rule)
{
    const char *role = ctl_role_name(answer->role);
    const char *mildest = label_names[g_strv_length((char **)label_names) - 1];

    *rule = (struct sight_rule){.red = gate_may_see(role, &(struct sight){.label = label_names[0]}),
        .embargo = gate_may_see(role, &(struct sight){.label = mildest, .embargo = TRUE}),
        .restricted = gate_may_see(role, &(struct sight){.label = mildest, .restricted = TRUE}),
        .member = gate_may_see(
                      role, &(struct sight){.label = mildest, .restricted = TRUE, .member = TRUE})
                      ? answer->user
                      : ""};
    return sees_all(answer) ? NULL : rule;
}

/* What became a part of another one is seen by who sees that one, too. */
gboolean answer_sees(const struct answer *answer, const struct incident *incident)
{
    if (incident->merged_into && !answer_sees_incident(answer, incident->merged_into))
        return FALSE;
    return gate_may_see(ctl_role_name(answer->role),
        &(struct sight){.label = incident->label,
            .restricted = incident->restricted,
            .member = incident->restricted && is_member(answer, incident->id),
            .embargo = g_str_equal(incident->state, "embargo")});
}

gboolean answer_sees_incident(const struct answer *answer, guint64 id)
{
    struct incident *incident = id ? store_incident_show(answer->context->store, id, NULL) : NULL;
    gboolean sees = !id || (incident && answer_sees(answer, incident));

    incident_free(incident);
    return sees;
}

/* As if it opened an incident: what it quotes counts, too. */
static gboolean sees_its_label(const struct answer *answer, guint64 mail)
{
    const char *role = ctl_role_name(answer->role);
    g_autoptr(mado_report) report = NULL;
    g_autoptr(mado_handling) handling = NULL;

    if (gate_may_see(role, &(struct sight){label_names[0]})) /* the strictest: so all of them */
        return TRUE;
    if (!(report = store_report_show(answer->context->store, mail, NULL)))
        return FALSE;
    handling = desk_handling(report, answer->context->settings->handling.default_in, TRUE);
    return gate_may_see(role, &(struct sight){handling->label});
}

/* What comes of a hidden incident, or may, is as hidden, though it is no part of it. */
static gboolean sees_what_it_claims(const struct answer *answer, const struct mail_row *mail)
{
    g_auto(GStrv) numbers = g_strsplit(mail->claims, ", ", -1);
    const char *tag = answer->context->settings->tickets.tag;
    int year, sequence;
    gboolean check_ok;

    for (char **number = numbers; *number; number++) {
        g_autoptr(GError) failed = NULL;
        guint64 incident =
            number_parse(*number, tag, &year, &sequence, &check_ok)
                ? store_find_incident(answer->context->store, year, sequence, &failed)
                : 0;
        if (failed || !answer_sees_incident(answer, incident))
            return FALSE;
    }
    return TRUE;
}

/* A copy has the text of the mail that came first; where that is not known any more, since it was
 * read anew, those see the copy who see all. */
static gboolean sees_its_original(const struct answer *answer, const struct mail_row *mail)
{
    guint64 original = 0;

    if (!g_str_equal(mail->ledger, ledger_name(LEDGER_COPY)))
        return TRUE;
    if (!store_mail_original(answer->context->store, mail->id, &original, NULL))
        return FALSE;
    return original ? answer_sees_mail(answer, original) : sees_all(answer);
}

gboolean answer_sees_row(const struct answer *answer, const struct mail_row *mail)
{
    if (mail->incident)
        return answer_sees_incident(answer, mail->incident);
    return sees_its_label(answer, mail->id) && sees_what_it_claims(answer, mail) &&
           sees_its_original(answer, mail);
}

gboolean answer_sees_mail(const struct answer *answer, guint64 id)
{
    struct mail_row *mail = id ? store_mail_show(answer->context->store, id, NULL) : NULL;
    gboolean sees = !id || (mail && answer_sees_row(answer, mail));

    mail_row_free(mail);
    return sees;
}

/* It may have been seen by all when that was written. */
gboolean answer_names_hidden(const struct answer *answer, const char *text)
{
    static GRegex *numbers;
    g_autoptr(GMatchInfo) match = NULL;
    gboolean names = FALSE;
    int year, sequence;
    gboolean check_ok;

    if (!numbers)
        numbers = g_regex_new("[0-9]{4}-[0-9]{4,}-[0-9A-Z]{2}", 0, 0, NULL);
    if (!text || sees_all(answer) || !g_regex_match(numbers, text, 0, &match))
        return FALSE;
    for (; !names && g_match_info_matches(match); g_match_info_next(match, NULL)) {
        g_autofree char *number = g_match_info_fetch(match, 0);
        if (number_parse(number, "", &year, &sequence, &check_ok) && check_ok)
            names = !answer_sees_incident(
                answer, store_find_incident(answer->context->store, year, sequence, NULL));
    }
    return names;
}

/* A notice belongs to no ticket, and its subject names one. */
gboolean answer_sees_letter(const struct answer *answer, const struct outbox_row *letter)
{
    return letter->incident ? answer_sees_incident(answer, letter->incident)
                            : answer_sees_mail(answer, letter->mail) &&
                                  !answer_names_hidden(answer, letter->subject);
}

/* A key that came with a mail says who sent it, until it is somebody's whom we know. */
gboolean answer_sees_key(const struct answer *answer, const struct key *key)
{
    guint64 mail;

    if (!g_str_equal(key->place, "offered") || !g_str_has_prefix(key->origin, "mail:") ||
        !g_ascii_string_to_unsigned(key->origin + strlen("mail:"), 10, 1, G_MAXINT64, &mail, NULL))
        return TRUE;
    return answer_sees_mail(answer, mail);
}

/* -- counts -- */

static json_t *count_row(const char *state, guint64 count, gint64 oldest)
{
    return json_pack("{s:o,s:o,s:o}", "state", ctl_string(state), "count", answer_integer(count),
        "oldest_seconds", answer_age(oldest));
}

static json_t *rows_of(const GPtrArray *counts)
{
    json_t *rows = json_array();

    for (guint i = 0; i < counts->len; i++) {
        const struct state_count *one = counts->pdata[i];
        json_array_append_new(rows, count_row(one->state, one->count, one->oldest));
    }
    return rows;
}

/* By state, as the counts are sorted. */
static json_t *rows_seen(const struct answer *answer, const GPtrArray *counts)
{
    json_t *rows = json_array();

    for (guint i = 0; i < counts->len;) {
        const struct sight_count *first = counts->pdata[i];
        guint64 sum = 0;
        gint64 oldest = 0;
        for (; i < counts->len; i++) {
            const struct sight_count *one = counts->pdata[i];
            if (!g_str_equal(one->state, first->state))
                break;
            const struct sight sight = {
                one->label, one->restricted, one->member, g_str_equal(one->state, "embargo")};
            if (!gate_may_see(ctl_role_name(answer->role), &sight))
                continue;
            sum += one->count;
            oldest = oldest ? MIN(oldest, one->oldest) : one->oldest;
        }
        if (sum)
            json_array_append_new(rows, count_row(first->state, sum, oldest));
    }
    return rows;
}

/* Who sees all is answered from an index alone. */
json_t *answer_state_counts(const struct answer *answer, GError **error)
{
    struct store *store = answer->context->store;
    gboolean all = sees_all(answer);
    g_autoptr(GPtrArray) counts =
        all ? store_count_states(store, error) : store_count_for(store, answer->user, error);

    return !counts ? NULL : all ? rows_of(counts) : rows_seen(answer, counts);
}

/* -- what `explain` asks -- */

static void drop_hidden_incidents(const struct answer *answer, GPtrArray *incidents)
{
    for (guint i = incidents->len; i-- > 0;) {
        const struct known_incident *one = incidents->pdata[i];
        if (!answer_sees_incident(answer, one->id))
            g_ptr_array_remove_index(incidents, i);
    }
}

static void drop_hidden_mail(const struct answer *answer, guint64 *mail)
{
    if (!answer_sees_mail(answer, *mail))
        *mail = 0;
}

void answer_hide(const struct answer *answer, struct history *history)
{
    drop_hidden_mail(answer, &history->copy_of);
    drop_hidden_mail(answer, &history->replay_of);
    drop_hidden_mail(answer, &history->sealed_of);
    drop_hidden_incidents(answer, history->incidents);
    drop_hidden_incidents(answer, history->referred);
    if (history->alike && !answer_sees_incident(answer, history->alike->id)) {
        g_clear_pointer(&history->alike, known_incident_free);
        history->alike_by_address = FALSE;
    }
    for (guint i = history->letters->len; i-- > 0;) {
        const struct known_letter *one = history->letters->pdata[i];
        struct outbox_row *letter = store_letter_show(answer->context->store, one->id, NULL);
        if (!letter || !answer_sees_letter(answer, letter))
            g_ptr_array_remove_index(history->letters, i);
        outbox_row_free(letter);
    }
}
