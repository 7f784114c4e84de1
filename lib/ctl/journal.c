#include "ctl.h"

json_t *ctl_journal_row(const struct journal_row *row)
{
    json_t *object = ctl_row();

    json_object_set_new(object, "id", json_integer((json_int_t)row->id));
    json_object_set_new(object, "at", json_integer(row->at));
    json_object_set_new(object, "actor", ctl_string(row->actor));
    json_object_set_new(object, "kind", ctl_string(row->kind));
    json_object_set_new(object, "incident", json_integer((json_int_t)row->incident));
    json_object_set_new(object, "mail", json_integer((json_int_t)row->mail));
    json_object_set_new(object, "text", row->purged ? json_null() : ctl_string(row->text));
    json_object_set_new(object, "text_sha256", ctl_string(row->text_sha256));
    json_object_set_new(object, "hash", ctl_string(row->hash));
    return object;
}
