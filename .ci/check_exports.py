"""Reads exports of everything with pandas, pyarrow and DuckDB, and compares them with the database row for row.

Usage: check_exports.py DATABASE CSV-DIRECTORY JSONL-DIRECTORY PARQUET-DIRECTORY DATA-SET
"""

import csv
import datetime
import json
import pathlib
import sqlite3
import sys

import duckdb
import pandas
import pyarrow.parquet

UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)
database, in_csv, in_jsonl, in_parquet, data_set = map(pathlib.Path, sys.argv[1:])
db = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
engine = duckdb.connect()
engine.execute("SET TimeZone = 'UTC'")


def instant(millis):
    if millis is None:
        return None
    return (EPOCH + datetime.timedelta(milliseconds=millis)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def stored(kind, columns):
    """The live records of a kind, as the database has them."""
    provider, resource = kind.split(".")
    rows = db.execute(
        "SELECT flat, day, start_at, end_at FROM documents WHERE provider = ? AND resource = ?"
        " AND removed_at IS NULL ORDER BY day, start_at, key",
        (provider, resource),
    )
    for flat, day, start, end in rows:
        values = json.loads(flat)
        assert len(values) == len(columns), kind
        known = {"day": day, "start": instant(start), "end": instant(end)}
        # What the store knows better than the record.
        yield [known.get(name, value) if value is None else value for name, value in zip(columns, values)]


def without_apostrophe(text):
    rest = text.lstrip("'")
    return text[1:] if text.startswith("'") and rest[:1] in tuple("=+-@\t\r\n") else text


def as_csv(value):
    """A value as its cell; a null and an empty text are one and the same to most readers."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        return value
    return value


def same_cell(cell, value):
    value = as_csv(value)
    if isinstance(value, (dict, list)):
        return json.loads(cell) == value
    if isinstance(value, (int, float)):
        return float(cell) == float(value)
    return without_apostrophe(cell) == value


def same_value(found, value):
    """A typed value against the JSON it was made from."""
    if value is None or found is None:
        return found is None and value is None
    if isinstance(found, datetime.datetime):
        moment = datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
        moment = moment.replace(tzinfo=moment.tzinfo or UTC)
        return found.astimezone(UTC) == moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    if isinstance(found, datetime.date):
        return found.isoformat() == value
    if isinstance(found, bool):
        return found == bool(value)
    if isinstance(found, (int, float)):
        return float(found) == float(value)
    if isinstance(value, (dict, list)):
        return json.loads(found) == value
    return found == (value if isinstance(value, str) else json.dumps(value))


def flattened(record, columns, nests):
    values = []
    for name in columns:
        if name in nests:
            outer, key = nests[name]
            values.append(record[outer][key])
        else:
            values.append(record[name])
    return values


def nesting(record, columns):
    """Where the columns that are no keys of the object stand in it, in order."""
    places = [(outer, key) for outer, inner in record.items() if isinstance(inner, dict) and outer not in columns
              for key in inner]
    return dict(zip([name for name in columns if name not in record], places))


def compare(what, name, rows, expected, same):
    count = 0
    for row, values in zip(rows, expected, strict=True):
        for place, (found, value) in enumerate(zip(row, values, strict=True)):
            assert same(found, value), f"{what} {name}, row {count}, column {place}"
        count += 1
    return count


def duck(query):
    cursor = engine.execute(query)
    while batch := cursor.fetchmany(10_000):
        yield from batch


def samples():
    return list(db.execute(
        "SELECT m.name, p.name, s.at_ms, c.name, s.value FROM samples s JOIN names m ON m.id = s.metric"
        " JOIN names p ON p.id = s.source JOIN names c ON c.id = s.context"
    ))


def main():
    total = 0
    names = sorted(path.name.removesuffix(".csv") for path in in_csv.iterdir())
    assert names == sorted(path.name.removesuffix(".jsonl") for path in in_jsonl.iterdir())
    assert names == sorted(path.name.removesuffix(".parquet") for path in in_parquet.iterdir())
    for name in names:
        files = [in_csv / f"{name}.csv", in_jsonl / f"{name}.jsonl", in_parquet / f"{name}.parquet"]
        frame = pandas.read_csv(files[0], dtype=str, keep_default_na=False)
        with files[0].open(newline="") as plain:
            columns = next(csv.reader(plain))
        assert list(frame.columns) == columns
        records = [json.loads(line) for line in files[1].read_text().splitlines()]
        nests = nesting(records[0], columns) if records else {}
        lines = [flattened(record, columns, nests) for record in records]
        table = pyarrow.parquet.read_table(files[2])
        assert table.column_names == columns, name
        typed = list(zip(*[column.to_pylist() for column in table.columns])) if table.num_rows else []
        if "." in name:
            expected = list(stored(name, columns))
            compare("jsonl", name, lines, expected, lambda found, value: found == value)
        elif name == "samples":
            expected = [[m, p, instant(at), c, v] for m, p, at, c, v in samples()]
            order = lambda row: (row[0], row[1], row[2], row[3])
            assert sorted(lines, key=order) == sorted(expected, key=order)
            expected = lines
        else:
            expected = lines
        total += compare("csv by pandas", name, frame.itertuples(index=False), expected, same_cell)
        compare("parquet by pyarrow", name, typed, expected, same_value)
        compare("parquet by DuckDB", name, duck(f"FROM read_parquet('{files[2]}')"), expected, same_value)
        if expected:
            text = f"FROM read_csv('{files[0]}', all_varchar = true, header = true, delim = ',', quote = '\"')"
            compare("csv by DuckDB", name, duck(text), expected, lambda cell, value: same_cell(cell or "", value))
            count = engine.execute(f"SELECT count(*) FROM read_json('{files[1]}', format = 'newline_delimited')")
            assert count.fetchone()[0] == len(expected), name
            frame = pandas.read_json(files[1], lines=True)
            assert len(frame) == len(expected), name
    days = {row[0]: row for row in pyarrow.parquet.read_table(in_parquet / "daily.parquet").to_pylist() for row in [list(row.values())]}
    columns = pyarrow.parquet.read_schema(in_parquet / "daily.parquet").names
    chosen = 0
    for row in pyarrow.parquet.read_table(in_parquet / "metrics.parquet").to_pylist():
        if row["chosen"]:
            place = columns.index(row["metric"])
            value = days[row["day"]][place]
            value = value.timestamp() * 1000 if isinstance(value, datetime.datetime) else value
            assert value == row["value"], row
            assert days[row["day"]][place + 1] == row["source"], row
            chosen += 1
    given = sum(1 for row in days.values() for value in row[2::2] if value is not None)
    assert chosen == given, (chosen, given)
    # The data set read as one: every live record of a kind is in it once.
    for kind in ["whoop.sleep", "withings.measure"]:
        provider, resource = kind.split(".")
        found = engine.execute(
            f"SELECT count(DISTINCT id), count(*) FROM read_parquet('{data_set}/**/*.parquet',"
            " hive_partitioning = true, union_by_name = true)"
            f" WHERE provider = '{provider}' AND kind = '{resource}' AND removed_at IS NULL"
        ).fetchone()
        live = db.execute(
            "SELECT count(*) FROM documents WHERE provider = ? AND resource = ? AND removed_at IS NULL",
            (provider, resource),
        ).fetchone()[0]
        assert found == (live, live), (kind, found, live)
    print(f"{total} rows of {len(names)} tables are the same in csv, jsonl and parquet as in the database")


main()
