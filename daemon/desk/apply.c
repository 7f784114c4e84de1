/* A plan applied: one function for each kind of action, in the order of the plan, in the savepoint
 * that the caller holds. */
#include "reason.h"
#include "state.h"
#include "log.h"
#include "now.h"
#include "number.h"
#include "sorting.h"
#include "text.h"

struct work {
    struct desk *desk;
    guint64 mail;
    const struct message *message;
    const struct crypto *crypto; /* NULL: it is not protected */
    const struct plan *plan;
    gint64 now;
    guint64 incident; /* 0: none (yet) */
    int year, sequence;
    char *number;
    const char *state; /* for notices */
    const char *claims;
    gint64 time; /* how often an operator has sorted it */
};

static const struct mailbox *reporter(const struct message *message)
{
    static const struct mailbox nobody = {(char *)"", (char *)""};

    return message->from->len ? message->from->pdata[0] : &nobody;
}

static gboolean journal(struct work *work, const char *kind, const char *text, GError **error)
{
    return store_journal(
        work->desk->store, work->now, "mado", kind, work->incident, work->mail, text, error);
}

static gboolean add_correspondent(struct work *work, GError **error)
{
    const struct mailbox *from = reporter(work->message);

    return work->message->from->len != 1 || !text_is_safe_address(from->addr) ||
           store_add_correspondent(work->desk->store, work->incident, from->addr, error);
}

/* What a colleague wrote makes those correspondents to whom they wrote. */
static gboolean add_party(struct work *work, const struct action *join, GError **error)
{
    if (!g_str_equal(join->value[1], "colleague"))
        return add_correspondent(work, error);
    return colleague_note(work->desk,
        &(struct outside_letter){.mail = work->mail,
            .incident = work->incident,
            .message = work->message,
            .now = work->now},
        error);
}

/* Who is told of it. */
static gboolean add_reporter(struct work *work, GError **error)
{
    const struct mailbox *from = reporter(work->message);

    return work->message->from->len != 1 || !text_is_safe_address(from->addr) ||
           store_add_reporter(work->desk->store,
               &(struct reporter){.incident = work->incident,
                   .address = from->addr,
                   .name = from->name,
                   .mail = work->mail,
                   .at = work->now},
               error);
}

static int year_of(const struct desk *desk, gint64 now)
{
    g_autoptr(GDateTime) time = desk_local_time(desk, now);
    return g_date_time_get_year(time);
}

/* Nobody has read it: the subject outside is what everybody on the way could read. */
static const char *subject_of(const struct work *work)
{
    const char *subject = work->message->subject;

    if (work->plan->ledger == LEDGER_INCIDENT)
        return subject;
    if (work->plan->ledger == LEDGER_QUARANTINE || !*subject)
        return "(could not be read)";
    return subject_is_hidden(subject) ? "(encrypted)" : subject;
}

static gboolean apply_open(struct work *work, const struct action *action, GError **error)
{
    const struct mailbox *from = reporter(work->message);
    struct new_incident wanted = {
        .year = year_of(work->desk, work->now),
        .category = action->value[0],
        .severity = action->value[1],
        .label = action->value[2],
        .subject = subject_of(work),
        .reporter_name = from->name,
        .reporter_addr = from->addr,
        .category_by = action->value[3] ?: "default",
        .severity_by = action->value[4] ?: "default",
        .label_by = action->value[5] ?: "default",
        .at = work->now,
    };

    work->year = wanted.year;
    work->state = work->plan->ledger == LEDGER_UNREADABLE ? "unreadable" : "new";
    return store_open_incident(work->desk->store, &wanted, number_format, &work->incident,
               &work->sequence, &work->number, error) &&
           add_correspondent(work, error) && add_reporter(work, error) &&
           journal(work, "opened", action->why, error);
}

