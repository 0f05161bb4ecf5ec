/* SPDX-License-Identifier: Apache-2.0 */
#include "ocsf_check.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_BYTES = 256, OTHER = 99 };

enum arity { ONE, ARRAY };
enum need { OPTIONAL, REQUIRED };

static const struct object {
    const char *name;
    const char *at_least_one; /* names with blanks between them; "": no such rule */
} objects[] = {
#define OBJECT(name, at_least_one) {#name, at_least_one},
#define ATTRIBUTE(object, name, type, arity, need, numbers)
#include "ocsf.def"
#undef OBJECT
#undef ATTRIBUTE
};

static const struct attribute {
    const char *object, *name, *type;
    enum arity arity;
    enum need need;
    const char *numbers; /* with blanks between them; "": any */
} attributes[] = {
#define OBJECT(name, at_least_one)
#define ATTRIBUTE(object, name, type, arity, need, numbers)                                        \
    {#object, #name, #type, arity, need, numbers},
#include "ocsf.def"
#undef OBJECT
#undef ATTRIBUTE
};

enum { OBJECTS = sizeof objects / sizeof objects[0] };
enum { ATTRIBUTES = sizeof attributes / sizeof attributes[0] };

struct check {
    char *report;
    size_t report_bytes;
    size_t used;
    size_t violations;
};

static void __attribute__((format(printf, 3, 4)))
violation(struct check *check, const char *path, const char *format, ...)
{
    char line[PATH_BYTES * 2];
    int length = snprintf(line, sizeof line, "%s: ", path);
    va_list arguments;
    va_start(arguments, format);
    length += vsnprintf(line + length, sizeof line - (size_t)length, format, arguments);
    va_end(arguments);
    check->violations++;
    size_t room = check->report == NULL ? 0 : check->report_bytes - check->used;
    if (length > 0 && (size_t)length + 2 <= room) {
        memcpy(check->report + check->used, line, (size_t)length);
        memcpy(check->report + check->used + length, "\n", 2);
        check->used += (size_t)length + 1;
    }
}

static const struct object *object_named(const char *name)
{
    for (size_t i = 0; i < OBJECTS; i++)
        if (strcmp(objects[i].name, name) == 0)
            return &objects[i];
    return NULL;
}

static const struct attribute *attribute_named(const char *object, const char *name)
{
    for (size_t i = 0; i < ATTRIBUTES; i++)
        if (strcmp(attributes[i].object, object) == 0 && strcmp(attributes[i].name, name) == 0)
            return &attributes[i];
    return NULL;
}

/* Whether a word is in a list with blanks between its words. */
static bool lists(const char *list, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = list; (at = strstr(at, word)) != NULL; at += length)
        if ((at == list || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
            return true;
    return false;
}

static bool is_address(const char *text)
{
    unsigned char address[16];
    return inet_pton(AF_INET, text, address) == 1 || inet_pton(AF_INET6, text, address) == 1;
}

/* "" : good; else what is wrong. */
static const char *scalar_fault(const char *type, const json_t *value)
{
    if (strcmp(type, "string_t") == 0 || strcmp(type, "bytestring_t") == 0)
        return json_is_string(value) ? "" : "is no text";
    if (strcmp(type, "ip_t") == 0)
        return json_is_string(value) && is_address(json_string_value(value)) ? "" : "is no address";
    if (strcmp(type, "integer_t") == 0 || strcmp(type, "long_t") == 0)
        return json_is_integer(value) ? "" : "is no whole number";
    if (strcmp(type, "port_t") == 0)
        return json_is_integer(value) && json_integer_value(value) >= 0 &&
                       json_integer_value(value) <= 65535
                   ? ""
                   : "is no port";
    if (strcmp(type, "float_t") == 0)
        return json_is_number(value) ? "" : "is no number";
    if (strcmp(type, "boolean_t") == 0)
        return json_is_boolean(value) ? "" : "is neither true nor false";
    return strcmp(type, "json_t") == 0 ? "" : "has a type that this check does not know";
}

static bool is_scalar(const char *type)
{
    size_t length = strlen(type);
    return length > 2 && strcmp(type + length - 2, "_t") == 0;
}

static void check_number(struct check *check, const char *path, const struct attribute *attribute,
                         const json_t *value)
{
    char number[32];
    (void)snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
    if (attribute->numbers[0] != '\0' && json_is_integer(value) &&
        !lists(attribute->numbers, number))
        violation(check, path, "%s is not among %s", number, attribute->numbers);
}

static void check_object(struct check *check, const char *path, const struct object *object,
                         json_t *value);

static void check_value(struct check *check, const char *path, const struct attribute *attribute,
                        json_t *value)
{
    if (is_scalar(attribute->type)) {
        const char *fault = scalar_fault(attribute->type, value);
        if (fault[0] != '\0')
            violation(check, path, "%s", fault);
        check_number(check, path, attribute, value);
        return;
    }
    if (!json_is_object(value)) {
        violation(check, path, "is no object");
        return;
    }
    const struct object *object = object_named(attribute->type);
    if (object != NULL)
        check_object(check, path, object, value);
    else if (strcmp(attribute->type, "object") != 0)
        violation(check, path, "is a %s, which ocsf.def does not hold: extend ocsf_table.py",
                  attribute->type);
}

static void check_attribute(struct check *check, const char *path,
                            const struct attribute *attribute, json_t *value)
{
    if (attribute->arity == ONE) {
        check_value(check, path, attribute, value);
        return;
    }
    if (!json_is_array(value)) {
        violation(check, path, "is no array");
        return;
    }
    for (size_t i = 0; i < json_array_size(value); i++) {
        char element[PATH_BYTES];
        (void)snprintf(element, sizeof element, "%.200s[%zu]", path, i);
        check_value(check, element, attribute, json_array_get(value, i));
    }
}

/* "type_id" is 99 only with a "type" beside it. */
static void check_label(struct check *check, const char *path, const char *name, json_t *value,
                        const json_t *object)
{
    char label[PATH_BYTES];
    size_t length = strlen(name);
    if (length < 4 || length >= sizeof label || strcmp(name + length - 3, "_id") != 0 ||
        json_integer_value(value) != OTHER)
        return;
    (void)snprintf(label, sizeof label, "%.*s", (int)length - 3, name);
    if (json_object_get(object, label) == NULL)
        violation(check, path, "is 99 (other) without %s", label);
}

static void check_members(struct check *check, const char *path, const struct object *object,
                          json_t *value)
{
    const char *name;
    json_t *member;
    json_object_foreach(value, name, member)
    {
        char inner[PATH_BYTES];
        (void)snprintf(inner, sizeof inner, "%.120s%s%.120s", path, path[0] == '\0' ? "" : ".",
                       name);
        const struct attribute *attribute = attribute_named(object->name, name);
        if (attribute == NULL) {
            violation(check, inner, "is no attribute of %s", object->name);
            continue;
        }
        check_attribute(check, inner, attribute, member);
        check_label(check, inner, name, member, value);
    }
}

static void check_required(struct check *check, const char *path, const struct object *object,
                           const json_t *value)
{
    for (size_t i = 0; i < ATTRIBUTES; i++)
        if (attributes[i].need == REQUIRED && strcmp(attributes[i].object, object->name) == 0 &&
            json_object_get(value, attributes[i].name) == NULL)
            violation(check, path, "%s is required", attributes[i].name);
}

static void check_object(struct check *check, const char *path, const struct object *object,
                         json_t *value)
{
    bool one_is_there = object->at_least_one[0] == '\0';
    const char *name;
    json_t *member;
    json_object_foreach(value, name, member)
    {
        one_is_there = one_is_there || lists(object->at_least_one, name);
    }
    if (!one_is_there)
        violation(check, path, "has none of %s", object->at_least_one);
    check_required(check, path, object, value);
    check_members(check, path, object, value);
}

static void check_type_uid(struct check *check, const json_t *root)
{
    json_int_t class_uid = json_integer_value(json_object_get(root, "class_uid"));
    json_int_t activity_id = json_integer_value(json_object_get(root, "activity_id"));
    if (json_integer_value(json_object_get(root, "type_uid")) != class_uid * 100 + activity_id)
        violation(check, "type_uid", "is not class_uid * 100 + activity_id");
}

size_t ocsf_check(struct slice json, char *report, size_t report_bytes)
{
    struct check check = {.report = report, .report_bytes = report_bytes};
    json_error_t error;
    if (report != NULL && report_bytes > 0)
        report[0] = '\0';
    json_t *root = json_loadb((const char *)json.data, json.len,
                              JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    if (root == NULL) {
        violation(&check, "", "is no JSON: %s", error.text);
        return check.violations;
    }
    if (json_is_object(root)) {
        check_object(&check, "", object_named("detection_finding"), root);
        check_type_uid(&check, root);
    } else {
        violation(&check, "", "is no object");
    }
    json_decref(root);
    return check.violations;
}
