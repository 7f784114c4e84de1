/* Any bytes as what a mail system writes: recipients within the limits, and words of ours. The
 * first byte chooses under what header. */
#include "read.h"
#include <mado/limits.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const guint8 *bytes, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    read_warm(FALSE);
    return 0;
}

static void check(const char *head, const guint8 *bytes, gsize size)
{
    g_autoptr(GByteArray) mail = g_byte_array_new();
    g_autoptr(mado_message) message = NULL;
    g_autoptr(GVariant) wire = NULL;
    g_autoptr(mado_message) again = NULL;

    g_byte_array_append(mail, (const guint8 *)head, (guint)strlen(head));
    g_byte_array_append(mail, bytes, (guint)size);
    message = read_message(mail->data, mail->len);
    wire = g_variant_ref_sink(message_to_variant(message));
    again = message_from_variant(wire);
    g_assert_nonnull(again);
    g_assert_cmpuint(message->bounces->len, <=, LIMIT_BOUNCES);
    g_assert_cmpuint(g_strv_length(message->returned_ids), <=, LIMIT_RETURNED_IDS);
    for (guint i = 0; i < message->bounces->len; i++) {
        const struct bounce *bounce = message->bounces->pdata[i];
        g_assert_true(g_utf8_validate(bounce->recipient, -1, NULL));
        g_assert_cmpuint(strlen(bounce->recipient), <=, 1000);
        g_assert_nonnull(strchr(bounce->recipient, '@'));
        g_assert_cmpuint(strlen(bounce->status), <=, 9);
        g_assert_cmpuint(strlen(bounce->reply_code), <=, 3);
        g_assert_false(bounce->permanent && !bounce_reason_is_permanent(bounce->reason));
    }
}

int LLVMFuzzerTestOneInput(const guint8 *bytes, size_t size)
{
    static const char *const heads[] = {"", "From: MAILER-DAEMON\nSubject: failure notice\n\n",
        "Content-Type: message/delivery-status\n\n", "Content-Type: message/feedback-report\n\n",
        "X-Failed-Recipients: a@a.example\nContent-Type: multipart/report; boundary=x\n\n"};

    if (size)
        check(heads[bytes[0] % G_N_ELEMENTS(heads)], bytes + 1, size - 1);
    return 0;
}

#ifndef MADO_LIBFUZZER

int main(int argc, char **argv)
{
    LLVMFuzzerInitialize(&argc, &argv);
    for (int i = 1; i < argc; i++) {
        g_autofree char *bytes = NULL;
        gsize size;
        if (g_file_get_contents(argv[i], &bytes, &size, NULL))
            LLVMFuzzerTestOneInput((const guint8 *)bytes, size);
    }
    return 0;
}

#endif
