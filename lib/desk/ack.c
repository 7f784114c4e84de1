/* Is a mail acknowledged? The rules of RFC 3834 and our own, each a row that forbids; what is not
 * forbidden is answered. "Not known" forbids nothing: then the caps decide. */
#include "matter.h"
#include "reason.h"
#include "say.h"
#include <string.h>

/* What nobody has read follows nothing, whatever it says outside; but that it was not read is not
 * to be seen where it is to be quiet. */
static gboolean is_follow_up(const struct matter *matter)
{
    return join_is_proven(matter) && !join_is_late(matter) && !unreadable_is_retried(matter) &&
           !(matter->crypto && matter->crypto->left != OPENED_DONE && !matter->crypto->quiet);
}

static gboolean is_switched_off(const struct matter *matter)
{
    return g_str_equal(matter->settings->acknowledge.mode, "off");
}

/* RFC 3834 section 2: Auto-Submitted, lists, bounces and so on, as the reader told them apart. */
static gboolean is_machine(const struct matter *matter)
{
    return matter->message->machine != MACHINE_NO;
}

/* RFC 3834 section 2: no response where the return path is null. No such field: not known. */
static gboolean has_null_return_path(const struct matter *matter)
{
    const char *path = matter->message->return_path;
    return path && (!*path || g_str_equal(path, "<>"));
}

static gboolean has_no_from(const struct matter *matter)
{
    return matter->message->from->len == 0;
}

static gboolean has_many_from(const struct matter *matter)
{
    return matter->message->from->len > 1;
}

static gboolean is_unsafe_address(const struct matter *matter)
{
    return !*matter->question->address;
}

static gboolean is_from_us(const struct matter *matter)
{
    return is_our_address(matter->question->address, matter->settings);
}

/* RFC 3834 section 2 names some, the rest is custom. Of the local part; * stands for anything. */
static gboolean is_robot_address(const char *address)
{
    static const char *const robots[] = {"mailer-daemon", "postmaster", "owner-*", "*-owner",
        "*-request", "*-bounces", "bounces", "noreply", "no-reply", "no_reply", "donotreply",
        "do-not-reply"};
    g_autofree char *local = g_ascii_strdown(address, (gssize)strcspn(address, "@+"));

    for (gsize i = 0; i < G_N_ELEMENTS(robots); i++)
        if (g_pattern_match_simple(robots[i], local))
            return TRUE;
    return FALSE;
}

static gboolean is_from_robot(const struct matter *matter)
{
    return is_robot_address(matter->question->address) ||
           (matter->message->return_path && is_robot_address(matter->message->return_path));
}

/* An address, "@domain" or "localpart@". */
static gboolean fits(const char *address, const char *pattern)
{
    gsize length = strlen(pattern);

    if (*pattern == '@')
        return g_ascii_strcasecmp(address + strcspn(address, "@"), pattern) == 0;
    if (length > 0 && pattern[length - 1] == '@')
        return g_ascii_strncasecmp(address, pattern, length) == 0;
    return g_ascii_strcasecmp(address, pattern) == 0;
}

gboolean ack_is_excepted(const struct settings *settings, const char *address)
{
    for (char **at = settings->acknowledge.never_to; at && *at; at++)
        if (fits(address, *at))
            return TRUE;
    return FALSE;
}

static gboolean is_excepted(const struct matter *matter)
{
    return ack_is_excepted(matter->settings, matter->question->address);
}

static gboolean failed_dmarc(const struct matter *matter)
{
    return g_ascii_strcasecmp(own_dmarc(matter->message, matter->settings), "fail") == 0;
}

static gboolean is_over_address_cap(const struct matter *matter)
{
    return !is_follow_up(matter) && matter->history->new_acks_to_address_today >=
                                        matter->settings->acknowledge.per_address_daily;
}

static gboolean is_over_ticket_cap(const struct matter *matter)
{
    return is_follow_up(matter) &&
           matter->history->acks_in_ticket_today >= matter->settings->acknowledge.per_ticket_daily;
}

static gboolean is_over_domain_cap(const struct matter *matter)
{
    return matter->history->acks_to_domain_this_hour >=
           matter->settings->acknowledge.per_domain_hourly;
}

static gboolean is_over_hourly_cap(const struct matter *matter)
{
    return matter->history->acks_this_hour >= matter->settings->acknowledge.hourly;
}

