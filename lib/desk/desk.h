/* What is to be done with a mail: pure functions, no I/O, no clock, no store. */
#pragma once
#include <mado/crypto.h>
#include <mado/history.h>
#include <mado/message.h>
#include <mado/plan.h>
#include <mado/settings.h>

/* What must be asked of the store before deciding; `crypto` is NULL for a mail that is not
 * protected. The caller frees it. */
struct question *desk_ask(
    const struct message *message, const struct crypto *crypto, const struct settings *settings);
/* The decision. The caller frees it. */
struct plan *desk_decide(const struct message *message, const struct crypto *crypto,
    const struct question *question, const struct history *history,
    const struct settings *settings);
/* What is no indicator in our place: our own, the reporter's own, and by the settings what is kept
 * for examples. Before it is kept. */
void desk_leave_out(const struct message *message, const struct settings *settings);
/* For a mail that killed its reader `deaths` times: the stub that a person sees. */
struct plan *desk_quarantine(const char *why, const struct settings *settings);
