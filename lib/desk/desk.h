/* What is to be done with a mail: pure functions, no I/O, no clock, no store. */
#pragma once
#include <mado/crypto.h>
#include <mado/history.h>
#include <mado/incident.h>
#include <mado/message.h>
#include <mado/plan.h>
#include <mado/report.h>
#include <mado/settings.h>

/* What must be asked of the store before deciding; `crypto` is NULL for a mail that is not
 * protected. The caller frees it. */
struct question *desk_ask(
    const struct message *message, const struct crypto *crypto, const struct settings *settings);
/* What a mail asks of those who know what it says. */
struct handling {
    char *label;   /* "TLP:AMBER" */
    char *where;   /* "subject", "text", "quotation", a file; "": it names none, so by default */
    char **all;    /* as written, whatever was found: "TLP:RED" */
    char *pap;     /* "PAP:AMBER"; "" */
    gboolean look; /* a person must: it has a word that is no label */
    const char *why;
};
/* `opens`: it begins an incident, so that what it quotes was not labelled here before. */
struct handling *desk_handling(const struct report *report, const char *by_default, gboolean opens);
void handling_free(struct handling *handling);
/* What people call a label ("amber", "TLP:WHITE") in full ("TLP:AMBER", "TLP:CLEAR"); NULL: none.
 */
const char *label_from_words(const char *typed);
extern const char *const label_names[]; /* from the strictest on; ends with NULL */
/* -- state.c: what an incident goes through -- */
extern const char *const incident_states[]; /* ends with NULL */
extern const char *const waited_for[];      /* likewise */
/* Why an operator may not take it from one to the other, in a clause, in English; NULL: they may.
 */
const char *state_refusal(const char *from, const char *to);
gboolean state_is_over(const char *state); /* nobody works on it any more */
/* "TLP:RED" is stricter than all others; what is no label is the strictest. */
gboolean label_is_stricter(const char *label, const char *than);
/* Is that an address of the team, or of one of its operators? */
gboolean desk_is_ours(const char *address, const struct settings *settings);
/* One of acknowledge.never_to. */
gboolean ack_is_excepted(const struct settings *settings, const char *address);
/* What the team's rules say of a mail. */
enum rule_field {
    RULE_CATEGORY,
    RULE_SEVERITY,
    RULE_HANDLER,
    RULE_TEAM,
    RULE_LABEL,
    RULE_TEMPLATE,
    RULE_LEDGER,
    RULE_ESCALATION,
    RULE_NOTE,
    RULE_FIELDS
};
struct ruling {
    const char *value[RULE_FIELDS]; /* of the settings; NULL: no rule says */
    char *by[RULE_FIELDS];          /* "rule phishing-jp"; NULL likewise */
    GPtrArray *hits;                /* const struct rule, of the settings, in their order */
};
struct ruling *rules_apply(
    const struct message *message, const struct crypto *crypto, const struct settings *settings);
void ruling_free(struct ruling *ruling);
/* The decision. The caller frees it. */
struct plan *desk_decide(const struct message *message, const struct crypto *crypto,
    const struct question *question, const struct history *history,
    const struct settings *settings);
/* What is no indicator in our place: our own, the reporter's own, and by the settings what is kept
 * for examples. Before it is kept. */
void desk_leave_out(const struct message *message, const struct settings *settings);
/* What came by no mail: the same triage of its subject and text. `label` is that of the incident
 * which it is added to; NULL: it opens one. The caller frees it. */
struct plan *desk_told(
    const struct message *message, const struct settings *settings, const char *label);
/* The first category with a word in the text, or NULL. */
struct category;
const struct category *desk_category_by_words(const GPtrArray *list, const char *text);
/* For a mail that killed its reader `deaths` times: the stub that a person sees. */
struct plan *desk_quarantine(const char *why, const struct settings *settings);

typedef struct handling mado_handling;
typedef struct ruling mado_ruling;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_ruling, ruling_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_handling, handling_free)
