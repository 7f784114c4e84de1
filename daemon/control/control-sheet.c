/* What a letter of a person is for, to whom it goes, and how they are written to. */
#include "control-sheet.h"
#include "clock.h"
#include "control-query.h"
#include "coordination.h"
#include "desk.h"
#include "duty.h"
#include "error.h"
#include "now.h"
#include "text.h"
#include <string.h>

/* Nobody is asked to answer within more than a year. */
enum { LONGEST_NAME = 200, LONGEST_REASON = 500, MOST_DAYS = 366, DAY_SECONDS = 86400 };

/* -- to whom it may go -- */

/* Who told us of it: nobody else hears of it by a slip. */
static gboolean check_correspondent(const struct answer *answer, const struct sheet *sheet,
    const struct incident *incident, GError **error)
{
    gboolean is = FALSE;

    if (!store_is_correspondent(answer->context->store, incident->id, sheet->to, &is, error))
        return FALSE;
    return is ||
           answer_refuse(error, MADO_E_BAD_DATA,
               "%s has not written to us about %s. Nothing was sent. Who has: madoctl show %s",
               sheet->to, incident->number, incident->number);
}

/* Whom we have written down: an address alone says nothing of who they are. */
static gboolean check_contact(const struct answer *answer, const struct sheet *sheet,
    const struct incident *incident, GError **error)
{
    return sheet->contact ||
           answer_refuse(error, MADO_E_BAD_DATA,
               "%s is no contact of ours. Nothing was sent. Write down who they are: madoctl "
               "contact add NAME --address %s",
               sheet->to, sheet->to);
}

/* The order that has opened it is given once more. */
static gboolean is_this_order(const struct answer *answer, guint64 coordination)
{
    const char *draft = answer_string(answer, "draft");
    g_autofree char *cause = g_strdup_printf("letter:%s", draft ? draft : "");
    guint64 letter = 0, its = 0;

    return draft && store_find_letter(answer->context->store, "letter", cause, &letter, NULL) &&
           letter && store_coordination_of_letter(answer->context->store, letter, &its, NULL) &&
           its == coordination;
}

static gboolean check_open(const struct answer *answer, const struct sheet *sheet,
    const struct incident *incident, GError **error)
{
    g_autoptr(GPtrArray) all = store_coordinations(answer->context->store, incident->id, error);

    if (!all || !check_contact(answer, sheet, incident, error))
        return FALSE;
    if (state_is_over(incident->state))
        return answer_refuse(error, MADO_E_BAD_DATA,
            "%s is %s. Nothing was sent. Open it again first: madoctl reopen %s", incident->number,
            incident->state, incident->number);
    for (guint i = 0; i < all->len; i++) {
        const struct coordination *one = all->pdata[i];
        if (one->contact == sheet->contact && !coordination_is_over(one->state) &&
            !is_this_order(answer, one->id))
            return answer_refuse(error, MADO_E_BAD_DATA,
                "%s was asked already: %s is %s. Nothing was sent. To write to them: madoctl reply "
                "%s --to %s; to remind them: madoctl coord remind %s",
                one->name, one->number, one->state, incident->number, one->address, one->number);
    }
    return TRUE;
}

static gboolean check_reminded(const struct answer *answer, const struct sheet *sheet,
    const struct incident *incident, GError **error)
{
    g_autoptr(mado_coordination) one = NULL;

    if (!sheet->coordination)
        return answer_refuse(error, MADO_E_USAGE,
            "Whom to remind? Nothing was sent. Write: madoctl coord remind C-2026-0057");
    one = store_coordination(answer->context->store, sheet->coordination, error);
    if (!one || (!coordination_is_over(one->state) && !state_is_over(incident->state)))
        return one != NULL;
    return answer_refuse(error, MADO_E_BAD_DATA,
        "Nobody is reminded of what is over: %s is %s, and %s is %s. Nothing was sent. To write to "
        "them: madoctl reply %s --to %s",
        one->number, one->state, incident->number, incident->state, incident->number, one->address);
}