static gboolean find_incident(struct work *work, const char *number, GError **error)
{
    gboolean check_ok;

    if (!number_parse(
            number, work->desk->settings->tickets.tag, &work->year, &work->sequence, &check_ok))
        return TRUE;
    work->incident = store_find_incident(work->desk->store, work->year, work->sequence, error);
    work->number = g_strdup(number);
    return !error || !*error;
}

/* What a person has set stays, whatever a mail says that could be read only later. */
static gboolean is_persons(const char *by)
{
    static const char *const machines[] = {"", "proposal", "report", "default", NULL};

    return !g_strv_contains(machines, by) && !g_str_has_prefix(by, "rule ");
}

/* What the ticket was called when nobody could read the mail that has opened it. */
static gboolean rename_opened(struct work *work, GError **error)
{
    struct incident *now = store_incident_show(work->desk->store, work->incident, error);
    gboolean found = now != NULL, stays = found && is_persons(now->subject_by);

    incident_free(now);
    return found && (stays || store_set_incident(work->desk->store, work->incident, "subject",
                                  work->message->subject, work->now, error));
}

static gboolean is_alike(const struct action *join)
{
    return join && g_strcmp0(join->value[1], "alike") == 0;
}

static gboolean apply_join(struct work *work, const struct action *action, GError **error)
{
    work->state = work->plan->ledger == LEDGER_UNREADABLE ? "unreadable" : "joined";
    return find_incident(work, action->value[0], error) &&
           store_join_incident(work->desk->store, work->incident, work->now, error) &&
           (!g_str_equal(action->value[1], "retry") || rename_opened(work, error)) &&
           add_party(work, action, error) && (!is_alike(action) || add_reporter(work, error)) &&
           journal(work, "joined", action->why, error);
}

static gboolean apply_pending(struct work *work, const struct action *action, GError **error)
{
    work->state = "pending";
    work->claims = action->value[0];
    return journal(work, "pending", action->why, error);
}

static gboolean apply_ack(struct work *work, const struct action *action, GError **error)
{
    struct incident *incident = store_incident_show(work->desk->store, work->incident, error);
    struct acknowledgement wanted = {
        .mail = work->mail,
        .incident = work->incident,
        .year = work->year,
        .sequence = work->sequence,
        .number = work->number,
        .category = incident ? incident->category : NULL,
        .template = action->value[0],
        .language = action->value[1],
        .to = action->value[2],
        .message = work->message,
        .sealed = work->crypto && work->crypto->encrypted != EXTENT_NONE,
        .opens = plan_find(work->plan, ACTION_OPEN) ||
                 is_alike(plan_find(work->plan, ACTION_JOIN)), /* for the caps it is a new one */
        .time = work->time,
    };

    gboolean done = incident && letters_queue_ack(work->desk, &wanted, error) &&
                    journal(work, "ack", action->why, error);

    incident_free(incident);
    return done;
}

static gboolean apply_no_ack(struct work *work, const struct action *action, GError **error)
{
    return journal(work, "no-ack", action->why, error);
}

static gboolean may_set(struct work *work, const char *field, gboolean *may, GError **error)
{
    struct incident *now = store_incident_show(work->desk->store, work->incident, error);
    gboolean found = now != NULL;

    *may = found && !(g_str_equal(field, "category") && is_persons(now->category_by)) &&
           !(g_str_equal(field, "severity") && is_persons(now->severity_by));
    incident_free(now);
    return found;
}

/* Who or what has decided it is kept beside some fields. */
static gboolean set_field(struct work *work, const struct action *action, GError **error)
{
    static const char *const told[] = {"category", "severity", "label", NULL};
    struct store *store = work->desk->store;
    const char *field = action->value[0], *by = action->value[2];
    g_autofree char *beside = g_strconcat(field, "_by", NULL);

    return store_set_incident(store, work->incident, field, action->value[1], work->now, error) &&
           (!by || !g_strv_contains(told, field) ||
               store_set_incident(store, work->incident, beside, by, work->now, error));
}

