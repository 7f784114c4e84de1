/* merge, split: mails of one case that came as two tickets, and the other way round. */
#include "control-query.h"
#include "control-work.h"
#include "desk.h"
#include "error.h"
#include "now.h"
#include "number.h"
#include "sorting.h"
#include <inttypes.h>
#include <string.h>

enum { UNDO_SECONDS = 24 * 60 * 60 };

static gboolean journal(
    struct deed *deed, const char *kind, guint64 incident, const char *text, GError **error)
{
    return store_journal(deed->answer->context->store, deed->now, deed->answer->user, kind,
        incident, 0, text, error);
}

/* -- merge ID TARGET [--reason TEXT] -- */

/* That of the other one would end sooner; 0 is not known, and so never. */
static gboolean ends_sooner(const struct incident *part, const struct incident *target)
{
    return g_str_equal(part->state, "embargo") && target->embargo_until &&
           (!part->embargo_until || target->embargo_until < part->embargo_until);
}

static char *day_of(const struct deed *deed, gint64 at)
{
    g_autofree char *words = when_words(deed->answer, at);

    return at ? g_strndup(words, strlen("2026-12-01")) : g_strdup("DATE");
}

static gboolean may_end(const struct deed *deed, const struct incident *target, GError **error)
{
    g_autofree char *day = day_of(deed, deed->was->embargo_until);

    return !ends_sooner(deed->was, target) ||
           answer_refuse(error, MADO_E_BAD_DATA,
               "The embargo of %s ends sooner than that of %s. Nothing was changed. Make it last "
               "as long: madoctl set %s state=embargo:%s",
               target->number, deed->was->number, target->number, day);
}

/* Who asks sees both: whoever does not is told that there is none. */
static gboolean may_merge(
    const struct incident *part, const struct incident *target, GError **error)
{
    if (part->id == target->id)
        return answer_refuse(error, MADO_E_USAGE,
            "A ticket is no part of itself. Nothing was changed. Write: madoctl merge 43 42, and "
            "43 becomes a part of 42.");
    if (state_is_over(target->state) && !state_is_over(part->state))
        return answer_refuse(error, MADO_E_BAD_DATA,
            "%s is %s, and %s is not done. Nothing was changed. Open it again first: madoctl "
            "reopen %s",
            target->number, target->state, part->number, target->number);
    if (g_str_equal(part->state, "embargo") && !g_str_equal(target->state, "embargo"))
        return answer_refuse(error, MADO_E_BAD_DATA,
            "%s is under embargo, and %s is not. Nothing was changed. Put it there first: madoctl "
            "set %s state=embargo:DATE",
            part->number, target->number, target->number);
    return TRUE;
}

static const char *stricter(const char *one, const char *other)
{
    return label_is_stricter(one, other) ? one : other;
}

static void hint_differences(struct deed *deed, const struct incident *target)
{
    const struct incident *part = deed->was;

    if (!g_str_equal(part->severity, target->severity))
        deed_hint(deed, "%s was %s, %s stays %s: madoctl set %s severity=%s", part->number,
            part->severity, target->number, target->severity, target->number, part->severity);
    if (label_is_stricter(part->label, target->label))
        deed_hint(
            deed, "%s is %s from now on, as %s was.", target->number, part->label, part->number);
    if (part->due && (!target->due || part->due < target->due)) {
        g_autofree char *day = day_of(deed, part->due);
        deed_hint(
            deed, "%s was due sooner: madoctl set %s due=%s", part->number, target->number, day);
    }
    if (part->restricted > target->restricted)
        deed_hint(deed, "%s is restricted from now on, as %s was.", target->number, part->number);
}

static gboolean note_merge(
    struct deed *deed, const struct incident *target, const char *reason, GError **error)
{
    const char *colon = reason ? ": " : "";
    g_autofree char *of_part =
        g_strdup_printf("a part of %s%s%s", target->number, colon, reason ? reason : "");
    g_autofree char *of_target =
        g_strdup_printf("%s is a part of it%s%s", deed->was->number, colon, reason ? reason : "");

    return journal(deed, "merged", deed->was->id, of_part, error) &&
           journal(deed, "merged", target->id, of_target, error);
}

static gboolean merge(struct deed *deed, const struct incident *target, GError **error)
{
    const struct incident *part = deed->was;
    const char *reason = answer_string(deed->answer, "reason");
    const struct merge wanted = {
        .incident = part->id,
        .target = target->id,
        .actor = (char *)deed->answer->user,
        .reason = (char *)(reason ? reason : ""),
        .at = deed->now,
        .label = (char *)stricter(part->label, target->label),
        .restricted = part->restricted || target->restricted,
    };

    hint_differences(deed, target);
    return may_merge(part, target, error) && may_end(deed, target, error) &&
           note_merge(deed, target, reason, error) &&
           store_merge(deed->answer->context->store, &wanted, error);
}