/* Of those whom the configuration names. */
static gboolean check_decider(const struct answer *answer, const struct sheet *sheet,
    const struct incident *incident, GError **error)
{
    return (sheet->target && *sheet->target) ||
           answer_refuse(error, MADO_E_USAGE,
               "To whom? Nothing was sent. Write: madoctl escalate %s --to management",
               incident->number);
}

static const struct purpose purposes[] = {
    {"reply", "reply", {"new"}, "open", check_correspondent},
    {"ask", "ask-info", {"new", "open"}, "waiting", check_correspondent},
    {"close", "close", {NULL}, "closed", check_correspondent},
    {"reject", "reject", {NULL}, "rejected", check_correspondent},
    {"coord", "coord", {"new", "open"}, "waiting", check_open},
    {"remind", "remind-1", {NULL}, "", check_reminded},
    {"notify", "notify", {NULL}, "", check_contact},
    {"share", "share", {NULL}, "", check_contact},
    {"escalate", "escalate-mgmt", {NULL}, "", check_decider},
};

static const struct purpose *find_purpose(const char *name, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(purposes); i++)
        if (name && g_str_equal(purposes[i].name, name))
            return &purposes[i];
    answer_refuse(error, MADO_E_USAGE, "There are no letters of the kind \"%s\". Nothing was sent.",
        name ? name : "");
    return NULL;
}

/* -- the sheet -- */

/* Who asks is root, or the daemon's own user, and no operator: then by that name. */
static void set_writer(const struct answer *answer, struct sheet *sheet)
{
    sheet->writer = g_strdup(answer->user);
    sheet->writer_name = g_strdup(duty_name(answer->context->settings, answer->user));
}

static gboolean is_language(const char *name)
{
    return name && (g_str_equal(name, "ja") || g_str_equal(name, "en"));
}

/* As it was asked for, else as the contact reads, else as their mail was, else as we write first.
 */
static const char *language_of(
    const struct answer *answer, const struct contact *contact, const struct thread_mail *last)
{
    const char *const wishes[] = {answer_string(answer, "language"),
        contact ? contact->language : NULL, last ? last->language : NULL};

    for (gsize i = 0; i < G_N_ELEMENTS(wishes); i++)
        if (is_language(wishes[i]))
            return wishes[i];
    return answer->context->settings->team.languages[0];
}

struct contact *sheet_contact(const struct answer *answer, const char *address, GError **error)
{
    guint64 id;

    return store_find_address(answer->context->store, address, &id, error) && id
               ? store_contact(answer->context->store, id, error)
               : NULL;
}

/* The name that they gave themselves, if nobody could take it for words of ours. */
static char *name_of(const struct thread_mail *last)
{
    static const char *const ours[] = {"<<<", ">>>", "{{", "}}", NULL};
    g_autofree char *name = g_strstrip(text_harmless(last ? last->from_name : "", NULL));

    for (const char *const *one = ours; *one; one++)
        if (strstr(name, *one))
            return g_strdup("");
    return strlen(name) > LONGEST_NAME || checks_label_in(name) ? g_strdup("")
                                                                : g_steal_pointer(&name);
}

/* How operators call somebody is not how they are addressed, unless they are a person. */
static void set_names(
    struct sheet *sheet, const struct contact *contact, const struct thread_mail *last)
{
    gboolean person = contact && g_str_equal(contact->kind, "person");

    if (last)
        sheet->to_name = name_of(last);
    else
        sheet->to_name = g_strdup(person ? contact->name : "");
    sheet->organisation = g_strdup(!contact                           ? ""
                                   : *contact->organisation || person ? contact->organisation
                                   : last                             ? ""
                                                                      : contact->name);
}

static void set_party(
    const struct answer *answer, struct sheet *sheet, const struct contact *contact)
{
    const char *target = answer_string(answer, "target");
    const char *shown = answer_string(answer, "show_reporter");

    sheet->contact = contact ? contact->id : 0;
    sheet->party = g_strdup(contact ? contact->name : "");
    sheet->inside = desk_is_ours(sheet->to, answer->context->settings) ||
                    (contact && g_str_equal(contact->relation, "inside"));
    sheet->target = g_strdup(target);
    sheet->shown = shown && *shown ? g_strstrip(text_harmless(shown, NULL)) : NULL;
}