/* Some are said in the journal only; every other field is the incident's. */
static gboolean apply_set(struct work *work, const struct action *action, GError **error)
{
    static const char *const kinds[][2] = {
        {"flag", "set"}, {"escalation", "escalation"}, {"note", "note"}};
    g_autofree char *text =
        reason_make(REASON_SET, action->value[0], action->value[1], action->why, NULL);
    gboolean may;

    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (g_str_equal(kinds[i][0], action->value[0]))
            return journal(work, kinds[i][1], text, error);
    if (!may_set(work, action->value[0], &may, error))
        return FALSE;
    return !may || (set_field(work, action, error) && journal(work, "set", text, error));
}

static gboolean apply_reference(struct work *work, const struct action *action, GError **error)
{
    g_autofree char *text = g_strdup_printf(
        "%s %s", *action->value[0] ? action->value[0] : "somebody's", action->value[1]);
    g_autofree char *address = g_ascii_strdown(reporter(work->message)->addr, -1);
    const struct reference wanted = {
        .incident = work->incident,
        .authority = action->value[0],
        .id = action->value[1],
        .address = address,
        .mail = work->mail,
        .at = work->now,
    };
    gboolean added;

    return store_add_reference(work->desk->store, &wanted, &added, error) &&
           (!added || journal(work, "reference", text, error));
}

/* A mere claim is said of the mail, and leaves the incident as it is: anybody can make one. */
static gboolean apply_relate(struct work *work, const struct action *action, GError **error)
{
    g_autofree char *text =
        reason_make(REASON_RELATED, action->value[0], action->value[1], action->why, NULL);

    if (g_str_equal(action->value[1], "claim")) {
        work->claims = action->value[0];
        return journal(work, "related", text, error);
    }
    return (work->incident || find_incident(work, action->value[0], error)) &&
           journal(work,
               g_str_equal(action->value[1], "acknowledged") ? "peer-acknowledged" : "related",
               text, error);
}

static guint64 letter_of(const struct action *action)
{
    return g_ascii_strtoull(action->value[0], NULL, 10);
}

static gboolean apply_delivery(struct work *work, const struct action *action, GError **error)
{
    g_autofree char *words = bounce_words(action->value[7], action->value[6], action->value[5]);
    g_autofree char *text =
        g_strdup_printf("%s: %s, %s", action->value[2], action->value[3], words);

    return store_add_delivery(work->desk->store,
               &(struct new_delivery){
                   .mail = work->mail,
                   .letter = letter_of(action),
                   .incident = work->incident,
                   .recipient = action->value[2],
                   .outcome = action->value[3],
                   .permanent = g_str_equal(action->value[4], "yes"),
                   .status = action->value[5],
                   .reply_code = action->value[6],
                   .reason = action->value[7],
                   .at = work->now,
               },
               error) &&
           journal(work, "delivery", text, error);
}

/* A second bounce of the same letter, or one of a letter that waits to go again, changes none. */
static gboolean apply_returned(struct work *work, const struct action *action, GError **error)
{
    gboolean failed;

    if (!store_letter_returned(
            work->desk->store, letter_of(action), action->value[1], work->now, &failed, error))
        return FALSE;
    if (!failed)
        return TRUE;
    log_event(LOG_LEVEL_WARN, work->mail, "letter", "letter=%s state=failed: %s", action->value[0],
        action->value[1]);
    return coordinating_returned(work->desk, letter_of(action), work->now, error) &&
           store_escalation_failed(work->desk->store, letter_of(action), work->now, error) &&
           journal(work, "mail-returned", action->value[1], error);
}

static gboolean apply_review(struct work *work, const struct action *action, GError **error)
{
    guint64 review = g_ascii_strtoull(action->value[0], NULL, 10);
    g_autofree char *text = g_strdup_printf(
        "%s: %s (review %" G_GUINT64_FORMAT ")", action->value[1], action->why, review);

    return store_review_answered(
               work->desk->store, review, action->value[2], work->mail, work->now, error) &&
           journal(work, "contact-review", text, error) &&
           store_plan(work->desk->store, STORE_REVIEWS, work->now, error);
}

