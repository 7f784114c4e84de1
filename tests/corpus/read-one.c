/* Reads mails, each in a child of its own, and prints one JSON object a line with what was found. A
 * child that dies, or takes longer than five seconds, is reported as such. */
#include "read.h"
#include "report.h"
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static void print_string(const char *name, const char *value)
{
    g_autoptr(GString) out = g_string_new(NULL);

    for (const char *at = value ?: ""; *at; at++)
        if (*at == '"' || *at == '\\')
            g_string_append_printf(out, "\\%c", *at);
        else if ((guchar)*at < ' ')
            g_string_append_printf(out, "\\u%04x", *at);
        else
            g_string_append_c(out, *at);
    printf(", \"%s\": \"%s\"", name, out->str);
}

static void print_bounces(const struct message *message)
{
    g_autofree char *ids = g_strjoinv(" ", message->returned_ids);

    print_string("returned_ids", ids);
    print_string("feedback_type", message->feedback_type);
    printf(", \"bounces\": [");
    for (guint i = 0; i < message->bounces->len; i++) {
        const struct bounce *b = message->bounces->pdata[i];
        printf("%s{\"permanent\": %s", i ? ", " : "", b->permanent ? "true" : "false");
        print_string("recipient", b->recipient);
        print_string("status", b->status);
        print_string("reply_code", b->reply_code);
        print_string("reason", b->reason);
        print_string("outcome", outcome_name(b->outcome));
        printf("}");
    }
    printf("]");
}

static void print_message(const struct message *message)
{
    g_autofree char *problems = g_strjoinv("; ", message->problems);
    const struct mailbox *from = message->from->len ? message->from->pdata[0] : NULL;

    print_string("machine", machine_name(message->machine));
    print_string("why", message->machine_why);
    print_string("from", from ? from->addr : "");
    print_string("subject", message->subject);
    print_string("date", message->date);
    print_string("language", message->language);
    print_string("text_from", message->text_from);
    print_string("problems", problems);
    print_string("text", message->text);
    printf(", \"attachments\": [");
    for (guint i = 0; i < message->attachments->len; i++) {
        const struct attachment *a = message->attachments->pdata[i];
        printf("%s{\"size\": %" G_GUINT64_FORMAT, i ? ", " : "", a->size);
        print_string("name", a->name);
        print_string("type", a->type);
        print_string("sha256", a->sha256);
        printf("}");
    }
    printf("]");
    print_bounces(message);
}

/* "pgp-signed", or "pgp-signed part" if it is not the root; "+signed", "+encrypted" below it. */
static void print_layer(const struct layer *layer)
{
    static const char *const kinds[LAYER_KINDS] = {"none", "pgp-signed", "pgp-encrypted",
        "inline-signed", "inline-encrypted", "cms-signed", "cms-opaque", "cms-encrypted"};
    g_autofree char *found = g_strconcat(kinds[layer->kind],
        layer->kind && !layer->whole ? " part" : "", layer->has_signed_part ? " +signed" : "",
        layer->has_encrypted_part ? " +encrypted" : "", NULL);
    gsize size = layer->payload ? g_bytes_get_size(layer->payload) : 0;

    print_string("layer", found);
    printf(", \"payload\": %" G_GSIZE_FORMAT, size);
}

static void print_report(const struct report *report)
{
    g_autofree char *formats = g_strjoinv(" ", report->formats);
    g_autofree char *damaged = g_strjoinv("; ", report->damaged);
    g_autoptr(GString) sources = g_string_new(NULL);
    g_autoptr(GString) indicators = g_string_new(NULL);

    for (guint i = 0; i < report->sightings->len; i++)
        g_string_append_printf(sources, "%s%s", i ? " " : "",
            ((struct sighting *)g_ptr_array_index(report->sightings, i))->source);
    for (guint i = 0; i < report->indicators->len; i++)
        g_string_append_printf(indicators, "%s%s", i ? " " : "",
            ((struct indicator *)g_ptr_array_index(report->indicators, i))->value);
    print_string("formats", formats);
    print_string("damaged", damaged);
    print_string("category", report->category);
    print_string("sources", sources->str);
    print_string("indicators", indicators->str);
}

static int read_one(const char *path)
{
    g_autofree char *bytes = NULL;
    gsize size;
    g_autoptr(mado_facts) facts = NULL;

    if (!g_file_get_contents(path, &bytes, &size, NULL))
        return 1;
    alarm(5);
    facts = read_facts((const guint8 *)bytes, size, FALSE);
    print_message(facts->message);
    print_layer(facts->layer);
    report_find(facts);
    print_report(facts->message->report);
    return 0;
}

int main(int argc, char **argv)
{
    read_warm(FALSE);
    report_warm();
    for (int i = 1; i < argc; i++) {
        int status;
        pid_t child;

        printf("{\"size\": 0");
        print_string("file", argv[i]);
        fflush(stdout);
        child = fork();
        if (child == 0) {
            int result = read_one(argv[i]);
            fflush(stdout);
            _exit(result);
        }
        waitpid(child, &status, 0);
        if (status != 0)
            printf(", \"died\": %d", status);
        printf("}\n");
    }
    return 0;
}
