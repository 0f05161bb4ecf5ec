/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/service/socket.h"

#include "folder.h"
#include "ingest/service/control.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static struct folder folder;
static struct control_socket *own;
static size_t asked;
static size_t answer_bytes;
static int answer_result;

static void open_socket(void)
{
    folder_make(&folder);
    cr_assert_eq(control_socket_new(&own, folder_path(&folder, "s")), 0);
    answer_bytes = 10;
}

static void close_socket(void)
{
    control_socket_free(own);
    folder_remove(&folder);
}

TestSuite(socket, .init = open_socket, .fini = close_socket);

/* As many bytes as the test wants, the last of them a line feed. */
static int answer(void *owner, struct slice word, struct slice *line)
{
    (void)owner;
    asked++;
    cr_expect(slice_equal(word, slice_text("reload")), "%.*s", SLICE_PRINTF(word));
    uint8_t *text = malloc(answer_bytes);
    cr_assert_neq(text, NULL);
    memset(text, 'a', answer_bytes);
    text[answer_bytes - 1] = '\n';
    if (answer_result < 0)
        free(text);
    else
        *line = slice_of(text, answer_bytes);
    return answer_result;
}

static int knock(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", folder_path(&folder, "s"));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    cr_assert_geq(fd, 0);
    cr_assert_eq(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static void say(int fd, const char *text)
{
    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
}

static void serve_at(int64_t now_ms)
{
    control_socket_serve(own, answer, NULL, now_ms);
}

/* Takes what is there; true when the other side has ended. */
static bool take(int fd, size_t *bytes)
{
    char buffer[4096];
    ssize_t got;
    while ((got = read(fd, buffer, sizeof buffer)) > 0)
        *bytes += (size_t)got;
    return got == 0;
}

static bool is_ended(int fd)
{
    size_t bytes = 0;
    return take(fd, &bytes);
}

Test(socket, answers_a_word_and_ends)
{
    size_t bytes = 0;
    int fd = knock();
    say(fd, "reload\n");
    serve_at(0);
    cr_assert(take(fd, &bytes));
    cr_assert_eq(bytes, 10);
    cr_assert_eq(asked, 1);
    close(fd);
}

Test(socket, waits_for_a_word_that_comes_in_pieces)
{
    int fd = knock();
    say(fd, "rel");
    serve_at(0);
    cr_assert_eq(asked, 0);
    say(fd, "oad\nmore");
    serve_at(1);
    cr_assert_eq(asked, 1);
    cr_assert(is_ended(fd));
    close(fd);
}

Test(socket, ends_who_says_more_than_a_word_can_be_long)
{
    char text[CONTROL_REQUEST_BYTES_MAX + 1];
    memset(text, 'x', sizeof text);
    text[CONTROL_REQUEST_BYTES_MAX] = '\0';
    int fd = knock();
    say(fd, text);
    serve_at(0);
    cr_assert_eq(asked, 0);
    cr_assert(is_ended(fd));
    close(fd);
}

Test(socket, ends_who_leaves_without_a_word)
{
    struct pollfd fds[SOCKET_FDS_MAX];
    int fd = knock();
    close(fd);
    serve_at(0);
    cr_assert_eq(control_socket_fds(own, fds), 1, "only the listener is left");
    cr_assert_eq(asked, 0);
}

Test(socket, ends_who_takes_too_long_to_say_it)
{
    int fd = knock();
    serve_at(0);
    serve_at(SOCKET_CLIENT_MS_MAX - 1);
    cr_assert_not(is_ended(fd));
    say(fd, "reload\n");
    serve_at(SOCKET_CLIENT_MS_MAX);
    cr_assert_eq(asked, 0);
    close(fd);
}

Test(socket, gives_time_for_the_answer_after_a_long_reload)
{
    size_t bytes = 0;
    answer_bytes = 4 * 1024 * 1024; /* more than the kernel takes at once */
    int fd = knock();
    say(fd, "reload\n");
    serve_at(0);
    int64_t later = 10 * SOCKET_CLIENT_MS_MAX; /* so long the reload took */
    bool ended = false;
    for (size_t i = 0; i < 10000 && !ended; i++) {
        serve_at(later);
        ended = take(fd, &bytes);
    }
    cr_assert(ended);
    cr_assert_eq(bytes, answer_bytes);
    close(fd);
}

Test(socket, ends_who_does_not_take_its_answer)
{
    struct pollfd fds[SOCKET_FDS_MAX];
    answer_bytes = 4 * 1024 * 1024;
    int fd = knock();
    say(fd, "reload\n");
    serve_at(0);
    serve_at(1);
    serve_at(SOCKET_CLIENT_MS_MAX);
    cr_assert_eq(control_socket_fds(own, fds), 2);
    serve_at(1 + SOCKET_CLIENT_MS_MAX);
    cr_assert_eq(control_socket_fds(own, fds), 1);
    close(fd);
}

Test(socket, ends_who_cannot_be_answered)
{
    answer_result = STATUS_NO_MEMORY;
    int fd = knock();
    say(fd, "reload\n");
    serve_at(0);
    cr_assert(is_ended(fd));
    close(fd);
}

Test(socket, serves_so_many_at_once_and_the_next_when_one_has_gone)
{
    struct pollfd fds[SOCKET_FDS_MAX];
    int clients[SOCKET_CLIENTS_MAX];
    for (size_t i = 0; i < SOCKET_CLIENTS_MAX; i++)
        clients[i] = knock();
    serve_at(0);
    int late = knock();
    say(late, "reload\n");
    serve_at(1);
    cr_assert_eq(asked, 0);
    cr_assert_eq(control_socket_fds(own, fds), SOCKET_CLIENTS_MAX, "nobody new is waited for");
    close(clients[3]);
    serve_at(2);
    serve_at(3);
    cr_assert_eq(asked, 1);
    for (size_t i = 0; i < SOCKET_CLIENTS_MAX; i++) {
        if (i != 3)
            close(clients[i]);
    }
    close(late);
}

Test(socket, is_for_its_user_and_group_alone_and_goes_with_its_owner)
{
    struct stat info;
    const char *path = folder_path(&folder, "s");
    cr_assert_eq(stat(path, &info), 0);
    cr_assert_eq(info.st_mode & 0777, 0660);
    control_socket_free(own);
    own = NULL;
    cr_assert_eq(access(path, F_OK), -1);
}

Test(socket, is_not_taken_from_who_listens_there)
{
    struct control_socket *second = NULL;
    cr_assert_eq(control_socket_new(&second, folder_path(&folder, "s")), SOCKET_IN_USE);
    cr_assert_eq(second, NULL);
    int fd = knock();
    say(fd, "reload\n");
    serve_at(0);
    cr_assert_eq(asked, 1);
    close(fd);
}

Test(socket, takes_the_place_of_a_socket_that_nobody_listens_at)
{
    struct control_socket *second = NULL;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *path = folder_path(&folder, "left");
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    cr_assert_eq(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    close(fd);
    cr_assert_eq(control_socket_new(&second, address.sun_path), 0);
    control_socket_free(second);
}

Test(socket, takes_the_place_of_nothing_else)
{
    struct control_socket *second = NULL;
    folder_write(&folder, "rules.yml", "title: precious\n");
    cr_assert_eq(control_socket_new(&second, folder_path(&folder, "rules.yml")), STATUS_IO);
    cr_assert_eq(errno, EEXIST);
    cr_assert_eq(access(folder_path(&folder, "rules.yml"), F_OK), 0, "it is still there");
}

Test(socket, is_not_taken_from_who_has_no_time_for_another)
{
    struct control_socket *second = NULL;
    int fds[20];
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", folder_path(&folder, "s"));
    int refused = 0;
    for (size_t i = 0; i < 20; i++) {
        fds[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
        refused += connect(fds[i], (const struct sockaddr *)&address, sizeof address) != 0;
    }
    cr_assert_gt(refused, 0, "the queue is full");
    cr_assert_eq(control_socket_new(&second, address.sun_path), SOCKET_IN_USE);
    for (size_t i = 0; i < 20; i++)
        close(fds[i]);
}

Test(socket, says_why_it_cannot_be_made)
{
    char path[200];
    struct control_socket *second = NULL;
    memset(path, 'x', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    cr_assert_eq(control_socket_new(&second, path), STATUS_LIMIT);
    path[sizeof(((struct sockaddr_un *)0)->sun_path)] = '\0';
    cr_assert_eq(control_socket_new(&second, path), STATUS_LIMIT, "its NUL has no room");
    cr_assert_eq(control_socket_new(&second, folder_path(&folder, "no/such/s")), STATUS_IO);
    cr_assert_eq(errno, ENOENT);
}

Test(socket, nobody_answers_where_nobody_listens)
{
    struct slice line;
    cr_assert_eq(control_socket_ask(&line, folder_path(&folder, "nobody"), "status"), STATUS_IO);
}
