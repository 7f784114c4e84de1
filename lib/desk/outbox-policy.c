#include "outbox-policy.h"
#include "token.h"

enum {
    FIRST_PAUSE = 5 * 60,       /* RFC 5321 4.5.4.1 asks for 30 minutes; an ack is wanted sooner */
    TRIES_AT_MOST = 1000,       /* more than the longest give_up has */
    TRIES_OF_THE_UNCERTAIN = 5, /* then a person looks: each may have been a copy, or a courier */
};

static const char *const automatic_kinds[] = {
    "ack", "unreadable", "notice", "alarm", "test", "review", NULL};

enum what { SENT, FAILED, UNKNOWN, WAIT, AT_ONCE, AGAIN, RETURN };

/* For each end: what no person has written, what a person has written, and what may be repeated
 * because the transport knows it again. */
static const struct {
    enum what automatic, human, repeatable;
} table[ENDS] = {
    [END_DONE] = {SENT, SENT, SENT},
    [END_DEFERRED] = {WAIT, WAIT, WAIT},
    [END_FAILED] = {FAILED, FAILED, FAILED},
    [END_UNKNOWN] = {UNKNOWN, AGAIN, AT_ONCE},
    [END_NOT_TRIED] = {RETURN, RETURN, RETURN},
    [END_LOST_BEFORE] = {AT_ONCE, AT_ONCE, AT_ONCE},
    [END_LOST_BEHIND] = {UNKNOWN, AGAIN, AT_ONCE},
    [END_NOT_LOOKED_AT] = {RETURN, RETURN, RETURN},
    [END_FOUND] = {UNKNOWN, AT_ONCE, AT_ONCE},
};

static gint64 pause_behind(int number)
{
    return MIN((gint64)FIRST_PAUSE << CLAMP(number - 1, 0, 8), OUTBOX_LONGEST_PAUSE);
}

static struct verdict judge_sent(const struct attempt *attempt)
{
    return (struct verdict){.state = "sent", .counts = TRUE};
}

static struct verdict judge_failed(const struct attempt *attempt)
{
    return (struct verdict){.state = "failed", .counts = TRUE};
}

static struct verdict judge_unknown(const struct attempt *attempt)
{
    return (struct verdict){.state = "unknown", .counts = TRUE};
}

/* How long it was tried before this attempt. By the pauses and not by the clock, which may have
 * jumped; while nobody tried it, it has not got older either. */
static gint64 tried_for(int number)
{
    gint64 seconds = 0;

    for (int i = 1; i < MIN(number, TRIES_AT_MOST); i++)
        seconds += pause_behind(i);
    return seconds;
}

static struct verdict judge_wait(const struct attempt *attempt)
{
    if (tried_for(attempt->number) > attempt->give_up)
        return judge_failed(attempt);
    return (struct verdict){"deferred", pause_behind(attempt->number), TRUE};
}

/* A letter that couriers die of time and again does not hold up the others for ever. */
static struct verdict judge_at_once(const struct attempt *attempt)
{
    if (attempt->number >= TRIES_OF_THE_UNCERTAIN)
        return judge_wait(attempt);
    return (struct verdict){"queued", 0, TRUE};
}

/* Byte for byte the same letter, so that who has it already can tell; but not for days. */
static struct verdict judge_again(const struct attempt *attempt)
{
    if (attempt->number >= TRIES_OF_THE_UNCERTAIN)
        return judge_unknown(attempt);
    return (struct verdict){"deferred", pause_behind(attempt->number), TRUE};
}

static struct verdict judge_return(const struct attempt *attempt)
{
    return (struct verdict){"queued", 0, FALSE};
}

static struct verdict (*const judges[])(const struct attempt *attempt) = {
    [SENT] = judge_sent,
    [FAILED] = judge_failed,
    [UNKNOWN] = judge_unknown,
    [WAIT] = judge_wait,
    [AT_ONCE] = judge_at_once,
    [AGAIN] = judge_again,
    [RETURN] = judge_return,
};

gboolean outbox_is_automatic(const char *kind)
{
    return g_strv_contains(automatic_kinds, kind);
}

struct verdict outbox_judge(const struct attempt *attempt)
{
    enum what what = attempt->repeatable                  ? table[attempt->end].repeatable
                     : outbox_is_automatic(attempt->kind) ? table[attempt->end].automatic
                                                          : table[attempt->end].human;
    return judges[what](attempt);
}

char *outbox_human_sender(
    const struct settings *settings, int year, int sequence, const char *token)
{
    if (*settings->outgoing.bounces)
        return g_strdup(settings->outgoing.bounces);
    return token_plus_address(year, sequence, token, settings->team.address);
}
