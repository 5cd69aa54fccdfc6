#!/usr/bin/env python3
"""What a Python program spends on the same export: all of WHOOP in a mirror as CSV.

    python3 benches/peer.py MIRROR DIRECTORY

It reads the mirror with `sqlite3` and writes with `csv`, both of the standard library and in C, and does no more than
it must:

- a file for each kind of record, with the columns of the program's own: one SELECT over the table of records in the
  order of their start, the JSON of the columns parsed, instants written, a cell guarded that a spreadsheet would take
  for a formula, a row written;
- `metrics.csv` with a row for each day and metric, and `daily.csv` with a row for each day and a pair of columns for
  each metric: one SELECT over the facts of records that count, the last of a day and metric taken.

It chooses no source, adds no parts of a night up, rounds nothing, flattens nothing, and guards against no
overwriting; the program does all of that. `benches/whole.py` starts it, so that the start of Python is in the figure
as the start of the program is in the other.
"""

import csv
import datetime
import json
import pathlib
import sqlite3
import sys

# The columns of each kind, in the order in which the mirror keeps them.
KINDS = {
    "sleep": "id cycle_id day start end timezone_offset end_timezone_offset offset_inferred nap score_state "
    "sleep_performance_pct sleep_consistency_pct sleep_efficiency_pct respiratory_rate in_bed_seconds "
    "light_sleep_seconds rem_sleep_seconds deep_sleep_seconds awake_seconds no_data_seconds sleep_cycle_count "
    "disturbance_count sleep_needed_baseline_seconds sleep_needed_from_sleep_debt_seconds "
    "sleep_needed_from_recent_strain_seconds sleep_needed_from_recent_nap_seconds updated_at",
    "cycle": "id day start end timezone_offset end_timezone_offset offset_inferred score_state strain avg_hr_bpm "
    "max_hr_bpm calories updated_at",
    "recovery": "cycle_id sleep_id day start end score_state recovery_score resting_heart_rate_bpm hrv_rmssd_ms "
    "spo2_pct skin_temp_c user_calibrating updated_at",
    "workout": "id day start end timezone_offset end_timezone_offset offset_inferred sport_name sport_id score_state "
    "strain avg_hr_bpm max_hr_bpm calories percent_recorded_pct distance_meter altitude_gain_meter "
    "altitude_change_meter zone_zero_seconds zone_one_seconds zone_two_seconds zone_three_seconds zone_four_seconds "
    "zone_five_seconds updated_at",
    "profile": "email first_name last_name",
    "body_measurement": "height_meter weight_kilogram max_heart_rate_bpm",
}
RECORDS = """
    SELECT day, start_at, end_at, flat FROM documents
    WHERE provider = 'whoop' AND resource = ? AND removed_at IS NULL ORDER BY start_at
"""
FACTS = """
    SELECT f.day, f.metric, f.value FROM facts f JOIN documents d ON d.key = f.document
    WHERE d.provider = 'whoop' AND d.removed_at IS NULL AND d.session = 'main' AND f.day IS NOT NULL
    ORDER BY f.day, f.metric, d.start_at
"""
FORMULA = tuple("=+-@")


def instant(milliseconds):
    if milliseconds is None:
        return None
    at = datetime.datetime.fromtimestamp(milliseconds // 1000, datetime.timezone.utc)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03}Z"


def cell(value):
    if isinstance(value, str):
        return "'" + value if value.startswith(FORMULA) else value
    if isinstance(value, bool):
        return "true" if value else "false"
    return value


def records(db, directory):
    for kind, columns in KINDS.items():
        columns = columns.split()
        place = {name: columns.index(name) for name in ("day", "start", "end") if name in columns}
        with open(directory / f"whoop.{kind}.csv", "w", newline="") as file:
            out = csv.writer(file)
            out.writerow(columns)
            for day, start, end, flat in db.execute(RECORDS, [kind]):
                row = json.loads(flat)[: len(columns)]
                if place:
                    row[place["day"]], row[place["start"]], row[place["end"]] = day, instant(start), instant(end)
                out.writerow([cell(value) for value in row])


def days(db, directory):
    values = {}
    for day, metric, value in db.execute(FACTS):
        values.setdefault(day, {})[metric] = value
    metrics = sorted({metric for of_day in values.values() for metric in of_day})
    with open(directory / "metrics.csv", "w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["day", "metric", "value", "source"])
        for day, of_day in values.items():
            out.writerows([day, metric, value, "whoop"] for metric, value in of_day.items())
    with open(directory / "daily.csv", "w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["date"] + [name for metric in metrics for name in (metric, f"{metric}_source")])
        for day, of_day in values.items():
            row = [day]
            for metric in metrics:
                value = of_day.get(metric)
                row += [value, None if value is None else "whoop"]
            out.writerow(row)


def main():
    mirror, directory = sys.argv[1], pathlib.Path(sys.argv[2])
    directory.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(f"file:{mirror}?mode=ro", uri=True)
    records(db, directory)
    days(db, directory)


if __name__ == "__main__":
    main()
