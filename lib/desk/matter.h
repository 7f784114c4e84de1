/* One mail on the desk: what is known of it, for the rules. Inside the desk only. */
#pragma once
#include "desk.h"

/* What speaks for a mail belonging to an incident of ours. Each has a row in join.c. */
enum proof {
    PROOF_NO_CLAIM,  /* it does not say so */
    PROOF_TOKEN,     /* this and those until PROOF_OPERATOR: it joins; strongest first */
    PROOF_SIGNATURE, /* of a correspondent, and the number */
    PROOF_NUMBER,    /* with a correspondent's address and a DMARC pass */
    PROOF_REFERENCE, /* number of the sender's tracker, and the sender is proven */
    PROOF_COLLEAGUE, /* the number, and who wrote is one, and proven */
    PROOF_OPERATOR,  /* an operator has said so */
    PROOF_NOT_ASKED, /* this and all that follow: a person looks */
    PROOF_SEVERAL,
    PROOF_NOT_HERE,
    PROOF_FOREIGN_TOKEN,
    PROOF_NO_DMARC,
    PROOF_STRANGER,
    PROOF_NO_COLLEAGUE,   /* as PROOF_COLLEAGUE, without proof */
    PROOF_BARE_REFERENCE, /* as PROOF_REFERENCE, likewise */
    PROOF_KINDS
};

struct matter {
    const struct message *message;
    const struct crypto *crypto; /* NULL: it is not protected */
    const struct question *question;
    const struct history *history;
    const struct settings *settings;
    enum proof proof;
    const struct known_incident *incident; /* the one claimed incident that exists, or NULL */
    const struct ruling *rules;
};

/* -- weigh.c -- */
/* Fills `proof` and `incident` from the rest. */
void join_weigh(struct matter *matter);
/* It belongs to `incident`. */
gboolean join_is_proven(const struct matter *matter);
/* A machine at the other end tells under which number it has our incident. */
gboolean join_is_acknowledged(const struct matter *matter);
/* "sent by Tanaka outside mado", of mail with PROOF_COLLEAGUE; the caller frees it. */
char *colleague_words(const struct matter *matter);

/* -- sorted.c -- */
/* An operator has said what it is. */
gboolean sorted_settle(const struct matter *matter, struct plan *plan);

/* -- review-mail.c -- */
gboolean review_settle(const struct matter *matter, struct plan *plan);

/* -- join.c -- */
/* How a plan tells it; `by` is NULL for what joins nothing. */
struct proof_words {
    const char *by, *why;
};
const struct proof_words *join_proof(enum proof proof);
/* A part of an incident that was closed too long ago: a new one, related to it. */
gboolean join_is_late(const struct matter *matter);
gboolean join_settle(const struct matter *matter, struct plan *plan);
gboolean pending_settle(const struct matter *matter, struct plan *plan);
/* Claims whose check characters are wrong: a hint to a person, no more. */
gboolean join_has_mistyped(const struct matter *matter);
/* What our own mail server's DMARC check said: "pass", "fail", ...; "" if it is not known. */
const char *own_dmarc(const struct message *message, const struct settings *settings);
/* The team's address or an alias, with or without "+...". */
gboolean is_our_address(const char *address, const struct settings *settings);

/* -- awaited.c -- */
/* Why its incident, which it is a proven part of, waits no longer; NULL: it waits on, or did not.
 */
const char *awaited_answer(const struct matter *matter);

/* -- alike.c -- */
/* Equal for mails that report the same; "" for one that is never a part of another's incident. The
 * caller frees it. */
char *alike_digest(
    const struct message *message, const struct crypto *crypto, const char *default_label);
gboolean alike_settle(const struct matter *matter, struct plan *plan);

/* -- rules.c -- */
/* Those that may count for it. The caller frees it. */
struct ruling *rules_weigh(const struct matter *matter);
/* A rule keeps it aside. */
gboolean rules_settle(const struct matter *matter, struct plan *plan);
/* Who works on a new incident; and what is only told, of any mail. */
void rules_assign(const struct matter *matter, struct plan *plan);
void rules_tell(const struct matter *matter, struct plan *plan);

/* -- label.c -- */
/* Of a mail that opens an incident; `closed`: of which nobody knows yet what it says inside. */
char *label_for_new(const struct matter *matter, gboolean closed);
/* Where that comes from: "report", "default", "rule phishing-jp". */
const char *label_source(const struct matter *matter);
/* A mail that joins an incident raises its label, and never lowers it. */
void label_raise(const struct matter *matter, const char *now, struct plan *plan);
/* For a mail whose label nobody knows a person must look. */
void label_flag(const struct matter *matter, struct plan *plan);

/* -- triage.c -- */
void triage_open(const struct matter *matter, struct plan *plan);
/* The same for an incident that was opened without anybody having read the mail. */
void triage_change(const struct matter *matter, struct plan *plan);

/* -- unreadable.c -- */
/* It was tried again: it belongs to the ticket that it has, open or still closed. */
gboolean retried_settle(const struct matter *matter, struct plan *plan);
/* Quiet mail that stays closed is settled as if it had been opened. */
gboolean unreadable_settle(const struct matter *matter, struct plan *plan);
gboolean unreadable_is_retried(const struct matter *matter);

/* -- ack.c -- */
/* The first rule that forbids an answer; NULL: none does. */
const char *ack_forbidden(const struct matter *matter);
/* Adds the ack, or the no-ack with the first rule that forbids one. */
void ack_decide(const struct matter *matter, struct plan *plan);

/* -- delivery.c -- */
/* What a bounce says of a letter of ours: adds what is to be done, FALSE if it brings none back. */
gboolean delivery_settle(const struct matter *matter, struct plan *plan);
