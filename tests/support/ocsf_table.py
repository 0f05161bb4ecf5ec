#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints tests/support/ocsf.def from a checkout of OCSF's published schema:

    git clone https://github.com/ocsf/ocsf-schema && git -C ocsf-schema checkout v1.8.0
    tests/support/ocsf_table.py ocsf-schema > tests/support/ocsf.def

Names, types, requirements and numbers only, of the class detection_finding and the objects that our alerts use. What
belongs to a profile is left out, since our alerts state none; so are extensions. Anything that an alert holds and this
table does not is a violation, so the list of objects grows with the alerts."""

import json
import sys
from pathlib import Path

CLASS = "events/findings/detection_finding"
OBJECTS = """actor analytic attack device dns_query evidences file finding_info fingerprint long_string metadata
network_connection_info network_endpoint observable organization os process process_entity product script sub_technique
tactic technique user""".split()


class Schema:
    def __init__(self, root):
        self.root = Path(root)
        self.version = json.loads((self.root / "version.json").read_text())["version"]
        dictionary = json.loads((self.root / "dictionary.json").read_text())
        self.attributes = dictionary["attributes"]
        self.types = dictionary["types"]["attributes"]
        self.objects = {p.stem: p for p in self.root.glob("objects/*.json")}
        self.events = {p.stem: p for p in self.root.glob("events/**/*.json")}

    def resolved(self, path):
        """The definition with what it extends merged in, and without attributes of profiles."""
        own = json.loads(path.read_text())
        merged = {"attributes": {}, "constraints": None}
        if own.get("extends"):
            family = self.events if "events" in path.parts else self.objects
            merged = self.resolved(family[own["extends"]])
        for include in own["attributes"].get("$include", []):
            for name, attribute in json.loads((self.root / include).read_text())["attributes"].items():
                merged["attributes"].setdefault(name, {}).update(attribute, profile=include)
        for name, attribute in own["attributes"].items():
            if name == "$include":
                continue
            before = merged["attributes"].get(name, {})
            enum = {**before.get("enum", {}), **attribute.get("enum", {})}
            merged["attributes"][name] = {**before, **attribute, **({"enum": enum} if enum else {})}
        if own.get("constraints") is not None:
            merged["constraints"] = own["constraints"]
        merged["uid"] = own.get("uid")
        return merged

    def type_of(self, name):
        """A scalar's base type, or the name of an object."""
        kind = self.attributes[name]["type"]
        while self.types.get(kind, {}).get("type"):
            if kind in ("ip_t", "port_t", "bytestring_t"):
                break
            kind = self.types[kind]["type"]
        return kind

    def observable_types(self):
        tables = [self.types.values(), self.attributes.values()]
        numbers = {row["observable"] for table in tables for row in table if "observable" in row}
        for path in self.root.glob("objects/*.json"):
            numbers |= {json.loads(path.read_text()).get("observable", 0)}
        return numbers

    def enum_of(self, owner, name, attribute):
        enum = {**self.attributes[name].get("enum", {}), **attribute.get("enum", {})}
        numbers = {int(n) for n in enum if n.isdigit()}
        if (owner, name) == ("observable", "type_id"):
            numbers |= self.observable_types()
        return numbers

    def rows(self, owner, path):
        resolved = self.resolved(path)
        one_of = (resolved["constraints"] or {}).get("at_least_one", [])
        print(f'OBJECT({owner}, "{" ".join(one_of)}")')
        for name, attribute in sorted(resolved["attributes"].items()):
            if attribute.get("profile"):
                continue
            numbers = self.enum_of(owner, name, attribute)
            if owner == "detection_finding":
                number = 2000 + resolved["uid"]
                numbers = {"class_uid": {number}, "category_uid": {2},
                           "type_uid": {number * 100 + n for n in (0, 1, 2, 3, 99)}}.get(name, numbers)
            array = "ARRAY" if self.attributes[name].get("is_array") else "ONE"
            required = "REQUIRED" if attribute.get("requirement") == "required" else "OPTIONAL"
            enum = " ".join(map(str, sorted(numbers)))
            print(f'ATTRIBUTE({owner}, {name}, {self.type_of(name)}, {array}, {required}, "{enum}")')


def main():
    schema = Schema(sys.argv[1])
    print("/* SPDX-License-Identifier: Apache-2.0 */")
    print(f"/* Facts of OCSF {schema.version} (github.com/ocsf/ocsf-schema), printed by ocsf_table.py, which says how.")
    print(" * OBJECT(name, members of which at least one is there)")
    print(" * ATTRIBUTE(object, name, type or object, ARRAY or ONE, REQUIRED or OPTIONAL, allowed numbers) */")
    schema.rows("detection_finding", schema.root / f"{CLASS}.json")
    for name in OBJECTS:
        schema.rows(name, schema.objects[name])


if __name__ == "__main__":
    main()
