/* Many clients of LMTP at one socket, and the desk behind them. */
#pragma once
#include "lmtp.h"

struct listener_setup {
    int socket, channel; /* where clients come, non-blocking; to the desk */
    struct lmtp_house house;
    /* Microseconds: without a word; the same when there is no room for more clients; without a mail
     * done, however busy. */
    gint64 idle, crowded, whole;
};

struct listener;

/* Takes over the socket. `setup` may go, what it points to may not. The caller frees it. */
struct listener *listener_new(const struct listener_setup *setup);
void listener_free(struct listener *listener);
/* Waits for something to happen, and deals with it. FALSE: the desk is gone. */
gboolean listener_turn(struct listener *listener);