static gboolean fill(const struct answer *answer, struct sheet *sheet, GError **error)
{
    g_autoptr(GError) failed = NULL;
    g_autoptr(mado_contact) contact = sheet_contact(answer, sheet->to, &failed);
    g_autoptr(GPtrArray) thread =
        failed ? NULL : store_thread(answer->context->store, sheet->incident, sheet->to, &failed);
    const struct thread_mail *last = thread && thread->len ? thread->pdata[0] : NULL;

    if (failed) {
        g_propagate_error(error, g_steal_pointer(&failed));
        return FALSE;
    }
    sheet->mail = last ? last->mail : 0;
    set_names(sheet, contact, last);
    set_party(answer, sheet, contact);
    sheet->language = g_strdup(language_of(answer, contact, last));
    sheet->charset = g_strdup(contact ? contact->charset : "");
    return TRUE;
}

/* -- of a coordination -- */

/* What is written to a party of one belongs there. */
static gboolean find_thread(const struct answer *answer, struct sheet *sheet, GError **error)
{
    g_autoptr(GPtrArray) all = NULL;

    if (answer_string(answer, "coordination")) {
        g_autoptr(mado_coordination) named = answer_find_coordination(answer, error);
        sheet->coordination = named ? named->id : 0;
        return named && (named->incident == sheet->incident ||
                            answer_refuse(error, MADO_E_BAD_DATA,
                                "%s is about another ticket. Nothing was sent. See: madoctl coord "
                                "show %s",
                                named->number, named->number));
    }
    if (!sheet->contact || !g_str_equal(sheet->purpose, "reply"))
        return TRUE;
    all = store_coordinations(answer->context->store, sheet->incident, error);
    for (guint i = 0; all && i < all->len; i++) {
        const struct coordination *one = all->pdata[i];
        if (one->contact == sheet->contact && !coordination_is_over(one->state))
            sheet->coordination = one->id;
    }
    return all != NULL;
}

static gboolean follow_thread(const struct answer *answer, struct sheet *sheet, GError **error)
{
    g_autoptr(mado_coordination) one = NULL;

    if (!find_thread(answer, sheet, error))
        return FALSE;
    if (!sheet->coordination)
        return TRUE;
    one = store_coordination(answer->context->store, sheet->coordination, error);
    if (!one)
        return FALSE;
    if (!sheet->shown && *one->shown)
        sheet->shown = g_strdup(one->shown);
    if (!sheet->label)
        sheet->label = g_strdup(one->label);
    if (!is_language(answer_string(answer, "language"))) {
        g_free(sheet->language);
        sheet->language = g_strdup(one->language);
    }
    if (g_str_equal(sheet->purpose, "remind") && one->reminded) {
        g_free(sheet->template);
        sheet->template = g_strdup("remind-2");
    }
    return TRUE;
}

/* -- what was asked for -- */

/* "3bd" of business time, "24h", or a day. */
static gboolean read_due(const struct answer *answer, const char *typed, gint64 *due)
{
    g_autofree char *days = g_str_has_suffix(typed, "bd")
                                ? g_strdup_printf("%.*sd", (int)strlen(typed) - 2, typed)
                                : NULL;
    gint64 span = days && answer->context->clock ? clock_span(answer->context->clock, days) : 0;

    if (span)
        return clock_add(answer->context->clock, now_seconds(), span, due);
    return when_due(answer, typed, due);
}

static gboolean set_due(const struct answer *answer, struct sheet *sheet, GError **error)
{
    const char *typed = answer_string(answer, "reply_by");
    const struct control_context *context = answer->context;
    const char *usual = context->settings->coordination.reply_within;
    gint64 span = typed || !context->clock ? 0 : clock_span(context->clock, usual);
    gint64 now = now_seconds();

    if (span && clock_add(context->clock, now, span, &sheet->due))
        return TRUE;
    if (!typed)
        return TRUE;
    if (read_due(answer, typed, &sheet->due) && sheet->due > now &&
        sheet->due < now + (gint64)MOST_DAYS * DAY_SECONDS)
        return TRUE;
    return answer_refuse(error, MADO_E_USAGE,
        "\"%s\" is no time to answer within. Nothing was sent. Write --reply-by as 24h, 3bd "
        "(business days) or 2026-11-24, and at most a year ahead.",
        typed);
}

