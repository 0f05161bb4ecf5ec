#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rules change while the service runs: what an author and an operator see of it, on the real program."""

import signal
import sys
import uuid

from harness import TENANT, Service, check, main, rule, wait_for

BROKEN = rule("one broken", "x").replace("contains", "nonsense")
NONSENSE_LINE = 9


def start(build, **options):
    service = Service(build, **options)
    service.write_rule("anchor.yml", rule("anchor", "go"))
    service.write_rule("one.yml", rule("one a", "alpha"))
    service.start()
    check(service.titles("go alpha beta") == ["anchor", "one a"], "the first rules judge")
    return service


def reloads(service, outcome):
    return [line for line in service.logged("a reload ended") if line["outcome"] == outcome]


def edit(service, name, text):
    """Writes a rule and waits until the watched folder was read again."""
    before = len(reloads(service, "published"))
    service.write_rule(name, text)
    wait_for("the reload", lambda: len(reloads(service, "published")) > before)


def findings_of(answer, file):
    return [f for f in answer["findings"] if f["file"].endswith(file)]


def test_an_edit_in_the_folder_takes_effect(build):
    with start(build) as service:
        edit(service, "one.yml", rule("one b", "beta"))
        check(service.titles("go alpha beta") == ["anchor", "one b"], "the new version judges")
        check(service.titles("go alpha") == ["anchor"], "the old one does not")


def test_a_new_file_in_a_new_folder_takes_effect_and_a_deleted_one_ends(build):
    with start(build) as service:
        (service.rules / "team").mkdir()
        edit(service, "team/two.yml", rule("two", "gamma"))
        check(service.titles("go gamma") == ["anchor", "two"], "the new file judges")
        edit(service, "team/two.yml", rule("two c", "delta"))
        check(service.titles("go delta") == ["anchor", "two c"], "and is watched")
        before = len(reloads(service, "published"))
        (service.rules / "one.yml").unlink()
        wait_for("the reload", lambda: len(reloads(service, "published")) > before)
        check(service.titles("go alpha") == ["anchor"], "the deleted rule is silent")


def test_a_broken_new_file_changes_nothing_and_is_named_with_its_line(build):
    with start(build) as service:
        before = service.judge("go alpha")[0].ruleset
        service.write_rule("new.yml", BROKEN)
        line = wait_for("the log", lambda: [x for x in service.lines() if x.get("file", "").endswith("new.yml")])[0]
        check(line["line"] == NONSENSE_LINE and line["hint"] is not None, f"line and hint: {line}")
        alerts = service.judge("go alpha")
        check(sorted(a.title for a in alerts) == ["anchor", "one a"], "the others go on")
        check(alerts[0].ruleset == before, "in the same rule set")
        code, answer = service.command("reload")
        check(code == 0 and answer["outcome"] == "unchanged", f"the reload says so: {answer}")
        check(findings_of(answer, "new.yml")[0]["line"] == NONSENSE_LINE, "file and line are in the answer")
        check((answer["loaded"], answer["refused"], answer["kept"]) == (2, 1, 0), "and the numbers")


def test_breaking_a_file_keeps_its_last_good_version(build):
    with start(build) as service:
        service.write_rule("one.yml", BROKEN)
        code, answer = service.command("reload")
        check(code == 0, "it is no failure of the service")
        check(answer["kept"] == 1 and answer["refused"] == 1, f"one rule is kept: {answer}")
        check(findings_of(answer, "one.yml")[0]["line"] == NONSENSE_LINE, "it is named with its line")
        check(service.titles("go alpha") == ["anchor", "one a"], "its last good version judges")
        check(service.metric("yagura_rules_kept") == 1, "the metric tells")
        edit(service, "anchor.yml", rule("anchor b", "go"))
        check(service.titles("go alpha") == ["anchor b", "one a"], "other files go live beside it")
        service.write_rule("one.yml", rule("one c", "alpha"))
        check(service.command("reload")[1]["kept"] == 0, "mended")
        check(service.titles("go alpha") == ["anchor b", "one c"], "the mended version judges")


def test_a_duplicate_id_is_reported_and_does_not_fire_twice(build):
    with start(build) as service:
        service.write_rule("twin.yml", rule("one twin", "alpha"))
        code, answer = service.command("reload")
        check(code == 0, "the others go on")
        check([f["code"] for f in findings_of(answer, "twin.yml")] == ["duplicate-id"], f"it is named: {answer}")
        check(service.titles("go alpha") == ["anchor", "one a"], "one alert, of the rule that was there first")


def test_a_folder_without_any_rule_leaves_the_old_set(build):
    with start(build, watch=False) as service:
        for path in service.rules.iterdir():
            path.unlink()
        code, answer = service.command("reload")
        check(code == 69 and answer["outcome"] == "empty" and not answer["ok"], f"it is refused: {answer}")
        check(service.titles("go alpha") == ["anchor", "one a"], "the old set judges")
        check(service.metric("yagura_reload_last_good") == 0, "the metric tells")
        service.rules.rmdir()
        answer = service.command("reload")[1]
        check(answer["kept"] == 2 and findings_of(answer, "/rules"), f"a folder that is gone is named: {answer}")
        check(service.titles("go alpha") == ["anchor", "one a"], "the old set judges on")