gboolean answer_merge(struct answer *answer, GError **error)
{
    static const char *const next[] = {"madoctl merge undo ID", "madoctl history ID", NULL};
    const char *reason = answer_string(answer, "reason");
    struct deed deed, other;
    gboolean done;

    if ((reason && !answer_is_reason(reason, "madoctl merge 43 42 --reason TEXT", error)) ||
        !deed_begin(&deed, answer, answer_string(answer, "id"), error))
        return FALSE;
    if (!deed_begin(&other, answer, answer_string(answer, "target"), error))
        return deed_give_up(&deed);
    done = merge(&deed, other.was, error);
    deed_give_up(&other);
    return done ? deed_end(&deed, next, error) : deed_give_up(&deed);
}

/* -- merge undo ID -- */

static gboolean may_undo(const struct deed *deed, const struct merge *merge,
    const struct incident *target, GError **error)
{
    const struct incident *part = deed->was;

    if (target->merged_into)
        return answer_refuse(error, MADO_E_BAD_DATA,
            "%s is a part of another ticket itself. Nothing was changed. Undo that first: madoctl "
            "merge undo %s",
            target->number, target->number);
    return deed->now - merge->at < UNDO_SECONDS ||
           answer_refuse(error, MADO_E_BAD_DATA,
               "%s became a part of %s more than a day ago. Nothing was changed. Single mails are "
               "taken out by: madoctl split mail:17",
               part->number, target->number);
}

static gboolean undo_merge(
    struct deed *deed, const struct merge *merge, const struct incident *target, GError **error)
{
    const char *reason = answer_string(deed->answer, "reason");
    g_autofree char *of_part = g_strdup_printf(
        "no part of %s any more%s%s", target->number, reason ? ": " : "", reason ? reason : "");
    g_autofree char *of_target = g_strdup_printf("%s is no part of it any more%s%s",
        deed->was->number, reason ? ": " : "", reason ? reason : "");
    gboolean kept;

    if (!may_undo(deed, merge, target, error) ||
        !store_merge_undo(deed->answer->context->store, merge, deed->now, &kept, error))
        return FALSE;
    if (kept)
        deed_hint(deed,
            "%s has had mail, words or a new label since, and keeps %s. A less strict one: madoctl "
            "set %s "
            "label=LABEL --reason TEXT",
            target->number, merge->label, target->number);
    return journal(deed, "unmerged", deed->was->id, of_part, error) &&
           journal(deed, "unmerged", target->id, of_target, error);
}

gboolean answer_merge_undo(struct answer *answer, GError **error)
{
    static const char *const next[] = {"madoctl show ID", NULL};
    const char *reason = answer_string(answer, "reason");
    struct store *store = answer->context->store;
    struct incident *target = NULL;
    g_autoptr(mado_merge) merge = NULL;
    struct deed deed;
    gboolean done;

    if ((reason && !answer_is_reason(reason, "madoctl merge undo 43 --reason TEXT", error)) ||
        !deed_begin_any(&deed, answer, answer_string(answer, "id"), error))
        return FALSE;
    merge = store_merge_show(store, deed.was->id, error);
    if (!merge) {
        if (!error || !*error)
            answer_refuse(error, MADO_E_BAD_DATA,
                "%s is no part of another ticket. Nothing was changed. See: madoctl show %s",
                deed.was->number, deed.was->number);
        return deed_give_up(&deed);
    }
    target = store_incident_show(store, merge->target, error);
    done = target && undo_merge(&deed, merge, target, error);
    incident_free(target);
    return done ? deed_end(&deed, next, error) : deed_give_up(&deed);
}

/* -- split mail:ID [--reason TEXT]: a mail becomes a ticket of its own -- */

static gboolean find_mail(const struct answer *answer, guint64 *mail, GError **error)
{
    const char *text = answer_string(answer, "mail");
    const char *number = text && g_str_has_prefix(text, "mail:") ? text + strlen("mail:") : text;

    if (!number || !g_ascii_string_to_unsigned(number, 10, 1, G_MAXINT64, mail, NULL)) {
        answer_refuse(error, MADO_E_USAGE,
            "\"%s\" is no mail. Nothing was changed. Write it as mail:17; see: madoctl show ID "
            "--mail",
            text ? text : "");
        return FALSE;
    }
    return answer_sees_mail(answer, *mail) ||
           answer_refuse(error, MADO_E_NO_SUCH,
               "There is no mail %" PRIu64 ". Nothing was changed. See: madoctl show ID --mail",
               *mail);
}

static gboolean may_split(const struct answer *answer, const struct mail_row *mail, GError **error)
{
    gint64 mails = 0;

    if (!mail->incident)
        return answer_refuse(error, MADO_E_BAD_DATA,
            "Mail %" PRIu64 " is part of no ticket. Nothing was changed. It may become "
            "one: madoctl inbox accept %" PRIu64,
            mail->id, mail->id);
    if (!*mail->ledger)
        return answer_refuse(error, MADO_E_BUSY,
            "Mail %" PRIu64 " is being read just now. Nothing was changed. Try again.", mail->id);
    if (!store_count_mails(answer->context->store, mail->incident, &mails, error))
        return FALSE;
    return mails > 1 ||
           answer_refuse(error, MADO_E_BAD_DATA,
               "Mail %" PRIu64 " is all that its ticket has. Nothing was changed. See: "
               "madoctl show mail:%" PRIu64,
               mail->id, mail->id);
}