static gboolean set_label(const struct answer *answer, struct sheet *sheet,
    const struct incident *incident, GError **error)
{
    const char *typed = answer_string(answer, "label");
    const char *label = typed ? label_from_words(typed) : NULL;

    if (!typed || !*typed)
        return TRUE;
    if (!label)
        return answer_refuse(error, MADO_E_USAGE,
            "\"%s\" is no label. Nothing was sent. Write one of RED, AMBER+STRICT, AMBER, GREEN, "
            "CLEAR.",
            typed);
    if (label_is_stricter(incident->label, label))
        return answer_refuse(error, MADO_E_BAD_DATA,
            "%s is %s, and a letter about it cannot be %s. Nothing was sent. To lower it: madoctl "
            "set %s label=%s --reason TEXT",
            incident->number, incident->label, label, incident->number, label);
    sheet->label = g_strdup(label);
    return TRUE;
}

static gboolean check_reason(const struct sheet *sheet, GError **error)
{
    return !sheet->shown || strlen(sheet->shown) <= LONGEST_REASON ||
           answer_refuse(error, MADO_E_USAGE,
               "The reason is longer than %d bytes. Nothing was sent. Write a shorter one.",
               LONGEST_REASON);
}

/* -- the ticket -- */

static gboolean check_address(
    const struct incident *incident, const struct sheet *sheet, GError **error)
{
    if (!*sheet->to)
        return answer_refuse(error, MADO_E_BAD_DATA,
            "%s has no reporter with a mail address. Nothing was sent. See: madoctl show %s",
            incident->number, incident->number);
    return text_is_safe_address(sheet->to) ||
           answer_refuse(error, MADO_E_BAD_DATA,
               "\"%s\" is no mail address that can be written to. Nothing was sent.", sheet->to);
}

/* Departments and others are told by templates of their own. */
static const char *template_of(const struct purpose *purpose, const struct sheet *sheet)
{
    return g_str_equal(purpose->name, "notify") && !sheet->inside ? "notify-out"
                                                                  : purpose->template;
}

static gboolean take(struct answer *answer, struct sheet *sheet, const struct purpose *purpose,
    const struct incident *incident, GError **error)
{
    if (!deed_is_whole(answer, incident, error) || !check_address(incident, sheet, error) ||
        !fill(answer, sheet, error))
        return FALSE;
    sheet->purpose = g_strdup(purpose->name);
    sheet->template = g_strdup(template_of(purpose, sheet));
    sheet->confirmed = answer_flag(answer, "confirmed");
    set_writer(answer, sheet);
    return set_label(answer, sheet, incident, error) && set_due(answer, sheet, error) &&
           check_reason(sheet, error) && follow_thread(answer, sheet, error) &&
           purpose->check(answer, sheet, incident, error);
}

/* Who keeps watch at night calls for help, and writes to nobody else. */
static gboolean may_write(const struct answer *answer, const char *purpose, GError **error)
{
    return answer->role >= CTL_HANDLER || g_str_equal(purpose, "escalate") ||
           answer_refuse(error, MADO_E_FORBIDDEN,
               "The role night writes letters to escalate, and no others. Nothing was sent. Ask a "
               "handler, or see: madoctl help escalate");
}

const struct purpose *sheet_begin(struct answer *answer, struct sheet *sheet, GError **error)
{
    const struct purpose *purpose = find_purpose(answer_string(answer, "purpose"), error);
    const char *to = answer_string(answer, "to");
    struct incident *incident;
    gboolean done;

    if (!purpose || !may_write(answer, purpose->name, error) ||
        !answer_find_ticket(answer, &sheet->incident, error) ||
        !(incident = store_incident_show(answer->context->store, sheet->incident, error)))
        return NULL;
    answer->incident = incident->id;
    sheet->to = g_strdup(to && *to ? to : incident->reporter_addr);
    done = take(answer, sheet, purpose, incident, error);
    incident_free(incident);
    return done ? purpose : NULL;
}
