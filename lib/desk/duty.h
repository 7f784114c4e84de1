/* Whose turn it is by the usual order, and what becomes of it at the end of a shift. Pure. */
#pragma once
#include <mado/duty.h>
#include <mado/settings.h>

/* Somebody has a turn in some shift. */
gboolean duty_is_kept(const struct settings *settings);
/* By weeks, in their order; "" if nobody has such shifts. */
const char *duty_usual(const struct settings *settings, enum shift_kind kind, gint64 day);
/* Who stands in for somebody: the next of the order, else duty.deputy; "" for nobody. */
const char *duty_deputy(const struct settings *settings, enum shift_kind kind, const char *user);
/* NULL: nobody has that user name. */
const struct member *duty_member(const struct settings *settings, const char *user);
/* What their colleagues call them; the user name where nobody has it. */
const char *duty_name(const struct settings *settings, const char *user);
/* Where they are told; NULL: nobody knows. */
const char *duty_address(const struct settings *settings, const char *user);

/* Is that an address at which somebody who has shifts is told? */
gboolean duty_hears(const struct settings *settings, const char *address);

enum duty_step {
    DUTY_STAYS,   /* with who has it */
    DUTY_CHANGES, /* at once */
    DUTY_WAITS,   /* until the other accepts */
};
/* `now` has it ("": nobody yet), `planned` has the shift that runs ("": nobody). */
enum duty_step duty_step(const struct settings *settings, const char *now, const char *planned);
