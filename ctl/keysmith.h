/* A keys role of our own with an empty home, for `explain --keys`: the same confined program that
 * works with gpg for the daemon. Its home is thrown away with it. */
#pragma once
#include <mado/keys.h>

struct keysmith;
/* `program` is mado-keys; nothing is started before the first job. The caller frees it. */
struct keysmith *keysmith_new(const char *program);
/* Also ends gpg's agent. */
void keysmith_free(struct keysmith *keysmith);
/* One job, in some tries if gpg ends; consumes `argument` if floating. NULL with
 * MADO_E_KEYS_REFUSED (gpg says no), or another error (it cannot be had). The caller unrefs it. */
GVariant *keysmith_do(
    struct keysmith *keysmith, enum keys_op op, GVariant *argument, GError **error);
