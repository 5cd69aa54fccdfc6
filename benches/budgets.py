"""What a figure of `whole.py` may be at most, and the tables that say whether it is.

A budget is of the longest mirror that was measured. Nothing here measures.
"""

# The call that a statement of `query_sql` is held against.
ORDINARY = "30 days of WHOOP sleeps"
STATEMENT = "`query_sql` of `SELECT 1`"

# What a figure of the longest mirror must keep: its name, the most it may be, and in what unit.
BUDGETS = {
    "process start to `initialize` answer": (5, "ms"),
    "resident memory after `tools/list`": (11, "MiB"),
    "anonymous memory after `tools/list`": (1.5, "MiB"),
    "full WHOOP import": (0.7, "s"),
    "full WHOOP import, times its floor": (1.5, "×"),
    "import of all three with every series": (60, "s"),
    "highest memory during that import": (60, "MiB"),
    "trend of all years": (15, "ms"),
    "baseline of all years": (15, "ms"),
    "correlation of all years": (15, "ms"),
    "one metric of 90 days": (1, "ms"),
    "90 days compact": (4, "ms"),
    "one full daily summary": (0.8, "ms"),
    ORDINARY: (0.8, "ms"),
    "insights of 30 days": (6, "ms"),
    "status": (2, "ms"),
    "a year of heart rate by the hour": (30, "ms"),
    f"{STATEMENT}, over an ordinary call": (8, "ms"),
    "export of all of WHOOP as CSV": (0.15, "s"),
    "export of all of WHOOP as CSV, times faster than the peer": (-5, "×"),
    "file, of what it was": (1.03, "×"),
}

# The most that an answer may weigh, in bytes.
SIZES = {ORDINARY: 12_000, "one full daily summary": 6_000, "90 days compact": 16_000, "insights of 30 days": 8_000}


def figures(result):
    """Every figure that has a budget, by its name: value, best, floor."""
    whoop, read = result["whoop"], result["reads"]
    out = {
        "process start to `initialize` answer": (*result["start-up"], None),
        "resident memory after `tools/list`": (result["memory"][0], None, None),
        "anonymous memory after `tools/list`": (result["memory"][1], None, None),
        "full WHOOP import": (whoop["import"], whoop["import best"], whoop["floor"]),
        "full WHOOP import, times its floor": (whoop["import"] / whoop["floor"], None, None),
        "import of all three with every series": (result.get("import"), None, result.get("import floor")),
        "highest memory during that import": (result.get("import memory"), None, None),
    }
    for name, one in read.items():
        out[name] = (*one.get("ms", (None, None)), one.get("floor", (None,))[0])
    over = [one - other for one, other in zip(read[STATEMENT]["ms"], read[ORDINARY]["ms"])]
    out[f"{STATEMENT}, over an ordinary call"] = (*over, None)
    out["export of all of WHOOP as CSV"] = (whoop["export"][0], whoop["export best"], None)
    out["export of all of WHOOP as CSV, times faster than the peer"] = (
        whoop["peer"] / whoop["export"][0], whoop["peer best"] / whoop["export best"], None)
    return out


def number(value, unit):
    if value is None:
        return "–"
    digits = 2 if abs(value) < 10 else 1
    return f"{value:.{digits}f} {unit}".replace(" ×", " ×")


def budget_text(limit, unit):
    return f"≥ {-limit} {unit}" if limit < 0 else f"≤ {limit} {unit}"


def verdict(value, limit):
    """Whether a budget is met; a negative one is the least that must be reached."""
    if value is None:
        return "not measured"
    return "met" if (value >= -limit if limit < 0 else value <= limit) else "**not met**"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def budgets(results, floor, before):
    """The table of the longest mirror against its budgets."""
    years = max(results)
    most = results[years]
    now = figures(most)
    now["process start to `initialize` answer"] = (*most["start-up"], floor["start-up"][0])
    for place, name in enumerate(["resident", "anonymous"]):
        now[f"{name} memory after `tools/list`"] = (most["memory"][place], None, floor["memory"][place])
    then = figures(before[years]) if years in before else {}
    if years in before:
        now["file, of what it was"] = (most["size"][2] / before[years]["size"][2], None, None)
    rows = []
    for name, (limit, unit) in BUDGETS.items():
        if name not in now:
            continue
        value, best, least = now[name]
        refused = most["reads"].get(name, {}).get("refused")
        row = [name, "refused" if refused else number(value, unit), number(best, unit) if best is not None else ""]
        spent = processor(most, name)
        row.append(number(spent, unit) if spent is not None else "")
        row.append(number(least, unit) if least is not None else "")
        if then:
            row.append(number(then[name][0], unit) if name in then else "")
        row += [budget_text(limit, unit), "**not met**" if refused else verdict(value, limit)]
        rows.append(row)
        if name in SIZES and not refused:
            size = most["reads"][name]["bytes"]
            rows.append([f"{name}, its size", f"{size / 1000:.1f} kB", "", "", ""] + ([""] if then else []))
            rows[-1] += [f"≤ {SIZES[name] / 1000:.0f} kB", verdict(size, SIZES[name])]
    title = f"{years} years in the store" if years != 1 else "1 year in the store"
    head = [title, "median", "best", "processor", "floor", *(["before"] if then else []), "budget", ""]
    return table(head, rows)


def processor(result, name):
    """What the program itself spent on a figure, in its unit, where that is known."""
    whoop = result["whoop"]
    return {
        "full WHOOP import": whoop["import processor"],
        "import of all three with every series": result.get("import processor"),
        "export of all of WHOOP as CSV": whoop["export processor"],
        "export of all of WHOOP as CSV, times faster than the peer":
            whoop["peer processor"] / whoop["export processor"],
    }.get(name, result["reads"].get(name, {}).get("processor"))


def growth(results):
    """How each figure grows with the years."""
    years = sorted(results)
    all_figures = {year: figures(results[year]) for year in years}
    rows = []
    for name in all_figures[years[-1]]:
        unit = BUDGETS.get(name, (None, "ms"))[1]
        rows.append([name] + [number(all_figures[year][name][0], unit) for year in years])
    more = {
        "the peer's export of WHOOP": lambda one: number(one["whoop"]["peer"], "s"),
        "export of everything as CSV": lambda one: number(one.get("export", [None])[0], "s"),
        "highest memory during it": lambda one: number(one.get("export", [None, None])[1], "MiB"),
        "all days kept after": lambda one: number(one["days kept after"], "s"),
        "size of the database": lambda one: number(one["size"][2], "MB"),
    }
    rows += [[name] + [show(results[year]) for year in years] for name, show in more.items()]
    return table([""] + [f"{year} years" if year != 1 else "1 year" for year in years], rows)


def weights(results):
    years = max(results)
    records, samples, _ = results[years]["size"]
    rows = [
        [provider, f"{records.get(provider, 0) / 1e6 / years:.1f} MB", f"{samples.get(provider, 0) / years:,.0f}"]
        for provider in sorted(records)
    ]
    return table(["provider", "records a year", "samples a year"], rows)


def report(results, floor, before):
    pages = results[max(results)]["whoop"]["pages"]
    note = f"The WHOOP import is of {pages['records']:,} records in {pages['pages']} pages."
    return "\n\n".join([budgets(results, floor, before), note, growth(results), weights(results)])
