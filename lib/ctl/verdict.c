/* What may be said of a mail's protection, as JSON. */
#include "ctl.h"

static json_t *signatures(const GPtrArray *all, GTimeZone *zone)
{
    json_t *rows = json_array();

    for (guint i = 0; i < all->len; i++) {
        const struct signature *one = g_ptr_array_index(all, i);
        json_array_append_new(rows,
            json_pack("{s:o,s:o,s:o,s:o,s:b}", "fingerprint", ctl_string(one->fingerprint), "state",
                ctl_string(signature_state_name(one->state)), "time", ctl_time(one->at, zone),
                "owner", ctl_known(one->owner), "is_from", one->is_from));
    }
    return rows;
}

json_t *ctl_crypto(const struct crypto *crypto, GTimeZone *zone)
{
    g_autoptr(mado_crypto) none = crypto ? NULL : crypto_new();
    const struct crypto *of = crypto ? crypto : none;
    json_t *row = json_object();

    json_object_set_new(row, "encrypted", json_string(extent_name(of->encrypted)));
    json_object_set_new(row, "encrypted_to", ctl_texts(of->encrypted_to));
    json_object_set_new(row, "integrity", json_string(integrity_name(of->integrity)));
    json_object_set_new(row, "signed", json_string(extent_name(of->is_signed)));
    json_object_set_new(row, "signatures", signatures(of->signatures, zone));
    json_object_set_new(row, "signed_by", ctl_known(of->signed_by));
    json_object_set_new(row, "problems", ctl_texts(of->problems));
    return row;
}
