"""Splits the public data, runs three classifiers on each split, and writes the tables
into docs/dispatch.md.

The split is by a hash of the normalised text, so copies of a message stay on one side;
no choice of Yiwang's since 22 November 2026 was made on its test parts.
"""
import datetime, hashlib, json, os, re, subprocess, sys, time

import numpy as np
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

DATA, WORK, PAGE = sys.argv[1:4]


def load(name):
    with open(f"{DATA}/{name}.jsonl", encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def key(text):
    return re.sub(r"[\W_]", "", (text or "").lower())


def bucket(row, parts=8):
    return int(hashlib.sha256(("push" + key(row["text"])).encode()).hexdigest(), 16) % parts


def write(name, rows):
    with open(f"{WORK}/{name}", "w", encoding="utf-8") as f:
        for r in rows:
            f.write(json.dumps(r, ensure_ascii=False) + "\n")
    return f"{WORK}/{name}"


def apart(rows, test):
    keys = {key(r["text"]) for r in test}
    return [r for r in rows if key(r["text"]) not in keys]


def tasks():
    """Yields label, training rows, test rows, further files for Yiwang, whether the others run too."""
    matters = load("matters")
    twice = [r for r in matters if r["passes"] == 2 and bucket(r) < 4]
    everything = ["matters", "stream", "replies", "messages"]
    yield "matter", apart(matters, twice), twice, everything, True

    messages, titles = load("messages"), load("titles")
    test = [r for r in messages if bucket(r) < 2]
    names = {key(r["title"]) for r in test if r["title"]}
    train = [r for r in apart(messages, test) if not r["title"] or key(r["title"]) not in names]
    yield "category", train + [dict(t, text="") for t in titles if key(t["title"]) not in names], test, [], True

    units = {u["id"]: u for u in load("reply_units")}
    rows = [dict(r, unit_type=units[r["id"]]["unit_type"], also=units[r["id"]]["also"]) for r in load("replies") if r["id"] in units]
    test = [r for r in rows if bucket(r) < 2]
    yield "unit_type", apart(rows, test), test, ["matters", "stream", "messages"], True

    for label in ("nature", "urgent"):
        yield label, apart(matters, twice), twice, [], False
    more = twice + [r for r in matters if r["passes"] == 1 and bucket(r) == 0]
    for label in ("demands", "place"):
        yield label, apart(matters, more), more, [], False


def spent():
    """Processor seconds of the programs that were run, on all cores together."""
    t = os.times()
    return t.children_user + t.children_system


def words(row):
    return ((row.get("title") or "") + "。" + (row.get("text") or "")).replace("\n", " ").lower()


def figures(scores, labels, test, label):
    order = np.argsort(-scores, 1)
    right = [{r[label], *((r.get("also") or []) if label != "category" else [])} for r in test]
    hit = np.array([labels[o[0]] in ok for o, ok in zip(order, right)])
    top3 = np.mean([any(labels[j] in ok for j in o[:3]) for o, ok in zip(order, right)])
    said = [r[label] if h else labels[o[0]] for r, h, o in zip(test, hit, order)]
    f1 = []
    for c in {r[label] for r in test} | set(said):
        tp = sum(s == c == r[label] for s, r in zip(said, test))
        n = sum(s == c for s in said) + sum(r[label] == c for r in test)
        f1.append(2 * tp / n if n else 0)
    top2 = -np.sort(-scores, 1)[:, :2]
    sure = np.argsort(-(top2[:, 0] - top2[:, 1]), kind="stable")
    share = np.cumsum(hit[sure]) / np.arange(1, len(sure) + 1)
    at = np.where(share >= 0.95)[0]
    return hit.mean(), np.mean(f1), top3, (at[-1] + 1) / len(sure) if len(at) else 0


def svm(train, test, label):
    start = time.process_time()
    body = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True, min_df=2)
    title = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
    name = lambda rows: [(r.get("title") or "").lower() for r in rows]
    a = hstack([body.fit_transform(map(words, train)), 0.5 * title.fit_transform(name(train))]).tocsr()
    model = LinearSVC().fit(a, [r[label] for r in train])
    trained = time.process_time() - start
    start = time.process_time()
    b = hstack([body.transform(map(words, test)), 0.5 * title.transform(name(test))]).tocsr()
    scores = model.decision_function(b)
    return (*figures(scores, list(model.classes_), test, label), trained, len(test) / (time.process_time() - start))


