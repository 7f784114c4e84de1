/* Who is on duty now, and whose turn it is: for the operators' socket and for what the desk does.
 */
#pragma once
#include "clock.h"
#include "control.h"
#include "ctl.h"
#include "duty.h"

struct duty_turn {
    struct shift shift;
    char *user;   /* "": nobody */
    gboolean set; /* by a person, and not by the usual order */
};
void duty_turn_clear(struct duty_turn *turn);
gboolean duty_turn_of(const struct control_context *context, const struct shift *shift,
    struct duty_turn *turn, GError **error);
gboolean duty_turn_at(
    const struct control_context *context, gint64 at, struct duty_turn *turn, GError **error);

struct duty_now {
    char *user;   /* "": nobody */
    char *deputy; /* likewise */
    gint64 since; /* 0: nobody has said so, it is their turn */
    struct duty_turn turn;
};
void duty_now_clear(struct duty_now *now);
gboolean duty_look(
    const struct control_context *context, gint64 at, struct duty_now *now, GError **error);

/* The first shift behind this one that somebody else has; FALSE: there is none within days. */
gboolean duty_next(
    const struct control_context *context, const struct duty_now *now, struct duty_turn *next);

/* Whoever has the role `night` has its rights while they are on duty, or stand in for who is; else
 * they may look. */
enum ctl_role duty_role(
    const struct control_context *context, const char *user, enum ctl_role role);
