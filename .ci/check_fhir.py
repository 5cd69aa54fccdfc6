"""Checks FHIR files of `vitals-mcp export --format fhir` against the R4B models of fhir.resources.

Usage: check_fhir.py DIRECTORY
The models do not check required bindings, units or offsets, so the rules of the profile for vital signs are
checked here as well. Prints `N passed, M failed`; the exit code is 1 if any failed.
"""

import json
import pathlib
import re
import sys

from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.observation import Observation

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
STATUS = {"registered", "preliminary", "final", "amended", "corrected", "cancelled", "entered-in-error", "unknown"}
# The units that the profile for vital signs allows, and those of the other codes that are used.
UNITS = {
    "9279-1": {"/min"}, "8867-4": {"/min"}, "40443-4": {"/min"}, "103222-6": {"/min"},
    "2708-6": {"%"}, "59408-5": {"%"}, "8310-5": {"Cel"}, "8302-2": {"cm"}, "29463-7": {"kg"},
    "8480-6": {"mm[Hg]"}, "8462-4": {"mm[Hg]"}, "41950-7": {"/d"}, "41979-6": {"kcal/d"},
    "41981-2": {"kcal"}, "55424-6": {"kcal"}, "55411-3": {"min"}, "55425-3": {"/min"}, "55426-1": {"/min"},
    "80404-7": {"ms"}, "94122-9": {"mL/kg/min"}, "77196-4": {"m/s"},
}
SLEEP = {"93832-4", "93831-6", "93830-8", "93829-0", "103210-1", "103212-7"}
UNITS.update({code: {"min"} for code in SLEEP})
VITAL_SIGNS = {"9279-1", "8867-4", "59408-5", "8310-5", "8302-2", "29463-7", "85354-9"}
WHOLE_DAY = {"41950-7", "41979-6"}
OFFSET = re.compile(r"(Z|[+-]\d\d:\d\d)$")


def codes(concept):
    return [coding["code"] for coding in concept.get("coding", []) if coding.get("system") == LOINC]


def faults(one):
    if one.get("status") not in STATUS:
        yield "status"
    if not re.fullmatch(r"[A-Za-z0-9\-.]{1,64}", one.get("id", "")):
        yield "id"
    effective = [name for name in one if name.startswith("effective")]
    if len(effective) != 1:
        yield "one effective[x]"
    for name in effective:
        times = one[name].values() if isinstance(one[name], dict) else [one[name]]
        if any("T" in time and not OFFSET.search(time) for time in times):
            yield "an instant without offset"
    values = [name for name in one if name.startswith("value")]
    if len(values) > 1 or (not values and not one.get("component")):
        yield "value[x] or components"
    loinc = codes(one["code"])
    categories = {coding["code"] for category in one.get("category", []) for coding in category["coding"]}
    if VITAL_SIGNS & set(loinc) and "vital-signs" not in categories:
        yield "category vital-signs"
    if "59408-5" in loinc and "2708-6" not in loinc:
        yield "2708-6 beside 59408-5"
    if "85354-9" in loinc and [codes(part["code"]) for part in one.get("component", [])] != [["8480-6"], ["8462-4"]]:
        yield "systolic and diastolic"
    if WHOLE_DAY & set(loinc) and "effectivePeriod" not in one:
        yield "a period for the total of a day"
    if SLEEP & set(loinc) and "effectivePeriod" not in one:
        yield "a period for a sleep"
    for part in [one, *one.get("component", [])]:
        quantity = part.get("valueQuantity")
        if quantity is None:
            if part is not one and "dataAbsentReason" not in part:
                yield "a component without a value"
            continue
        if quantity.get("system") != UCUM or not quantity.get("code"):
            yield "UCUM"
        for code in codes(part["code"]):
            if code not in UNITS and code not in {"103210-1"} and quantity["code"] in {"m", "{beats}/min"}:
                yield f"unit of {code}"
            if code in UNITS and quantity["code"] not in UNITS[code]:
                yield f"unit of {code}: {quantity['code']}"


def observations(path):
    text = path.read_text()
    if path.suffix == ".json":
        Bundle.model_validate_json(text)
        for entry in json.loads(text).get("entry", []):
            yield json.dumps(entry["resource"])
    else:
        yield from text.splitlines()


def main():
    passed = failed = 0
    seen = set()
    for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
        for number, line in enumerate(observations(path), 1):
            one = json.loads(line)
            found = list(faults(one))
            if (path.suffix, one["id"]) in seen:
                found.append("an id that is there already")
            seen.add((path.suffix, one["id"]))
            try:
                Observation.model_validate_json(line)
            except ValueError as error:
                found.append(str(error))
            if found:
                failed += 1
                print(f"{path.name}:{number}: {', '.join(found)}"[:500])
            else:
                passed += 1
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


main()