def test_sighup_reloads_without_a_watched_folder(build):
    with start(build, watch=False) as service:
        service.write_rule("one.yml", rule("one b", "beta"))
        check(service.titles("go alpha beta") == ["anchor", "one a"], "nobody has looked yet")
        before = len(reloads(service, "published"))
        service.signal(signal.SIGHUP)
        wait_for("the reload", lambda: len(reloads(service, "published")) > before)
        check(service.titles("go alpha beta") == ["anchor", "one b"], "now somebody has")


def test_the_socket_answers_when_it_is_done(build):
    with start(build, watch=False) as service:
        first = service.command("status")[1]["current"]["ruleset"]
        for version in range(5):
            service.write_rule("one.yml", rule(f"one v{version}", "alpha"))
            code, answer = service.command("reload")
            check(code == 0 and answer["ok"] and answer["outcome"] == "published", f"published: {answer}")
            alerts = service.judge("go alpha")
            check(sorted(a.title for a in alerts) == ["anchor", f"one v{version}"], "live with the next record")
            check({a.ruleset for a in alerts} == {answer["current"]["ruleset"]}, "under the name that was answered")
        service.write_rule("one.yml", rule("one a", "alpha"))
        check(service.command("reload")[1]["current"]["ruleset"] == first, "equal rules have an equal name")


def test_rollback_takes_effect_with_the_next_record(build):
    with start(build) as service:
        code, answer = service.command("rollback")
        check(code == 69 and answer["outcome"] == "no_previous", f"there is nothing to go back to: {answer}")
        first = service.command("status")[1]["current"]["ruleset"]
        edit(service, "one.yml", rule("one b", "beta"))
        code, answer = service.command("rollback")
        check(code == 0 and answer["current"]["ruleset"] == first, f"the first set is live: {answer}")
        check(service.titles("go alpha beta") == ["anchor", "one a"], "with the next record")
        before = len(reloads(service, "unchanged"))
        (service.rules / "README.txt").write_text("a folder that stirs without changing leaves it alone")
        wait_for("the folder to be read", lambda: len(reloads(service, "unchanged")) > before)
        check(service.titles("go alpha beta") == ["anchor", "one a"], "still")
        check(service.command("rollback")[0] == 0, "forward again")
        check(service.titles("go alpha beta") == ["anchor", "one b"], "the newer set judges")
        service.command("rollback")
        check(service.command("reload")[1]["outcome"] == "published", "who asks for a reload wants the newest rules")
        check(service.titles("go alpha beta") == ["anchor", "one b"], "and has them")


def test_a_link_to_a_folder_can_be_led_elsewhere(build):
    service = Service(build)
    with service:
        service.rules.rmdir()
        for name, text in (("v1", rule("one a", "alpha")), ("v2", rule("one b", "alpha"))):
            (service.folder / name).mkdir()
            (service.folder / name / "one.yml").write_text(text)
        service.rules.symlink_to(service.folder / "v1")
        service.start()
        check(service.titles("alpha") == ["one a"], "the first folder judges")
        (service.folder / "link").symlink_to(service.folder / "v2")
        (service.folder / "link").rename(service.rules)
        wait_for("the reload", lambda: len(reloads(service, "published")) > 1)
        check(service.titles("alpha") == ["one b"], "the second one judges")


def published_after(service, path, text):
    before = len(reloads(service, "published"))
    service.write(path, text)
    wait_for("the reload", lambda: len(reloads(service, "published")) > before)


def test_asset_tables_are_reloaded_like_rules(build):
    head, row = "tenant_id,endpoint_id,owner\n", f"{TENANT},{uuid.UUID(bytes=b'endpoint-sixteen')},"
    service = Service(build)
    with service:
        service.write(service.assets, head + row + "Aoi\n")
        service.write_rule("anchor.yml", rule("anchor", "go"))
        service.start()
        first = service.judge("go")[0]
        check(first.owner == "Aoi", "an alert says whose machine it is")
        published_after(service, service.assets, head + row + "Ren\n")
        second = service.judge("go")[0]
        check(second.owner == "Ren", "the new table is used")
        check(second.ruleset == first.ruleset, "with the same rule set")
        service.write(service.assets, "nonsense\n")
        answer = service.command("reload")[1]
        check(findings_of(answer, "assets.csv"), f"a broken table is named: {answer}")
        check(service.judge("go")[0].owner == "Ren", "and its last good version used")


def test_lists_are_reloaded_like_rules(build):
    service = Service(build)
    with service:
        service.lists.mkdir()
        service.write(service.lists / "tokens.txt", "alpha\n")
        service.write_rule("anchor.yml", rule("anchor", "go"))
        service.write_rule("list.yml", rule("list", "%tokens%").replace("|contains", "|expand|contains"))
        service.start()
        check(service.titles("go alpha beta") == ["anchor", "list"], "the list's value matches")
        check(service.titles("go beta") == ["anchor"], "and no other")
        published_after(service, service.lists / "tokens.txt", "beta\n")
        check(service.titles("go beta") == ["anchor", "list"], "the new list is used")


if __name__ == "__main__":
    sys.exit(main(globals()))
