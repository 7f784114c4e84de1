#include <mado/bounce.h>
#include <mado/delivery.h>
#include <string.h>

const char *const bounce_reasons[] = {"authfailure", "badreputation", "blocked", "contenterror",
    "delivered", "exceedlimit", "expired", "feedback", "filtered", "hasmoved", "hostunknown",
    "mailboxfull", "mailererror", "mesgtoobig", "networkerror", "norelaying", "notaccept",
    "notcompliantrfc", "policyviolation", "rejected", "requireptr", "securityerror", "spamdetected",
    "suspend", "syntaxerror", "systemerror", "systemfull", "toomanyconn", "undefined",
    "userunknown", "virusdetected", NULL};

static const char *const permanent_reasons[] = {
    "hasmoved", "hostunknown", "notaccept", "userunknown", NULL};

static const char *const outcome_names[OUTCOMES] = {
    [OUTCOME_FAILED] = "failed",
    [OUTCOME_DELAYED] = "delayed",
    [OUTCOME_DELIVERED] = "delivered",
};

struct bounce *bounce_new(
    const char *recipient, const char *status, const char *reply_code, const char *reason)
{
    struct bounce *bounce = g_new0(struct bounce, 1);

    bounce->recipient = g_strdup(recipient ?: "");
    bounce->status = g_strdup(status ?: "");
    bounce->reply_code = g_strdup(reply_code ?: "");
    bounce->reason = g_strdup(reason ?: "undefined");
    return bounce;
}

void bounce_free(gpointer data)
{
    struct bounce *bounce = data;

    if (!bounce)
        return;
    g_free(bounce->recipient);
    g_free(bounce->status);
    g_free(bounce->reply_code);
    g_free(bounce->reason);
    g_free(bounce);
}

gboolean bounce_reason_is_permanent(const char *reason)
{
    return g_strv_contains(permanent_reasons, reason);
}

char *bounce_words(const char *reason, const char *reply_code, const char *status)
{
    return g_strdup_printf(
        "%s%s%s%s%s", reason, *reply_code ? " " : "", reply_code, *status ? " " : "", status);
}

const char *outcome_name(enum outcome outcome)
{
    return outcome_names[outcome];
}

void delivery_free(struct delivery *delivery)
{
    if (!delivery)
        return;
    g_free(delivery->recipient);
    g_free(delivery->outcome);
    g_free(delivery->status);
    g_free(delivery->reply_code);
    g_free(delivery->reason);
    g_free(delivery);
}