def fasttext(train, test, label):
    spaced = lambda r: " ".join(re.sub(r"\s", "", words(r)))
    names = {c: f"__label__{i}" for i, c in enumerate(sorted({r[label] for r in train}))}
    with open(f"{WORK}/ft.train", "w", encoding="utf-8") as f:
        f.writelines(f"{names[r[label]]} {spaced(r)}\n" for r in train)
    with open(f"{WORK}/ft.test", "w", encoding="utf-8") as f:
        f.writelines(spaced(r) + "\n" for r in test)
    start = spent()
    subprocess.run(["fasttext", "supervised", "-input", f"{WORK}/ft.train", "-output", f"{WORK}/ft", "-epoch", "25", "-lr", "0.5", "-wordNgrams", "3", "-dim", "100", "-thread", "2"], check=True, capture_output=True)
    trained = spent() - start
    start = spent()
    out = subprocess.run(["fasttext", "predict-prob", f"{WORK}/ft.bin", f"{WORK}/ft.test", str(len(names))], check=True, capture_output=True, text=True).stdout
    speed = len(test) / (spent() - start)
    labels = list(names)
    place = {names[c]: i for i, c in enumerate(labels)}
    scores = np.zeros((len(test), len(labels)))
    for i, line in enumerate(out.splitlines()):
        parts = line.split()
        for name, p in zip(parts[::2], parts[1::2]):
            scores[i, place[name]] = float(p)
    return (*figures(scores, labels, test, label), trained, speed)


def yiwang(train, test, label, more):
    cmd = [f"{WORK}/yiwang", "dispatch", "eval", "--train", write("train.jsonl", train), "--test", write("test.jsonl", test), "--label", label, "--json"]
    cmd += [x for m in more for x in ("--texts", f"{DATA}/{m}.jsonl")] or ["--alone"]
    if label == "place":
        cmd += ["--addresses", f"{DATA}/../address/train.txt"]
    return json.loads(subprocess.run(cmd, check=True, capture_output=True, text=True).stdout)


def wilson(p, n):
    """The 95 % interval of a share."""
    z = 1.959964
    mid, half = p + z * z / (2 * n), z * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5
    return f"{p:.3f} ({(mid - half) / (1 + z * z / n):.2f}–{(mid + half) / (1 + z * z / n):.2f})"


def beside(name, who, f):
    """A row of the table in which Yiwang stands beside the others."""
    auto = f"{f[6]:.3f} at {f[7]:.3f}" if len(f) > 6 else "–"
    return f"| {name} | {who} | {f[0]:.3f} | {f[1]:.3f} | {f[2]:.3f} | {f[3]:.3f} | {auto} | {f[4]:.1f} | {f[5]:,.0f} |"


def own(name, r):
    """A row of the table of Yiwang's own figures."""
    n = r["n"]
    if name.startswith(("demands", "place")):
        return f"| {name} | {n:,} | {wilson(r['accuracy'], n)} | {r['macro_f1']:.3f} | | | | | | |"
    level2 = wilson(r["level2_accuracy"], n) if "level2_accuracy" in r else ""
    sent = f"{wilson(r['auto_share'], n)}, {wilson(r['auto_precision'], max(1, round(n * r['auto_share'])))} right"
    return f"| {name} | {n:,} | {wilson(r['accuracy'], n)} | {r['macro_f1']:.3f} | {wilson(r['top3'], n)} | {level2} | {r['precision_at_91_coverage']:.3f} | {r['coverage_at_95_precision']:.3f} | {sent} | {r['calibration_error']:.3f} |"


def main():
    rows, figures_of = [], []

    def say(table, line):
        table.append(line)
        print(line, flush=True)

    for label, train, test, more, others in tasks():
        name = f"{label} ({len(train):,} → {len(test):,})"
        ways = [("these labels alone", [])] + ([("with all text", more)] if more else [])
        for how, files in reversed(ways):
            r = yiwang(train, test, label, files)
            say(figures_of, own(f"{label}, {how}", r))
            if others:
                say(rows, beside(name, f"Yiwang, {how}", [r[k] for k in ("accuracy", "macro_f1", "top3", "coverage_at_95_precision", "train_cpu_seconds", "messages_per_second", "auto_share", "auto_precision")]))
        if others:
            say(rows, beside(name, "linear SVM", svm(train, test, label)))
            say(rows, beside(name, "fastText", fasttext(train, test, label)))
    table = "\n".join([
        f"Measured on {datetime.date.today()} by `bench/dispatch/run`; load of the machine when it ended {os.getloadavg()[0]:.1f}.", "",
        "| Yiwang | n | accuracy | macro F1 | top 3 | level 2 | precision at 91 % | could be sent at 95 % | sent at its own threshold | calibration error |",
        "|---|---|---|---|---|---|---|---|---|---|", *figures_of, "",
        "| task | who | accuracy | macro F1 | top 3 | could be sent at 95 % | sent at its own threshold | training, CPU s | messages a CPU s |",
        "|---|---|---|---|---|---|---|---|---|", *rows])
    with open(PAGE, encoding="utf-8") as f:
        page = f.read()
    begin, end = "<!-- bench/dispatch/run -->", "<!-- end -->"
    before, rest = page.split(begin)
    with open(PAGE, "w", encoding="utf-8") as f:
        f.write(f"{before}{begin}\n{table}\n{end}{rest.split(end, 1)[1]}")


main()
