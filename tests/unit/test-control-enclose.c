/* Files for letters: what they are called, how they come to the daemon, and who gets them back. */
#include "control-house.h"
#include "control-enclose.h"

static const struct asker handler = {"mika", CTL_HANDLER}, stranger = {"stranger", CTL_HANDLER};

static json_t *request(
    const struct house *house, const struct asker *asker, const char *command, json_t *args)
{
    g_autoptr(GString) lines = g_string_new(NULL);
    json_t *row;

    control_answer(&house->context, asker, ctl_find(command), args, lines);
    json_decref(args);
    row = json_loads(lines->str, JSON_DISABLE_EOF_CHECK, NULL);
    g_assert_nonnull(row);
    return row;
}

static json_t *piece(const char *draft, const char *sha256, const char *bytes, const char *flags)
{
    g_autofree char *coded = g_base64_encode((const guchar *)bytes, strlen(bytes));
    json_t *args = json_pack("{s:s,s:s,s:s}", "draft", draft, "sha256", sha256, "piece", coded);

    json_object_set_new(args, "first", json_boolean(strchr(flags, 'f') != NULL));
    json_object_set_new(args, "last", json_boolean(strchr(flags, 'l') != NULL));
    return args;
}

static gboolean says(json_t *row, const char *words)
{
    g_autofree char *text = ctl_dump(row);
    gboolean found = strstr(text, words) != NULL;

    json_decref(row);
    return found;
}

static char *hash_of(const char *text)
{
    return g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
}

static void open_house(struct house *house)
{
    house_open(house, 0);
    house->context.uploads = uploads_new();
}

static void close_house(struct house *house)
{
    uploads_free(house->context.uploads);
    house_close(house);
}

#define DRAFT "0123456789abcdef"

static void test_pieces_become_a_file(void)
{
    g_autofree char *sha256 = hash_of("onetwo");
    struct house house;

    open_house(&house);
    g_assert_true(says(
        request(&house, &handler, "enclose", piece(DRAFT, sha256, "one", "f")), "\"whole\":false"));
    g_assert_true(says(
        request(&house, &handler, "enclose", piece(DRAFT, sha256, "two", "l")), "\"whole\":true"));
    /* no piece comes behind the last, and the hash must be right */
    g_assert_true(
        says(request(&house, &handler, "enclose", piece(DRAFT, sha256, "x", "l")), "error"));
    g_assert_true(says(request(&house, &handler, "enclose", piece(DRAFT, sha256, "onetwx", "fl")),
        "not the one that was meant"));
    g_assert_true(
        says(request(&house, &handler, "enclose", piece(DRAFT, "ab", "one", "fl")), "no SHA-256"));
    close_house(&house);
}

static json_t *take(
    const struct house *house, const struct asker *asker, const char *draft, const char *sha256)
{
    json_t *args = json_pack(
        "{s:s,s:[{s:s,s:s}]}", "draft", draft, "files", "name", "a.txt", "sha256", sha256);
    struct answer answer = {
        .context = &house->context, .user = asker->user, .role = asker->role, .args = args};
    struct sheet sheet = {.purpose = g_strdup("reply")};
    json_t *rows = answer_take_files(&answer, &sheet, NULL) ? answer_file_rows(sheet.files) : NULL;

    sheet_clear(&sheet);
    json_decref(args);
    return rows;
}

/* What one gives is of no letter of another's, and of no other letter. */
static void test_a_file_is_of_one_letter(void)
{
    g_autofree char *sha256 = hash_of("one");
    struct house house;
    json_t *rows;

    open_house(&house);
    g_assert_null(take(&house, &handler, DRAFT, sha256));
    g_assert_false(
        says(request(&house, &handler, "enclose", piece(DRAFT, sha256, "one", "f")), "error"));
    g_assert_null(take(&house, &handler, DRAFT, sha256));
    g_assert_false(
        says(request(&house, &handler, "enclose", piece(DRAFT, sha256, "one", "fl")), "error"));
    rows = take(&house, &handler, DRAFT, sha256);
    g_assert_true(says(rows, "\"size\":3"));
    g_assert_null(take(&house, &stranger, DRAFT, sha256));
    g_assert_null(take(&house, &handler, "fedcba9876543210", sha256));
    close_house(&house);
}

