/* SPDX-License-Identifier: Apache-2.0 */
/* yagurad: the service. Its commands are a table; what they do is in ingest/service. */
#include "ingest/service/config_help.h"
#include "ingest/service/configure.h"
#include "ingest/service/control.h"
#include "ingest/service/service.h"
#include "ingest/service/socket.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static const char default_config_path[] = "/etc/yagura/yagurad.yaml";

struct arguments {
    const char *config_path;
};

struct command {
    const char *name;
    const char *help;
    int (*run)(const struct arguments *arguments);
};

static int check_config(const struct arguments *arguments)
{
    AUTO(config_free) struct config *config = NULL;
    if (configure(&config, arguments->config_path) != 0)
        return EXIT_CODE_CONFIG;
    printf("%s: good\n", arguments->config_path);
    return EXIT_CODE_OK;
}

static int run(const struct arguments *arguments)
{
    AUTO(config_free) struct config *config = NULL;
    if (configure(&config, arguments->config_path) != 0)
        return EXIT_CODE_CONFIG;
    return (int)service_run(config);
}

/* Asks the running service, prints its answer. */
static int ask(const struct arguments *arguments, enum control_request request)
{
    AUTO(config_free) struct config *config = NULL;
    if (configure(&config, arguments->config_path) != 0)
        return EXIT_CODE_CONFIG;
    struct slice answer;
    const char *word = control_request_text(request);
    int result = control_socket_ask(&answer, config->control_socket, word);
    if (result < 0) {
        fprintf(stderr, "yagurad: no service answers at %s: %s\n", config->control_socket,
                result == STATUS_IO ? strerror(errno) : status_text(result));
        return EXIT_CODE_UNAVAILABLE;
    }
    fwrite(answer.data, 1, answer.len, stdout);
    bool ok = control_answer_is_ok(answer);
    free((void *)(uintptr_t)answer.data);
    return ok ? EXIT_CODE_OK : EXIT_CODE_UNAVAILABLE;
}

static int reload(const struct arguments *arguments)
{
    return ask(arguments, CONTROL_RELOAD);
}

static int rollback(const struct arguments *arguments)
{
    return ask(arguments, CONTROL_ROLLBACK);
}

static int status(const struct arguments *arguments)
{
    return ask(arguments, CONTROL_STATUS);
}

static const struct command commands[] = {
    {"run", "run the service until SIGTERM (SIGHUP reloads the rules)", run},
    {"check-config", "read the config, say what is wrong with it, and exit", check_config},
    {"reload", "make the running service read its rules again; prints what was loaded", reload},
    {"rollback", "make the running service use its previous rule set again", rollback},
    {"status", "print what the running service has loaded", status},
};

enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

static void help(FILE *out)
{
    fputs("usage: yagurad COMMAND [--config FILE]\n\nCommands:\n", out);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(out, "  %-14s %s\n", commands[i].name, commands[i].help);
    fprintf(out,
            "\nOptions:\n"
            "  --config FILE     default %s\n"
            "  --help-config     every option of the config file\n"
            "  --example-config  a config file to start from\n"
            "  --version, --help\n\n"
            "Exit codes:\n",
            default_config_path);
#define EXIT(name, number, text) fprintf(out, "  %3d  %s\n", (number), (text));
#include "ingest/service/exits.def"
#undef EXIT
}

static int say_help(void)
{
    help(stdout);
    return EXIT_CODE_OK;
}

static int say_help_config(void)
{
    config_help_write(stdout);
    return EXIT_CODE_OK;
}

static int say_example_config(void)
{
    config_example_write(stdout);
    return EXIT_CODE_OK;
}

static int say_version(void)
{
    puts("yagurad " YAGURA_VERSION);
    return EXIT_CODE_OK;
}

static const struct {
    const char *name;
    int (*say)(void);
} sayings[] = {
    {"help", say_help},
    {"help-config", say_help_config},
    {"example-config", say_example_config},
    {"version", say_version},
};

enum { SAYING_COUNT = sizeof sayings / sizeof *sayings, OPTION_CONFIG = SAYING_COUNT };

static int usage_error(const char *about, const char *what)
{
    fprintf(stderr, "yagurad: %s%s; 'yagurad --help' tells how to use it\n", about, what);
    return EXIT_CODE_USAGE;
}

static int run_command(const char *name, const struct arguments *arguments)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(commands[i].name, name) == 0)
            return commands[i].run(arguments);
    }
    return usage_error("there is no command ", name);
}

int main(int argc, char *argv[])
{
    struct arguments arguments = {.config_path = default_config_path};
    struct option options[SAYING_COUNT + 2] = {0};
    for (size_t i = 0; i < SAYING_COUNT; i++)
        options[i] = (struct option){sayings[i].name, no_argument, NULL, (int)i};
    options[SAYING_COUNT] = (struct option){"config", required_argument, NULL, OPTION_CONFIG};

    for (int found; (found = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (found == 'h')
            return say_help();
        if (found == '?')
            return EXIT_CODE_USAGE; /* getopt has said what is wrong */
        if (found != OPTION_CONFIG)
            return sayings[found].say();
        arguments.config_path = optarg;
    }
    if (optind + 1 != argc)
        return usage_error(optind == argc ? "no command" : "more than one command", "");
    return run_command(argv[optind], &arguments);
}