/* The first that holds is told. */
static const struct {
    gboolean (*holds)(const struct matter *matter);
    const char *why;
} forbidden[] = {
    {is_switched_off, N_("acknowledgements are switched off (acknowledge.mode)")},
    {is_machine, N_("automatic mail is never answered")},
    {has_null_return_path, N_("the return path is null: the sender wants no answer")},
    {has_no_from, N_("there is no From address")},
    {has_many_from, N_("there is more than one From address")},
    {is_unsafe_address, N_("the From address is not one that can be written to")},
    {is_from_us, N_("the From address is our own")},
    {is_from_robot, N_("the address is one that machines use")},
    {is_excepted, N_("the address is excepted (acknowledge.never_to)")},
    {failed_dmarc, N_("our own server's DMARC check says that the From address is forged")},
    {is_over_address_cap, N_("this address had its acknowledgements for today "
                             "(acknowledge.per_address_daily)")},
    {is_over_ticket_cap, N_("this incident had its acknowledgements for today "
                            "(acknowledge.per_ticket_daily)")},
    {is_over_domain_cap, N_("this domain had its acknowledgements for this hour "
                            "(acknowledge.per_domain_hourly)")},
    {is_over_hourly_cap, N_("all acknowledgements of this hour are used up (acknowledge.hourly)")},
};

/* That which its sender wants, by our directory; that of the mail; not known: all of ours, in one
 * letter. */
static char *pick_languages(const struct matter *matter)
{
    char **ours = matter->settings->team.languages;
    gboolean quiet = matter->crypto && matter->crypto->quiet;
    const char *const wanted[] = {matter->history->language,
        quiet ? matter->crypto->outer_language : matter->message->language};

    for (gsize i = 0; i < G_N_ELEMENTS(wanted); i++)
        if (g_strv_contains((const char *const *)ours, wanted[i]))
            return g_strdup(wanted[i]);
    return g_strjoinv(" ", ours);
}

enum answer {
    ANSWER_NEW,
    ANSWER_FOLLOW_UP,
    ANSWER_OPENED,
    ANSWER_CLOSED,
    ANSWER_REJECTED,
    ANSWERS
};

static const struct {
    const char *template, *why;
} answers[ANSWERS] = {
    [ANSWER_NEW] = {"ack-new", N_("a person wrote, and no rule forbids an answer")},
    [ANSWER_FOLLOW_UP] = {"ack-followup",
        N_("a person wrote again, and no rule forbids an answer")},
    [ANSWER_OPENED] = {"ack-new", N_("it could be opened at last, and no rule forbids an answer")},
    [ANSWER_REJECTED] = {"not-incident",
        N_("an operator has rejected it, and no rule forbids to say so")},
    [ANSWER_CLOSED] = {"undecryptable", N_("it cannot be opened, and no rule forbids to say so")},
};

static gboolean is_rejected(const struct matter *matter)
{
    const struct sorted *sorting = matter->history->sorting;

    return sorting && g_str_equal(sorting->as, "reject");
}

static enum answer pick_answer(const struct matter *matter, const struct plan *plan)
{
    if (is_rejected(matter))
        return ANSWER_REJECTED;
    if (plan->ledger == LEDGER_UNREADABLE && !matter->crypto->quiet)
        return ANSWER_CLOSED;
    if (unreadable_is_retried(matter))
        return ANSWER_OPENED;
    return is_follow_up(matter) ? ANSWER_FOLLOW_UP : ANSWER_NEW;
}

const char *ack_forbidden(const struct matter *matter)
{
    for (gsize i = 0; i < G_N_ELEMENTS(forbidden); i++)
        if (forbidden[i].holds(matter))
            return forbidden[i].why;
    return NULL;
}

/* To the From address alone: a Reply-To would let anybody have our mail sent to anybody. */
void ack_decide(const struct matter *matter, struct plan *plan)
{
    enum answer answer = pick_answer(matter, plan);
    gboolean sealed = matter->crypto && matter->crypto->encrypted != EXTENT_NONE;
    const char *wanted = answer == ANSWER_NEW ? matter->rules->value[RULE_TEMPLATE] : NULL;
    const char *why_not = ack_forbidden(matter);
    g_autofree char *languages = pick_languages(matter), *why = NULL;

    if (why_not) {
        plan_add(plan, ACTION_NO_ACK, why_not, NULL);
        return;
    }
    if (g_str_equal(matter->settings->acknowledge.mode, "hold"))
        why = reason_make(REASON_LET_GO, answers[answer].why, NULL);
    plan_add(plan, ACTION_ACK, why ? why : answers[answer].why, wanted ?: answers[answer].template,
        languages, matter->question->address, sealed ? "yes" : "no", NULL);
}