static gboolean apply_notice(struct work *work, const struct action *action, GError **error)
{
    const struct action *open = plan_find(work->plan, ACTION_OPEN);

    return store_add_notice(work->desk->store, work->mail, work->number ? work->number : "",
        work->state ? work->state : ledger_name(work->plan->ledger), open ? open->value[1] : "",
        open ? open->value[2] : "", work->now, error);
}

static gboolean (*const apply[ACTION_KINDS])(struct work *, const struct action *, GError **) = {
    [ACTION_OPEN] = apply_open,
    [ACTION_JOIN] = apply_join,
    [ACTION_PENDING] = apply_pending,
    [ACTION_ACK] = apply_ack,
    [ACTION_NO_ACK] = apply_no_ack,
    [ACTION_SET] = apply_set,
    [ACTION_REFERENCE] = apply_reference,
    [ACTION_RELATE] = apply_relate,
    [ACTION_NOTICE] = apply_notice,
    [ACTION_DELIVERY] = apply_delivery,
    [ACTION_RETURNED] = apply_returned,
    [ACTION_REVIEW] = apply_review,
};

/* Before the plan: a letter that it queues asks how the mail came. */
static gboolean keep_protection(struct work *work, GError **error)
{
    struct store *store = work->desk->store;

    if (!work->crypto)
        return TRUE;
    if (!store_keep_crypto(store, work->mail, work->crypto, error))
        return FALSE;
    if (work->plan->ledger == LEDGER_UNREADABLE)
        return store_keep_unreadable(store, work->mail, work->crypto, work->now, error);
    return store_drop_unreadable(store, work->mail, error);
}

static gboolean tell_protection(struct work *work, GError **error)
{
    g_autofree char *words = work->crypto ? crypto_words(work->crypto) : NULL;

    return !words || journal(work, "verdict", words, error);
}

/* What parties of a coordination write is noted with it. */
static gboolean land(struct work *work, GError **error)
{
    const struct landing landing = {.mail = work->mail,
        .incident = work->incident,
        .message = work->message,
        .plan = work->plan,
        .now = work->now};

    return !work->incident || (coordinating_land(work->desk, &landing, error) &&
                                  escalating_land(work->desk, &landing, error));
}

static gboolean apply_plan(struct work *work, const char *text_sha256, GError **error)
{
    struct store *store = work->desk->store;
    const struct action *first = g_ptr_array_index(work->plan->actions, 0);

    if (!store_keep_message(store, work->mail, work->message, text_sha256, error) ||
        !store_keep_report(store, work->mail, work->message->report, error) ||
        !keep_protection(work, error))
        return FALSE;
    for (guint i = 0; i < work->plan->actions->len; i++) {
        const struct action *action = g_ptr_array_index(work->plan->actions, i);
        if (!apply[action->kind](work, action, error))
            return FALSE;
    }
    return land(work, error) && tell_protection(work, error) &&
           store_sorting_done(store, work->mail, error) &&
           store_settle_mail(store, work->mail, work->plan->ledger, work->incident,
               work->claims ? work->claims : "", first->why, work->now, error);
}

gboolean apply_to_mail(struct desk *desk, const struct reading *reading, const struct plan *plan,
    const char *text_sha256, GError **error)
{
    struct work work = {.desk = desk,
        .mail = reading->mail,
        .message = reading->message,
        .crypto = reading->crypto,
        .plan = plan,
        .now = now_seconds(),
        .time = reading->time};
    gboolean done = apply_plan(&work, text_sha256, error);

    if (done)
        log_event(LOG_LEVEL_INFO, work.mail, "mail", "ledger=%s number=%s",
            ledger_name(plan->ledger), work.number ? work.number : "-");
    g_free(work.number);
    return done;
}