/* -- one that went out before -- */

static guint64 keep_letter(struct store *store, const char *label, const char *word)
{
    const struct new_incident wanted = {.year = 2026,
        .severity = "high",
        .category = "phishing",
        .label = label,
        .subject = word,
        .reporter_name = word,
        .reporter_addr = "a@peer.example",
        .at = 1795131060};
    g_autoptr(GPtrArray) files = enclosures_new();
    g_autoptr(GBytes) bytes = g_bytes_new(word, strlen(word)), letter = g_bytes_new_static("x", 1);
    g_autofree char *number = NULL;
    g_autoptr(GError) error = NULL;
    guint64 incident, id;
    gboolean queued;
    int sequence;

    g_ptr_array_add(files, enclosure_new("a.txt", bytes, NULL));
    g_assert_true(store_begin(store, &error));
    g_assert_true(
        store_open_incident(store, &wanted, number_format, &incident, &sequence, &number, &error));
    g_assert_true(store_queue_letter(store,
        &(struct new_letter){.kind = "letter",
            .cause = word,
            .sender = "",
            .recipient = "a@peer.example",
            .subject = word,
            .message_id = word,
            .incident = incident,
            .bytes = letter,
            .at = 1795131060},
        &queued, &error));
    g_assert_true(store_find_letter(store, "letter", word, &id, &error));
    g_assert_true(store_keep_enclosures(store, id, files, &error));
    g_assert_true(store_restrict_incident(
        store, incident, g_str_equal(label, "TLP:RED"), 1795131060, &error));
    g_assert_true(store_commit(store, &error));
    return id;
}

static json_t *kept(const char *word)
{
    g_autofree char *sha256 = hash_of(word);

    return json_pack("{s:s,s:s,s:b}", "draft", DRAFT, "sha256", sha256, "kept", TRUE);
}

static void test_what_was_sent_is_there_for_who_sees_the_letter(void)
{
    struct house house;
    g_autoptr(GError) error = NULL;
    struct file_origin origin;
    g_autofree char *sha256 = hash_of("open");

    open_house(&house);
    keep_letter(house.store, "TLP:GREEN", "open");
    keep_letter(house.store, "TLP:RED", "restricted");
    g_assert_true(says(request(&house, &handler, "enclose", kept("open")), "\"whole\":true"));
    g_assert_true(says(request(&house, &handler, "enclose", kept("restricted")), "\"end\""));
    g_assert_true(says(request(&house, &handler, "enclose", kept("never")), "\"end\""));
    g_assert_true(store_file_origin(house.store, sha256, &origin, &error));
    g_assert_false(origin.came);
    close_house(&house);
}

/* -- types -- */

static void test_types_are_what_names_say(void)
{
    static const struct {
        const char *name, *bytes, *type;
    } rows[] = {
        {"a.csv", "a,b", "text/csv"},
        {"A.TXT", "text", "text/plain"},
        {"a.txt", "\xff\xfe", "application/octet-stream"},
        {"a.html", "<script>", "application/octet-stream"},
        {"a.pdf", "%PDF", "application/pdf"},
        {"a.exe", "MZ", "application/octet-stream"},
        {"csv", "a", "application/octet-stream"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GBytes) bytes = g_bytes_new(rows[i].bytes, strlen(rows[i].bytes));
        struct enclosure *one = enclosure_new(rows[i].name, bytes, NULL);
        g_assert_cmpstr(one->type, ==, rows[i].type);
        enclosure_free(one);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/enclose/pieces become a file", test_pieces_become_a_file);
    g_test_add_func("/enclose/a file is of one letter", test_a_file_is_of_one_letter);
    g_test_add_func("/enclose/what was sent is there for who sees the letter",
        test_what_was_sent_is_there_for_who_sees_the_letter);
    g_test_add_func("/enclose/types are what names say", test_types_are_what_names_say);
    return g_test_run();
}
