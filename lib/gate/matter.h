/* A question, looked at once: what the rules ask of it, and what is said of it. Inside lib/gate
 * only. */
#pragma once
#include "gate.h"

/* From the least strict on. */
enum matter_label { MATTER_CLEAR, MATTER_GREEN, MATTER_AMBER, MATTER_STRICT, MATTER_RED };

struct matter {
    const struct gate_question *question;
    const struct gate_policy *policy;
    GPtrArray *usable_pgp, *usable_cms; /* const struct gate_key */
    GPtrArray *runs;                    /* char *: of the text, that came sealed */
    enum matter_label label;
    guint approvals; /* that are asked for yet */
};
void matter_look(struct matter *matter, const struct gate_question *question);
void matter_forget(struct matter *matter);

gboolean matter_is_person(const struct matter *matter);
/* It goes to somebody who did not tell us what it is about: its label says whether it may. */
gboolean matter_is_bound(const struct matter *matter);
gboolean matter_seals_pgp(const struct matter *matter);
gboolean matter_seals_cms(const struct matter *matter);
gboolean matter_is_open(const struct matter *matter); /* neither of both */
gboolean matter_has_usable_key(const struct matter *matter);
gboolean matter_key_is_expired(const struct gate_key *key, gint64 now);
guint matter_count_keys(const struct matter *matter);
const struct gate_key *matter_key_at(const struct matter *matter, guint place);

/* What is no label is the strictest. */
enum matter_label matter_label_of(const char *name);
const char *matter_label_name(enum matter_label label);
/* The strictest that may go to them, by what they are to us. */
enum matter_label matter_reach(const struct matter *matter);
gboolean matter_is_inside(const struct matter *matter);
/* Its writer is to say yet that it may go in clear. */
gboolean matter_asks_to_confirm(const struct matter *matter);

/* -- say.c: a sentence for each rule; the caller frees it -- */
char *say_no_recipient(const struct matter *matter);
char *say_own(const struct matter *matter);
char *say_over_clearance(const struct matter *matter);
char *say_not_named(const struct matter *matter);
char *say_not_inside(const struct matter *matter);
char *say_over_relation(const struct matter *matter);
char *say_bare_files(const struct matter *matter);
char *say_wrapped_files(const struct matter *matter);
char *say_unverified(const struct matter *matter);
char *say_no_own_key(const struct matter *matter);
char *say_unusable(const struct matter *matter);
char *say_always_sealed(const struct matter *matter);
char *say_answers_sealed(const struct matter *matter);
char *say_tainted(const struct matter *matter);
char *say_tainted_files(const struct matter *matter);
char *say_label_sealed(const struct matter *matter);
char *say_confirm(const struct matter *matter);
char *say_approval(const struct matter *matter);
char *say_sealed(const struct matter *matter);
char *say_first_contact(const struct matter *matter);
char *say_source(const struct matter *matter);
char *say_clear(const struct matter *matter);