/* It is handled as what it comes from: nobody has said yet that it may be otherwise. */
static gboolean open_own(const struct answer *answer, const struct incident *from,
    const struct mail_row *mail, guint64 *incident, char **number, GError **error)
{
    gint64 now = now_seconds();
    int sequence;

    return store_open_incident(answer->context->store,
        &(struct new_incident){
            .year = when_year(answer, now),
            .severity = from->severity,
            .category = from->category,
            .label = from->label,
            .subject = mail->subject,
            .reporter_name = mail->from_name,
            .reporter_addr = mail->from_addr,
            .at = now,
            .label_by = from->label_by,
            .category_by = from->category_by,
            .severity_by = from->severity_by,
        },
        number_format, incident, &sequence, number, error);
}

static gboolean keep_embargo(
    struct store *store, const struct incident *from, guint64 incident, gint64 now, GError **error)
{
    g_autofree char *until = g_strdup_printf("%" PRIi64, from->embargo_until);

    return !g_str_equal(from->state, "embargo") ||
           (store_set_incident(store, incident, "state", "embargo", now, error) &&
               store_set_incident(store, incident, "embargo_until", until, now, error));
}

static gboolean take_along(const struct answer *answer, const struct incident *from,
    const struct mail_row *mail, guint64 incident, GError **error)
{
    struct store *store = answer->context->store;
    gint64 now = now_seconds();
    g_auto(GStrv) members = store_members(store, from->id, error);

    if (!members ||
        (from->restricted && !store_restrict_incident(store, incident, TRUE, now, error)))
        return FALSE;
    if (!keep_embargo(store, from, incident, now, error))
        return FALSE;
    for (char **user = members; *user; user++)
        if (!store_add_member(store, incident, *user, error))
            return FALSE;
    if (*mail->from_addr &&
        (!store_add_correspondent(store, incident, mail->from_addr, error) ||
            !store_add_reporter(store,
                &(struct reporter){incident, mail->from_addr, mail->from_name, mail->id, now},
                error)))
        return FALSE;
    return store_split_mail(store, mail->id, from->id, incident, error) &&
           store_join_incident(store, from->id, now, error);
}

static gboolean note_split(const struct answer *answer, const struct incident *from,
    const struct incident *own, guint64 mail, GError **error)
{
    struct store *store = answer->context->store;
    const char *reason = answer_string(answer, "reason");
    g_autofree char *of_own = g_strdup_printf(
        "split from %s%s%s", from->number, reason ? ": " : "", reason ? reason : "");
    g_autofree char *of_from = g_strdup_printf(
        "mail %" PRIu64 " is %s%s%s", mail, own->number, reason ? ": " : "", reason ? reason : "");
    gint64 now = now_seconds();

    return store_journal(store, now, answer->user, "split", own->id, mail, of_own, error) &&
           store_journal(store, now, answer->user, "split", from->id, mail, of_from, error) &&
           store_link(store,
               &(struct incident_link){own->id, from->id, (char *)"related", (char *)answer->user,
                   (char *)"split", now},
               "related", error);
}

static gboolean tell_split(
    struct answer *answer, const struct incident *own, const struct incident *from, GError **error)
{
    g_autofree char *back = g_strdup_printf("madoctl merge ID %s", from->number);
    const char *const next[] = {"madoctl take ID", back, NULL};
    json_t *row = answer_ticket_row(answer, own);

    answer_set(row, "changes", json_array());
    answer_set(row, "hints", json_array());
    answer_set(row, "next", answer_next(next, own->number));
    answer_add(answer, row);
    return TRUE;
}

static gboolean split(struct answer *answer, const struct mail_row *mail, GError **error)
{
    struct store *store = answer->context->store;
    struct incident *from = store_incident_show(store, mail->incident, error), *own = NULL;
    g_autofree char *number = NULL;
    guint64 id = 0;
    gboolean done = from && open_own(answer, from, mail, &id, &number, error) &&
                    take_along(answer, from, mail, id, error) &&
                    (own = store_incident_show(store, id, error)) &&
                    note_split(answer, from, own, mail->id, error) &&
                    tell_split(answer, own, from, error);

    incident_free(from);
    incident_free(own);
    return done;
}

gboolean answer_split(struct answer *answer, GError **error)
{
    const char *reason = answer_string(answer, "reason");
    struct mail_row *mail = NULL;
    guint64 id;
    gboolean done;

    if ((reason && !answer_is_reason(reason, "madoctl split mail:17 --reason TEXT", error)) ||
        !find_mail(answer, &id, error))
        return FALSE;
    mail = store_mail_show(answer->context->store, id, error);
    done = mail && may_split(answer, mail, error) && split(answer, mail, error);
    mail_row_free(mail);
    return done;
}
